"""Variants of texts: some words in place of others, so that a teacher has more to read than there is.

Words are exchanged for neighbours among static vectors, as in TinyBERT (Jiao et al., 2020), and for words of the same
part-of-speech tag, as for the LSTMs that BERT taught (Tang et al., 2019).
"""

from collections import Counter, defaultdict
from random import Random
from typing import Counter as CounterType
from typing import Dict, Iterable, Iterator, List, Mapping, NamedTuple, Optional, Sequence, Set

import numpy
from spacy.tokens import Doc, Token
from spacy.vocab import Vocab
from thinc.types import Floats2d

from ..errors import Errors
from ..sentences import has_borders

NEIGHBOURS = 12
# vectors come by the frequency of their words: what is rarer is hardly a word
FREQUENT = 40_000
_AT_ONCE = 500


class Words(NamedTuple):
    """The words of a corpus.

    forms (Set[str]): Those of letters alone, in lower case.
    by_tag (Dict[str, List[str]]): Those of each fine-grained tag, as often as they come.
    """

    forms: Set[str]
    by_tag: Dict[str, List[str]]


def read_words(docs: Iterable[Doc]) -> Words:
    """Read the words of a corpus.

    docs (Iterable[Doc]): The corpus.
    RETURNS (Words): Its words. Without tags `by_tag` is empty.
    """
    counts: Dict[str, CounterType[str]] = defaultdict(Counter)
    forms = set()
    for doc in docs:
        for token in doc:
            if token.is_alpha:
                forms.add(token.lower_)
                if token.tag:
                    counts[token.tag_][token.text] += 1
    return Words(forms, {tag: list(found.elements()) for tag, found in counts.items()})


def find_neighbours(vocab: Vocab, forms: Iterable[str], count: int = NEIGHBOURS) -> Dict[str, List[str]]:
    """The words whose static vectors are nearest, by cosine, among the most frequent words.

    vocab (Vocab): Has the vectors, those of frequent words first.
    forms (Iterable[str]): Words.
    count (int): How many neighbours of each word.
    RETURNS (Dict[str, List[str]]): By word its neighbours; a word without a vector is not there.
    RAISES (ValueError): E195 if the vocabulary has no vectors of words.
    """
    vectors = vocab.vectors
    if not len(vectors) or vectors.mode != "default":
        found = "none" if not len(vectors) else f"vectors of parts of words (mode '{vectors.mode}')"
        raise ValueError(Errors.E195.format(expected="vectors of whole words", found=found))
    names: Dict[int, str] = {}
    for key, row in vectors.key2row.items():
        if key not in vocab.strings:
            # nothing tells how the word is spelled
            continue
        name = vocab.strings[key]
        # of several spellings that share a vector the one in lower case
        if row >= 0 and name.isalpha() and (row not in names or name.islower()):
            names[row] = name
    rows = sorted(names)[:FREQUENT]
    table = _normalize(vectors.data[rows])
    known = sorted(form for form in forms if vocab.has_vector(form))
    neighbours = {}
    for first in range(0, len(known), _AT_ONCE):
        part = known[first : first + _AT_ONCE]
        similarity = _normalize(numpy.asarray([vocab.get_vector(form) for form in part])) @ table.T
        # one more, since a word is its own neighbour
        best = min(count + 1, len(rows))
        nearest = numpy.argpartition(-similarity, best - 1, axis=1)[:, :best]
        for form, places, values in zip(part, nearest, similarity):
            others = [names[rows[place]] for place in places[numpy.argsort(-values[places])].tolist()]
            neighbours[form] = [name for name in others if name.lower() != form][:count]
    return {form: found for form, found in neighbours.items() if found}


def vary(
    doc: Doc, random: Random, share: float, neighbours: Mapping[str, Sequence[str]], by_tag: Mapping[str, Sequence[str]]
) -> Optional[Doc]:
    """A variant of a text.

    doc (Doc): The text, with tags if words of the same tag are to be used.
    random (Random): Draws the words.
    share (float): The probability of a word of letters to be exchanged, in (0, 1].
    neighbours (Mapping[str, Sequence[str]]): Words to take, by word in lower case.
    by_tag (Mapping[str, Sequence[str]]): Words to take, by tag. Where both have some, each is as likely.
    RETURNS (Optional[Doc]): The variant with the capitals, spaces and borders of sentences of the text, and no other
        annotation; None if no word was exchanged.
    """
    words = [token.text for token in doc]
    for place, token in enumerate(doc):
        if token.is_alpha and random.random() < share:
            sources = [found for found in (neighbours.get(token.lower_), by_tag.get(token.tag_)) if found]
            if sources:
                words[place] = _with_capitals_of(token, random.choice(random.choice(sources)))
    if all(word == token.text for word, token in zip(words, doc)):
        return None
    spaces = None if doc.has_unknown_spaces else [bool(token.whitespace_) for token in doc]
    starts = [token.is_sent_start for token in doc] if has_borders(doc) else None
    return Doc(doc.vocab, words=words, spaces=spaces, sent_starts=starts)  # type: ignore[arg-type]


def vary_all(
    docs: Iterable[Doc],
    random: Random,
    share: float,
    neighbours: Mapping[str, Sequence[str]],
    by_tag: Mapping[str, Sequence[str]],
) -> Iterator[Doc]:
    """Variants of texts, those left out in which no word was exchanged. The arguments are those of `vary`.

    YIELDS (Doc): The variants.
    """
    for doc in docs:
        variant = vary(doc, random, share, neighbours, by_tag)
        if variant is not None:
            yield variant


def _with_capitals_of(token: Token, word: str) -> str:
    if token.is_lower:
        return word.lower()
    if token.is_upper and len(token) > 1:
        return word.upper()
    return word[:1].upper() + word[1:] if token.is_title else word


def _normalize(vectors: Floats2d) -> Floats2d:
    lengths = numpy.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors / numpy.where(lengths > 0, lengths, 1)
