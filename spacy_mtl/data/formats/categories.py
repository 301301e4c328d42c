"""Texts with categories, whatever file they come from, and Docs from them."""

import re
from typing import Dict, Iterable, Iterator, List, Mapping, NamedTuple, Optional, Protocol, Sequence, Set

from spacy.language import Language
from spacy.tokens import Doc
from spacy.util import get_words_and_spaces

from ...errors import Errors
from ...translations import set_translations
from .docs import TextSpan, check_text, set_text_entities
from .remarks import Remarks

BLANKS = r"[ \t\r\n]+"  # a no-break space and its like stand inside words


class LabelledText(NamedTuple):
    """A text with what a file says about it.

    place (str): File, line and id, for messages.
    text (str): The text.
    words (Optional[List[str]]): The tokens, if the file has them.
    chosen (Optional[List[str]]): The labels that hold; all others of the corpus do not. None if the file does not say.
    values (Dict[str, float]): Labels with their own value from 0 to 1; nothing is known about others.
    entities (Optional[List[TextSpan]]): The entities; None if the file does not say.
    id (str): The id; "" if there is none.
    complete (bool): Whether tokens outside of the entities are known to be in none.
    translations (Optional[Dict[str, str]]): The translations by language; None if the file does not say.
    """

    place: str
    text: str
    words: Optional[List[str]] = None
    chosen: Optional[List[str]] = None
    values: Dict[str, float] = {}
    entities: Optional[List[TextSpan]] = None
    id: str = ""
    complete: bool = True
    translations: Optional[Dict[str, str]] = None


class Labelled(Protocol):
    """What a file gives for a text, as far as its labels are concerned."""

    @property
    def chosen(self) -> Optional[List[str]]:
        """RETURNS (Optional[List[str]]): The labels that hold; None if the file does not say."""


def with_votes(text: LabelledText, votes: Mapping[str, int]) -> LabelledText:
    """A text with what several annotators said of it: each label has the share of its votes, all others have none.

    text (LabelledText): The text.
    votes (Mapping[str, int]): Votes by label.
    RETURNS (LabelledText): The same with labels; without any if there are no votes.
    """
    total = sum(votes.values())
    if not total:
        return text
    return text._replace(chosen=list(votes), values={label: count / total for label, count in votes.items()})


def collect_labels(texts: Iterable[Labelled]) -> Set[str]:
    """The labels that are chosen in any of the texts.

    texts (Iterable[Labelled]): The texts of a corpus.
    RETURNS (Set[str]): The labels.
    """
    return {label for text in texts for label in text.chosen or ()}


def choose(chosen: Sequence[str], labels: Sequence[str], place: str) -> Dict[str, float]:
    """The values of all labels: 1 for those that hold, 0 for the others.

    chosen (Sequence[str]): The labels that hold.
    labels (Sequence[str]): All labels of the corpus.
    place (str): Where the labels stand, for messages.
    RETURNS (Dict[str, float]): Label to value.
    RAISES (ValueError): E142 for a label that is not among `labels`.
    """
    for label in chosen:
        if label not in labels:
            raise ValueError(Errors.E142.format(place=place, found=label, expected=", ".join(labels)))
    return {label: float(label in chosen) for label in labels}


def make_docs(
    texts: Iterable[LabelledText],
    nlp: Language,
    labels: Sequence[str],
    *,
    split_words: bool = False,
    remarks: Optional[Remarks] = None,
) -> Iterator[Doc]:
    """Docs with categories and, where the file has them, entities. The id goes to `doc.user_data["doc_id"]`.

    texts (Iterable[LabelledText]): The texts.
    nlp (Language): Gives the vocabulary, and the tokenizer for texts without words.
    labels (Sequence[str]): All labels of the corpus.
    split_words (bool): Whether to split texts at white space instead of tokenizing them.
    remarks (Optional[Remarks]): Takes texts that are left out.
    YIELDS (Doc): One Doc a text.
    RAISES (ValueError): E126 for a text or a label that a Doc cannot hold, E138 for entities that do not fit the
        tokens, E141 for words that are not those of the text, E142 for an unknown label.
    """
    remarks = remarks or Remarks()
    for text in texts:
        with remarks.skipping():
            yield _make_doc(text, nlp, labels, split_words)


def _make_doc(text: LabelledText, nlp: Language, labels: Sequence[str], split_words: bool) -> Doc:
    check_text(text.text, nlp, text.place)
    doc = _make_tokens(text, nlp, split_words)
    categories = {} if text.chosen is None else choose(text.chosen, labels, text.place)
    doc.cats = {**categories, **text.values}
    if text.entities is not None:
        set_text_entities(doc, text.entities, text.place, complete=text.complete)
    if text.translations is not None:
        set_translations(doc, text.translations)
    if text.id:
        doc.user_data["doc_id"] = text.id
    return doc


def _make_tokens(text: LabelledText, nlp: Language, split_words: bool) -> Doc:
    words = text.words
    if words is None and split_words:
        words = [word for word in re.split(BLANKS, text.text) if word]
        if text.entities is None:
            return Doc(nlp.vocab, words=words)
    if words is None:
        return nlp.make_doc(text.text)
    try:
        words, spaces = get_words_and_spaces(words, text.text)
    except ValueError as error:
        found = " ".join(words)
        message = Errors.E141.format(place=text.place, field="tokens", expected="the words of the text", found=found)
        raise ValueError(message) from error
    return Doc(nlp.vocab, words=words, spaces=spaces)
