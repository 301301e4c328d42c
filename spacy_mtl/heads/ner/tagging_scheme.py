"""Entities as tags, one a token, and which tags may follow one another.

"biluo" has for every label B (begins), I (inside), L (last) and U (the only token); "bio" has B and I. Both have O for
tokens outside of entities.
"""

from typing import Dict, Iterable, List, NamedTuple, Optional, Sequence, Tuple

import numpy
from thinc.types import Array2d, Ints1d

from ...errors import Errors
from ..crf.chain import LegalTags

OUTSIDE = "O"
SCHEMES: Dict[str, str] = {"biluo": "BILU", "bio": "BI"}


class EntitySpan(NamedTuple):
    """An entity in token offsets.

    label (str): Its label.
    start (int): Index of the first token.
    end (int): Index after the last token.
    probability (Optional[float]): The model's probability in [0, 1] of exactly this entity.
    """

    label: str
    start: int
    end: int
    probability: Optional[float] = None


class TagSet(NamedTuple):
    """The tags of a set of labels.

    scheme (str): "biluo" or "bio".
    labels (Tuple[str, ...]): The labels.
    tags (Tuple[str, ...]): "O", then for each label its tags, such as "B-PERSON".
    legal (LegalTags): The legal tag sequences.
    """

    scheme: str
    labels: Tuple[str, ...]
    tags: Tuple[str, ...]
    legal: LegalTags


def make_tag_set(scheme: str, labels: Iterable[str]) -> TagSet:
    """Find the tags of a set of labels.

    scheme (str): "biluo" or "bio".
    labels (Iterable[str]): The labels, without repetition.
    RETURNS (TagSet): The tags.
    RAISES (ValueError): E201 for another scheme.
    """
    if scheme not in SCHEMES:
        raise ValueError(Errors.E201.format(scheme=scheme, schemes=", ".join(repr(name) for name in SCHEMES)))
    labels = tuple(labels)
    prefixes = SCHEMES[scheme]
    tags = (OUTSIDE, *(f"{prefix}-{label}" for label in labels for prefix in prefixes))
    prefix = numpy.array([tag[0] for tag in tags])
    label = numpy.concatenate([[-1], numpy.repeat(numpy.arange(len(labels)), len(prefixes))])
    continues = numpy.isin(prefix, ["I", "L"])
    continued = numpy.isin(prefix, ["B", "I"])
    same_label = label[:, None] == label[None, :]  # [tags, tags]
    transitions = continued[:, None] & continues[None, :] & same_label
    closed = ~continued if scheme == "biluo" else numpy.ones_like(continued)
    transitions |= closed[:, None] & ~continues[None, :]
    return TagSet(scheme, labels, tags, LegalTags(transitions, ~continues, closed))


def allowed_tags(tag_set: TagSet, biluo: Sequence[Optional[str]]) -> Array2d:
    """The tags that an annotation leaves possible.

    tag_set (TagSet): The tags.
    biluo (Sequence[Optional[str]]): The annotation of one text in the scheme BILUO, as spaCy gives it. Unknown are
        None, "" and "-", and entities with a label that the tag set lacks.
    RETURNS (Array2d): Boolean, shape (tokens, tags).
    """
    index = {tag: i for i, tag in enumerate(tag_set.tags)}
    allowed = numpy.zeros((len(biluo), len(tag_set.tags)), dtype="bool")
    inside = None
    for i, tag in enumerate(biluo):
        known = index.get(_to_scheme(tag, tag_set.scheme)) if tag else None
        if known is not None:
            allowed[i, known] = True
        else:
            allowed[i] = True
            if inside is not None:
                allowed[i, inside] = False
        # In BIO the tag after an entity tells where it ends, also if that tag is open.
        inside = None
        if tag_set.scheme == "bio" and known is not None and tag and tag[0] in "LU":
            inside = index["I" + tag[1:]]
    return allowed


def drop_tokens(biluo: Sequence[Optional[str]], keep: Sequence[bool]) -> List[Optional[str]]:
    """The annotation of a text without some of its tokens, such as whitespace; entities close up.

    biluo (Sequence[Optional[str]]): The annotation in the scheme BILUO.
    keep (Sequence[bool]): Whether each token stays.
    RETURNS (List[Optional[str]]): The annotation of the tokens that stay.
    """
    kept: List[Optional[str]] = []
    entity = 0
    for tag, stays in zip(biluo, keep):
        prefix = tag[0] if tag else ""
        if prefix in ("B", "U"):
            entity = 0
        if stays:
            kept.append(tag)
            entity = entity + 1 if prefix in ("B", "I", "L", "U") else 0
        if prefix in ("L", "U") and entity:
            label = str(tag)[2:]
            kept[-entity:] = span_tags("biluo", label, entity)
            entity = 0
    return kept


def span_tags(scheme: str, label: str, length: int) -> List[str]:
    """The tags of one entity.

    scheme (str): "biluo" or "bio".
    label (str): Its label.
    length (int): Its number of tokens, at least one.
    RETURNS (List[str]): One tag for each token.
    """
    if scheme == "bio":
        return [f"B-{label}"] + [f"I-{label}"] * (length - 1)
    if length == 1:
        return [f"U-{label}"]
    return [f"B-{label}"] + [f"I-{label}"] * (length - 2) + [f"L-{label}"]


def read_entities(tag_set: TagSet, tags: Ints1d) -> List[EntitySpan]:
    """The entities of one text.

    tag_set (TagSet): The tags.
    tags (Ints1d): The index of each token's tag: a legal sequence.
    RETURNS (List[EntitySpan]): In the order of the text, without probability.
    """
    n_prefixes = len(SCHEMES[tag_set.scheme])
    tokens = numpy.flatnonzero(tags)
    begins = numpy.isin((tags[tokens] - 1) % n_prefixes, [0, 3])  # B and U
    starts = tokens[begins]
    last = numpy.append(numpy.flatnonzero(begins)[1:] - 1, len(tokens) - 1)[: len(starts)]
    ends = tokens[last] + 1
    labels = (tags[starts] - 1) // n_prefixes
    return [EntitySpan(tag_set.labels[k], int(i), int(j)) for k, i, j in zip(labels, starts, ends)]


def _to_scheme(biluo_tag: str, scheme: str) -> str:
    if scheme == "bio" and len(biluo_tag) > 1:
        return {"U": "B", "L": "I"}.get(biluo_tag[0], biluo_tag[0]) + biluo_tag[1:]
    return biluo_tag
