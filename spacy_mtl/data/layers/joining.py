"""Layers of annotation on the same texts, from several corpora, together on one Doc."""

from collections import Counter, defaultdict
from typing import Any, Callable, Dict, Iterable, Iterator, List, NamedTuple, Optional, Sequence, Tuple
from typing import Counter as CounterType

from spacy.tokens import Doc

from ...errors import Errors
from ...frames import slice_doc
from .characters import Characters, DoesNotFit, Mapping, remove_blanks
from .layers import LAYERS, Layer

TEXTS = "texts"
FOUND, MISSING, LEFT_OVER = "found", "not in this corpus", "not in the first corpus"
OTHER_CHARACTERS = "same id, other characters"
JOINED, SAME, KEPT = "joined", "the same", "disagree, the earlier is kept"
MISFIT = "do not fit the tokens"
BROKEN = "cannot be read"
KEYS = ("text", "id")
_IDS = ("sent_id", "doc_id")
_SHOWN = 60
_LISTED = 3


class Outcome(NamedTuple):
    """What became of something.

    corpus (str): The name of the corpus that was joined to the first.
    layer (str): The name of a layer, or "texts".
    result (str): One of the outcomes above.
    """

    corpus: str
    layer: str
    result: str


class Outcomes:
    """How often something came out, with the first few texts."""

    def __init__(self) -> None:
        self.counts: CounterType[Outcome] = Counter()
        self.texts: Dict[Outcome, List[str]] = defaultdict(list)

    def add(self, corpus: str, layer: str, result: str, doc: Doc) -> None:
        """Count an outcome.

        corpus (str): The name of the corpus that was joined to the first.
        layer (str): The name of a layer, or "texts".
        result (str): One of the outcomes above.
        doc (Doc): The Doc.
        """
        outcome = Outcome(corpus, layer, result)
        self.counts[outcome] += 1
        if len(self.texts[outcome]) < _LISTED:
            self.texts[outcome].append(doc.text[:_SHOWN].strip())


def join_corpora(
    first: Iterable[Doc],
    others: Dict[str, Iterable[Doc]],
    outcomes: Outcomes,
    *,
    by: str = "text",
    layers: Optional[Sequence[str]] = None,
) -> Iterator[Doc]:
    """The Docs of a corpus with layers of others. Tokens, order, and what both have, are the first corpus's.

    Docs belong together that have the same text, white space aside, or the same id. Of a text that comes several times
    the first Doc here belongs to the first there, and so on. A layer comes along if the Doc does not have it. Spans and
    sentences are brought to its tokens through the characters; if one does not begin and end with a token, the Doc
    stays without that layer, as tokens, tags and trees do if the tokens differ. Categories, span groups and
    translations that the Doc has no values for are added to those it has.

    first (Iterable[Doc]): The first corpus. Its Docs are written to.
    others (Dict[str, Iterable[Doc]]): Further corpora by name, in the order in which they are joined; with the
        vocabulary of the first.
    outcomes (Outcomes): Takes what became of every layer.
    by (str): "text", or "id": the sent_id in a Doc's user data, or its doc_id if it has no other.
    layers (Optional[Sequence[str]]): Names of those layers that the others give; by default all.
    RETURNS (Iterator[Doc]): As many Docs as the first corpus has.
    RAISES (ValueError): E191 for a Doc without an id, or two of one corpus with the same; E193 for another `by` or
        unknown layers.
    """
    names = [layer.name for layer in LAYERS]
    for setting, known, found in (("by", KEYS, [by]), ("layers", names, list(layers or ()))):
        if not set(found) <= set(known):
            raise ValueError(Errors.E193.format(setting=setting, expected=", ".join(known), found=", ".join(found)))
    chosen = [layer for layer in LAYERS if layers is None or layer.name in layers]
    return _join(first, others, outcomes, _key_by_text if by == "text" else _key_by_id, chosen)


def split_sentences(docs: Iterable[Doc]) -> Iterator[Doc]:
    """The sentences of Docs that have borders as Docs; the others as they are.

    docs (Iterable[Doc]): The Docs.
    YIELDS (Doc): A sentence, with the doc_id of its Doc.
    """
    for doc in docs:
        if not doc.has_annotation("SENT_START"):
            yield doc
            continue
        for sentence in doc.sents:
            part = slice_doc(doc, sentence.start, sentence.end)
            part.user_data.update({name: value for name, value in doc.user_data.items() if name == _IDS[1]})
            yield part


def _join(
    first: Iterable[Doc],
    others: Dict[str, Iterable[Doc]],
    outcomes: Outcomes,
    to_keys: Callable[[str, Iterable[Doc]], Iterator[Tuple[Any, Doc]]],
    layers: Sequence[Layer],
) -> Iterator[Doc]:
    indices = {name: dict(to_keys(name, docs)) for name, docs in others.items()}
    for key, doc in to_keys("the first corpus", first):
        for name, index in indices.items():
            other = index.pop(key, None)
            if other is None:
                outcomes.add(name, TEXTS, MISSING, doc)
                continue
            target, source = Characters(doc), Characters(other)
            same = target.text == source.text
            outcomes.add(name, TEXTS, FOUND if same else OTHER_CHARACTERS, doc)
            if same:
                for layer in layers:
                    _join_layer(doc, other, layer, Mapping(source, target), Mapping(target, target), name, outcomes)
        yield doc
    for name, index in indices.items():
        for other in index.values():
            outcomes.add(name, TEXTS, LEFT_OVER, other)


def _join_layer(
    doc: Doc, other: Doc, layer: Layer, mapping: Mapping, itself: Mapping, name: str, outcomes: Outcomes
) -> None:
    if not layer.is_in(other):
        return
    try:
        new = layer.read(other, mapping)
        if not layer.is_in(doc):
            layer.write(doc, new)
            result = JOINED
        else:
            old = layer.read(doc, itself)
            agree = all(old[key] == new[key] for key in old if key in new) if isinstance(old, dict) else old == new
            result = SAME if agree else KEPT
            if isinstance(old, dict) and not set(new) <= set(old):
                layer.write(doc, {**new, **old})
                result = JOINED if agree else KEPT
    except DoesNotFit:
        result = MISFIT
    except ValueError:
        result = BROKEN
    outcomes.add(name, layer.name, result, doc)


def _key_by_text(name: str, docs: Iterable[Doc]) -> Iterator[Tuple[Any, Doc]]:
    seen: CounterType[str] = Counter()
    for doc in docs:
        text = remove_blanks(doc.text)
        seen[text] += 1
        yield (text, seen[text]), doc


def _key_by_id(name: str, docs: Iterable[Doc]) -> Iterator[Tuple[Any, Doc]]:
    numbers: Dict[Any, int] = {}
    for number, doc in enumerate(docs, start=1):
        key = next((doc.user_data[found] for found in _IDS if doc.user_data.get(found)), None)
        problem = "" if key is not None else "has no id"
        if key in numbers:
            problem = f"has the id '{key}', as Doc {numbers[key]} has"
        if problem:
            text = doc.text[:_SHOWN]
            raise ValueError(Errors.E191.format(number=number, corpus=name, text=text, problem=problem))
        numbers[key] = number
        yield key, doc
