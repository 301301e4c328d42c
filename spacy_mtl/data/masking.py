"""Docs with some of their annotation taken away: what a source is not meant to teach."""

from typing import Dict, FrozenSet, Iterable, List, Mapping, Optional, Sequence, Union

from spacy.tokens import Doc

from ..annotation import copy_tokens
from ..span_places import copy_group
from ..translations import TRANSLATIONS_KEY

CATEGORIES = "doc.cats"
ENTITIES = "doc.ents"
SPANS = "doc.spans"
TRANSLATION = "doc._.translation"
# By what a component says it assigns: the attributes of tokens that hold it.
TOKEN_ATTRIBUTES: Dict[str, Sequence[str]] = {
    "token.tag": ("TAG",),
    "token.pos": ("POS",),
    "token.morph": ("MORPH",),
    "token.lemma": ("LEMMA",),
    "token.dep": ("DEP", "HEAD"),
    "token.is_sent_start": ("SENT_START",),
    "doc.sents": ("SENT_START",),
}
KNOWN_LAYERS = {CATEGORIES, ENTITIES, SPANS, TRANSLATION, *TOKEN_ATTRIBUTES}


def mask(
    doc: Doc,
    layers: Iterable[str],
    *,
    categories: Optional[FrozenSet[str]] = None,
    span_groups: Optional[FrozenSet[str]] = None,
) -> Doc:
    """A copy of a Doc with only some layers of its annotation. User data stays.

    doc (Doc): The Doc.
    layers (Iterable[str]): What stays, in the words of spaCy's `assigns`: "doc.cats", "doc.ents", "token.tag" ...
        With "doc.spans" the borders of sentences stay: they bound the arguments of predicates.
    categories (Optional[FrozenSet[str]]): Of "doc.cats", the labels that stay; None for all.
    span_groups (Optional[FrozenSet[str]]): Of "doc.spans", the groups that stay; None for all.
    RETURNS (Doc): The copy. What was masked is unknown, and not empty.
    """
    kept = set(layers)
    masked = copy_tokens(doc)
    attributes: List[Union[int, str]] = sorted(
        {name for layer in kept for name in TOKEN_ATTRIBUTES.get(layer, ()) if doc.has_annotation(name)}
    )
    # arguments lie in the sentence of their predicate
    if SPANS in kept and doc.has_annotation("SENT_START") and "SENT_START" not in attributes:
        attributes.append("SENT_START")
    # a tree sets the borders of sentences itself
    if "DEP" in attributes and "SENT_START" in attributes:
        attributes.remove("SENT_START")
    if attributes and len(doc):
        values = doc.to_array(attributes).reshape(len(doc), len(attributes))
        masked.from_array(attributes, values)
    if ENTITIES in kept and doc.has_annotation("ENT_IOB"):
        open_tokens = [doc[i : i + 1] for i, code in enumerate(doc.to_array("ENT_IOB").tolist()) if code == 0]
        masked.set_ents(list(doc.ents), missing=open_tokens, default="outside")
    if CATEGORIES in kept:
        masked.cats = _choose(doc.cats, categories)
    if SPANS in kept:
        for name, group in _choose(doc.spans, span_groups).items():
            masked.spans[name] = copy_group(group, masked)
    if TRANSLATION in kept and TRANSLATIONS_KEY in doc.spans:
        masked.spans[TRANSLATIONS_KEY] = copy_group(doc.spans[TRANSLATIONS_KEY], masked)
    masked.user_data.update(doc.user_data)
    return masked


def _choose(values: Mapping, names: Optional[FrozenSet[str]]) -> Dict:
    return {name: value for name, value in values.items() if names is None or name in names}
