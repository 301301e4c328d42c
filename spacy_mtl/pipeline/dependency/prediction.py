"""Trees from the model's scores, and their way into Docs."""

from typing import List, NamedTuple, Optional, Sequence

import numpy
from spacy.tokens import Doc
from thinc.api import Model
from thinc.types import Array1d, Floats2d, Ints1d

from ...errors import Errors
from ...heads.dependency.model import NO_ARCS, Arcs, ScorerInput
from ...heads.dependency.trees import best_trees
from ...heads.sentence_groups import lay_out
from ..gradient_guard import is_finite
from .gold import ATTRIBUTES

WHITE_SPACE = "dep"
"""The relation of white space to the token before it, as in spaCy's pipelines."""
ROOT = "root"


class Tree(NamedTuple):
    """What is predicted of a Doc, one entry a token.

    heads (Ints1d): The head, a root's its own index.
    relations (List[str]): The relation to it.
    tags (Optional[List[str]]): The tag; None if none are learned. White space has the tag "".
    """

    heads: Ints1d
    relations: List[str]
    tags: Optional[List[str]]


def predict_trees(
    docs: Sequence[Doc],
    starts: Sequence[Ints1d],
    model: Model,
    relations: Sequence[str],
    tags: Sequence[str],
    name: str,
) -> List[Tree]:
    """Find the best tree of each sentence of a batch.

    docs (Sequence[Doc]): The Docs, left as they are.
    starts (Sequence[Ints1d]): The first tokens of each Doc's sentences.
    model (Model): The model, as `spacy-mtl.BiaffineDependencies.v1` builds it.
    relations (Sequence[str]): The relations.
    tags (Sequence[str]): The tags; empty for none.
    name (str): The name of the component, for messages.
    RETURNS (List[Tree]): A tree for each Doc.
    RAISES (ValueError): E906 if scores are not finite.
    """
    layout = lay_out(docs, starts)
    ops, scorer = model.ops, model.get_ref("scorer")
    vectors = ops.flatten(model.get_ref("tok2vec").predict(docs))
    scores = scorer.predict(ScorerInput(vectors, layout.groups, NO_ARCS))
    if not is_finite(scores):
        raise ValueError(Errors.E906.format(name=name))
    heads = numpy.arange(len(layout.sentence))
    for group, found in zip(layout.groups, scores.heads):
        inside = numpy.arange(group.rows.shape[1]) < group.lengths[:, None]
        chosen = numpy.take_along_axis(group.rows, best_trees(ops.to_numpy(found), group.lengths), axis=1)
        heads[group.rows[inside]] = chosen[inside]
    is_solid = layout.sentence >= 0
    solid = numpy.flatnonzero(is_solid)
    arcs = Arcs(solid, heads[solid])
    found = ops.to_numpy(scorer.predict(ScorerInput(vectors, [], arcs)).relations)
    names = numpy.full(len(heads), WHITE_SPACE, dtype=object)
    names[solid] = _name_relations(arcs, found, relations)
    tag_names = numpy.full(len(heads), "", dtype=object)
    if tags:
        tag_names[solid] = numpy.asarray(tags, dtype=object)[ops.to_numpy(scores.tags)[solid].argmax(axis=1)]
    trees = []
    offset = 0
    for doc, first in zip(docs, starts):
        rows = slice(offset, offset + len(doc))
        of_doc = heads[rows] - offset
        if not is_solid[rows].all():
            _attach_white_space(of_doc, is_solid[rows], numpy.cumsum(numpy.isin(numpy.arange(len(doc)), first)))
        trees.append(Tree(of_doc, names[rows].tolist(), tag_names[rows].tolist() if tags else None))
        offset += len(doc)
    return trees


def is_root_label(label: str) -> bool:
    """RETURNS (bool): Whether a relation is that of a root, "ROOT" or "root": only roots have it, and no other."""
    return label.lower() == ROOT


def _name_relations(arcs: Arcs, scores: Floats2d, relations: Sequence[str]) -> Array1d:
    of_roots = numpy.asarray([is_root_label(relation) for relation in relations])
    if of_roots.any() and not of_roots.all():
        is_root = arcs.dependents == arcs.heads
        scores = numpy.where(is_root[:, None] == of_roots, scores, -numpy.inf)
    return numpy.asarray(relations, dtype=object)[scores.argmax(axis=1)]


def _attach_white_space(heads: Ints1d, is_solid: Array1d, sentence: Ints1d) -> None:
    """Hang white space on the token before it in its sentence, or else on the one after it. In a sentence of nothing
    else the first token is the root."""
    for i in numpy.flatnonzero(~is_solid).tolist():
        own = numpy.flatnonzero(sentence == sentence[i])
        solid = own[is_solid[own]]
        before = solid[solid < i]
        heads[i] = before[-1] if len(before) else solid[0] if len(solid) else own[0]


def write_tree(doc: Doc, tree: Tree) -> None:
    """Write a predicted tree to a Doc. Tags that the Doc has stay.

    doc (Doc): The Doc.
    tree (Tree): The tree.
    """
    if not len(doc):
        return
    strings = doc.vocab.strings
    values = doc.to_array(ATTRIBUTES).reshape((len(doc), len(ATTRIBUTES))).copy()
    if tree.tags is not None:
        found = numpy.asarray([strings.add(tag) if tag else 0 for tag in tree.tags], dtype="uint64")
        values[:, 0] = numpy.where(values[:, 0] == 0, found, values[:, 0])
    values[:, 1] = (tree.heads - numpy.arange(len(doc))).astype("uint64")
    values[:, 2] = [strings.add(relation) for relation in tree.relations]
    doc.from_array(list(ATTRIBUTES), values)
