"""Components that are run as they are, on copies of a text with other words in it: what can be done with any."""

from typing import Any, Callable, List, Sequence, Tuple

from spacy.tokens import Doc
from spacy.vocab import Vocab
from thinc.api import Model
from thinc.types import Floats2d

from .finding_inputs import unseen_words
from .readings import Hiding
from .tasks import Task


class WordCopies:
    """Copies of a text with other words in it, read by encoders. Those that were just read are not read again."""

    def __init__(self, doc: Doc, upstreams: List[Any], mask: str, vocab: Vocab) -> None:
        """doc (Doc): The text. upstreams (List[Any]): The encoders. mask (str): What hides a word; "" for words that
        nobody has seen. vocab (Vocab): Of the copies."""
        self.doc, self.upstreams, self.vocab = doc, upstreams, vocab
        self._hidden = [mask] * len(doc) if mask else list(unseen_words(len(doc)))
        self._read: Tuple[Any, List[Doc]] = (None, [])

    def run(self, kept: Floats2d) -> List[Doc]:
        """RETURNS (List[Doc]): The copies, with what the encoders say of them. kept (Floats2d): What they keep of the
        words; one that is kept to less than half is hidden."""
        if self._read[0] is not kept:
            docs = [self._copy(row < 0.5) for row in kept]
            for pipe in self.upstreams:
                pipe.set_annotations(docs, pipe.predict(docs))
            self._read = kept, docs
        return self._read[1]

    def _copy(self, is_hidden: Any) -> Doc:
        words = [
            hidden if hides and not token.is_space else token.text
            for token, hidden, hides in zip(self.doc, self._hidden, is_hidden)
        ]
        return Doc(self.vocab, words=words, spaces=[bool(token.whitespace_) for token in self.doc])


class WordReading:
    """A component that reads words in whatever way. A word is hidden behind one that nobody has seen, or behind the
    mask of a pretrained encoder. What goes through the encoder cannot be told from what is the head's own."""

    own: Sequence[Any] = ()
    splits = False
    problem = "its encoder is read as a whole"

    def __init__(self, task: Task, copies: WordCopies) -> None:
        """task (Task): The component and what it finds. copies (WordCopies): Of the text."""
        self.task, self.copies = task, copies

    def run(self, hiding: Hiding) -> Tuple[Any, Callable]:
        """RETURNS (Tuple[Any, Callable]): The scores of copies, and a callback that must not be called.
        hiding (Hiding): What they keep of the words."""
        return self.task.score(self.copies.run(hiding.encoder))[0], _no_gradient


def find_mask(models: List[Model]) -> str:
    """RETURNS (str): The mask of the first pretrained encoder in models; "" without one. models (List[Model]): The
    models."""
    shims = [shim for model in models if isinstance(model, Model) for node in model.walk() for shim in node.shims]
    for shim in shims:
        tokenizer = getattr(getattr(shim, "_hfmodel", None), "tokenizer", None)
        if tokenizer is not None and tokenizer.mask_token:
            return str(tokenizer.mask_token)
    return ""


def _no_gradient(d_scores: Any) -> Any:
    raise NotImplementedError
