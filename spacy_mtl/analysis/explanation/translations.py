"""How sure `mtl_translate` is of a translation, and of every word of it."""

from itertools import groupby
from typing import Any, Dict, List, NamedTuple, Optional, Sequence, Tuple

from spacy.tokens import Doc
from thinc.api import xp2torch
from thinc.types import Floats2d

from ...errors import Errors
from ...heads.translation.subwords import UNKNOWN
from ...pipeline.translate.component import Translator
from ...pipeline.translate.spelling import pad_spellings, spell_docs
from .tasks import TRANSLATION, WORD, Finding, Measured, Task, Written, log_odds, probability

INNER = "-'\u2019"
"""Marks that are part of the word before them."""


class Word(NamedTuple):
    """A word of a translation, or a mark.

    text (str): The word.
    start (int): Its first character in the translation.
    subwords (slice): The places of its subwords.
    """

    text: str
    start: int
    subwords: slice


class Translations(Task):
    """The translation of a text, that which the component finds or one that somebody gives, and the words of it. Its
    probability is the product of those of its subwords, in the division that the component learns from, each given
    those before it; a word has the product of its own subwords'. In all copies of the text the translation is the same.
    """

    has_gradient = False

    def __init__(self, name: str, pipe: Translator, doc: Doc) -> None:
        """See `Task`."""
        self.name, self.pipe, self.tokens = name, pipe, len(doc)
        self.reads_spelling = pipe.model.get_ref("decoder").attrs["copies"]
        # by translation its subwords with their marks, and its words
        self._subwords: Dict[str, List[int]] = {}
        self._words: Dict[str, List[Word]] = {}
        self._source = pipe.model.get_ref("tok2vec").predict([doc]), [doc.copy()]
        (found,) = pipe.predict([doc])
        pipe.set_annotations([doc], [found])
        self.findings = []
        if found and found[0].text.strip():
            self.propose(found[0].text)

    def propose(self, target: str) -> List[Finding]:
        """A translation that somebody gives, which is kept among the findings.

        target (str): The translation.
        RETURNS (List[Finding]): The translation, and its words.
        RAISES (ValueError): E812 if it has characters that the component cannot write.
        """
        subwords = self.pipe.subwords
        ((_, *places, _),) = divided = subwords.encode([target])
        if not places or UNKNOWN in places:
            raise ValueError(Errors.E812.format(target=target, name=self.name))
        # with blanks as the subwords have them
        (text,) = subwords.decode([places])
        self._subwords[text] = divided[0]
        self._words[text] = divide_words(subwords.spell(places))
        findings = [self._make(TRANSLATION, self.pipe.labels[0], Written(text, 0, len(text), None))]
        for number, word in enumerate(self._words[text]):
            findings.append(self._make(WORD, word.text, Written(text, word.start, word.start + len(word.text), number)))
        scores = self._score(*self._source)
        shown = [probability(self.measure(one, scores, 1, None).values[0]) for one in findings]
        findings = [one._replace(probability=p) for one, p in zip(findings, shown)]
        self.findings += findings
        return findings

    def score(self, docs: List[Doc]) -> Tuple[Dict[str, Floats2d], None]:
        """RETURNS (Tuple[Dict[str, Floats2d], None]): By translation, the log probabilities of its subwords and of its
        last mark in the copies, shape (copies, subwords + 1), in double precision on the host."""
        return self._score(self.pipe.model.get_ref("tok2vec").predict(docs), docs), None

    def list_rivals(self, finding: Finding) -> List[str]:
        """RETURNS (List[str]): None: another translation is asked about by itself."""
        return []

    def measure(self, finding: Finding, scores: Dict[str, Floats2d], copies: int, against: Optional[str]) -> Measured:
        """See `Task`. RETURNS (Measured): How sure."""
        assert finding.written is not None
        text, _, _, number = finding.written
        places = slice(None) if number is None else self._words[text][number].subwords
        return Measured(log_odds(scores[text][:, places].sum(axis=1))[0])

    def _make(self, kind: str, label: str, written: Written) -> Finding:
        return Finding(self.name, kind, label, 0, self.tokens, None, 0.0, written=written)

    def _score(self, vectors: List[Floats2d], docs: List[Doc]) -> Dict[str, Floats2d]:
        from ...heads.translation.forced import score_given

        decoder = self.pipe.model.get_ref("decoder")
        shim: Any = decoder.shims[0]
        shim._model.eval()
        tokens = xp2torch(decoder.ops.flatten(vectors), device=shim.device)
        lengths = [len(of_copy) for of_copy in vectors]
        spelling = pad_spellings(spell_docs(decoder, docs), shim.device)
        return {
            text: score_given(shim._model, tokens, lengths, subwords, spelling).cpu().numpy().astype("float64")
            for text, subwords in self._subwords.items()
        }


def divide_words(subwords: Sequence[str]) -> List[Word]:
    """The words of a translation: what stands between blanks, without the marks before and after it.

    subwords (Sequence[str]): The subwords, with the blanks before words.
    RETURNS (List[Word]): The words and the marks, in their order.
    """
    numbers: List[int] = []
    kind = ""
    for subword in subwords:
        bare = subword.strip()
        is_word = any(map(str.isalnum, bare)) or (kind == "word" and bare in INNER)
        own = kind if not bare else "word" if is_word else "mark"
        # a blank alone goes with what follows it
        is_new = subword.startswith(" ") or (own != kind and kind != "")
        numbers.append(numbers[-1] + is_new if numbers else 0)
        kind = own if bare else ""
    words: List[Word] = []
    start = 0
    text = "".join(subwords)
    skipped = len(text) - len(text.lstrip())
    for _, group in groupby(range(len(subwords)), key=numbers.__getitem__):
        places = list(group)
        spelled = "".join(subwords[i] for i in places)
        before = len(spelled) - len(spelled.lstrip())
        words.append(Word(spelled.strip(), start + before - skipped, slice(places[0], places[-1] + 1)))
        start += len(spelled)
    return words
