"""Components that are run as they are, on copies of a text with other words in it: what can be done with any."""

from typing import Any, Callable, List, Sequence, Tuple

from spacy.language import Language
from spacy.tokens import Doc
from thinc.api import Model

from .finding_inputs import unseen_words
from .readings import Hiding
from .tasks import Task


class WordReading:
    """A component that reads words in whatever way. A word is hidden behind one that nobody has seen, or behind the
    mask of a pretrained encoder. What goes through the encoder cannot be told from what is the head's own."""

    own: Sequence[Any] = ()
    splits = False
    problem = "its encoder is read as a whole"

    def __init__(self, task: Task, doc: Doc, upstreams: List[Any], nlp: Language) -> None:
        """task (Task): The component and what it finds. doc (Doc): The text. upstreams (List[Any]): The encoders that
        the component listens to. nlp (Language): The pipeline."""
        self.task, self.doc, self.upstreams, self.nlp = task, doc, upstreams, nlp
        mask = find_mask([pipe.model for pipe in [*upstreams, task.pipe]])
        self._hidden = [mask] * len(doc) if mask else list(unseen_words(len(doc)))

    def run(self, hiding: Hiding) -> Tuple[Any, Callable]:
        """RETURNS (Tuple[Any, Callable]): The scores of copies, and a callback that must not be called.
        hiding (Hiding): What they keep of the words; one that is kept to less than half is hidden."""
        docs = [self._copy(row < 0.5) for row in hiding.encoder]
        for pipe in self.upstreams:
            pipe.set_annotations(docs, pipe.predict(docs))
        return self.task.score(docs)[0], _no_gradient

    def _copy(self, is_hidden: Any) -> Doc:
        words = [
            hidden if hides and not token.is_space else token.text
            for token, hidden, hides in zip(self.doc, self._hidden, is_hidden)
        ]
        return Doc(self.nlp.vocab, words=words, spaces=[bool(token.whitespace_) for token in self.doc])


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
