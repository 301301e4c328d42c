"""The model of mtl_dependency: tags, heads and relations from one biaffine scorer (Dozat and Manning, 2017)."""

from typing import Callable, List, NamedTuple, Optional, Sequence, Tuple, Union

import numpy
from spacy.tokens import Doc
from thinc.api import Model, glorot_uniform_init, normal_init, zero_init
from thinc.types import Floats2d, Floats3d, Ints1d

from ...setting_checks import check_size, set_input_width
from ...types import TokenVectors
from ..sentence_groups import Layout, SentenceGroup, lay_out
from ..srl.arguments import dropout_mask

NAME = "spacy-mtl.BiaffineDependencies.v1"


class Arcs(NamedTuple):
    """Arcs of which the relation is asked; a root is its own head.

    dependents (Ints1d): The dependent of each, as an index into the batch's tokens.
    heads (Ints1d): Its head, likewise.
    """

    dependents: Ints1d
    heads: Ints1d


NO_ARCS = Arcs(numpy.zeros(0, dtype="int64"), numpy.zeros(0, dtype="int64"))


class DependencyInput(NamedTuple):
    """A batch of Docs.

    docs (List[Doc]): The Docs.
    layout (Layout): Their sentences.
    arcs (Arcs): The arcs of which the relation is asked: in training the gold ones.
    """

    docs: List[Doc]
    layout: Layout
    arcs: Arcs


class ScorerInput(NamedTuple):
    """What the scorer reads.

    vectors (Floats2d): Vectors of all tokens of the batch, shape (tokens, width).
    groups (Sequence[SentenceGroup]): The sentences whose arcs are scored.
    arcs (Arcs): The arcs of which the relation is asked.
    """

    vectors: Floats2d
    groups: Sequence[SentenceGroup]
    arcs: Arcs


class DependencyScores(NamedTuple):
    """Scores, or their gradients.

    tags (Floats2d): Of each tag at each token, shape (tokens, tags).
    heads (List[Floats3d]): For each group of sentences the scores of all arcs, shape (sentences, longest, longest): the
        dependent first, then its head; on the diagonal that of being the root. What lies behind the end of a sentence
        means nothing.
    relations (Floats2d): Of each relation for the arcs that were asked of, shape (arcs, relations).
    """

    tags: Floats2d
    heads: List[Floats3d]
    relations: Floats2d


def build_biaffine_dependencies(
    tok2vec: Model[List[Doc], TokenVectors], hidden_width: int = 64
) -> Model[DependencyInput, DependencyScores]:
    """Build the model of `mtl_dependency`.

    A token is seen in two ways, as a dependent d = relu(W_d h + b_d) and as a head g = relu(W_g h + b_g); a vector that
    is learned stands for the head of a root. The score of the arc from i to its head j is d_i U g_j + u g_j, that of
    its relation k is P_k (d_i * g_j) + Q_k d_i + R_k g_j + c_k, with * element by element: of the form for each
    relation the diagonal (Yang et al., 2015). Tags are linear in h.

    tok2vec (Model[List[Doc], TokenVectors]): The encoder, or a listener to a shared one.
    hidden_width (int): Width of d and g.
    RETURNS (Model[DependencyInput, DependencyScores]): The model, with its parts as refs: "tok2vec", "scorer". As
        spaCy's tools expect of every model, it takes Docs alone as well, each as one sentence.
    RAISES (ValueError): E409 for a width that is too small.
    """
    check_size(NAME, "hidden_width", hidden_width)
    scorer: Model[ScorerInput, DependencyScores] = Model(
        "biaffine_dependencies",
        _score,
        init=_init_scorer,
        dims={"nI": None, "nH": hidden_width, "nO": None, "nT": None},
        params=dict.fromkeys(
            ["tag_W", "tag_b", "dependent_W", "dependent_b", "head_W", "head_b", "U", "u", "root"]
            + ["product_W", "relation_dependent_W", "relation_head_W", "relation_b"]
        ),
        attrs={"dropout_rate": 0.0},
    )
    return Model(
        "dependencies",
        _forward,
        init=_init,
        layers=[tok2vec, scorer],
        refs={"tok2vec": tok2vec, "scorer": scorer, "output_layer": scorer},
        dims={"nO": None},
    )


def _init(model: Model, X: Optional[List[Doc]] = None, Y: Optional[DependencyScores] = None) -> None:
    tok2vec, scorer = model.get_ref("tok2vec"), model.get_ref("scorer")
    tok2vec.initialize(X=X)
    width = tok2vec.get_dim("nO") if tok2vec.has_dim("nO") else tok2vec.predict(X)[0].shape[1]
    set_input_width(scorer, width)
    scorer.initialize()


def _forward(
    model: Model, inputs: Union[DependencyInput, Sequence[Doc]], is_train: bool
) -> Tuple[DependencyScores, Callable]:
    if not isinstance(inputs, DependencyInput):
        docs = list(inputs)
        inputs = DependencyInput(docs, lay_out(docs, [numpy.zeros(1, dtype="int64") for _ in docs]), NO_ARCS)
    by_doc, backprop_tok2vec = model.get_ref("tok2vec")(inputs.docs, is_train)
    lengths = [len(vectors) for vectors in by_doc]
    scorer_input = ScorerInput(model.ops.flatten(by_doc), inputs.layout.groups, inputs.arcs)
    scores, backprop_scorer = model.get_ref("scorer")(scorer_input, is_train)

    def backprop(d_scores: DependencyScores) -> List[Doc]:
        return backprop_tok2vec(model.ops.unflatten(backprop_scorer(d_scores), lengths))

    return scores, backprop


def _init_scorer(model: Model, X: Optional[ScorerInput] = None, Y: Optional[DependencyScores] = None) -> None:
    ops = model.ops
    width, hidden = model.get_dim("nI"), model.get_dim("nH")
    relations, tags = model.get_dim("nO"), model.get_dim("nT")
    for side in ("dependent", "head"):
        model.set_param(f"{side}_W", glorot_uniform_init(ops, (hidden, width)))
        model.set_param(f"{side}_b", zero_init(ops, (hidden,)))
        model.set_param(f"relation_{side}_W", zero_init(ops, (relations, hidden)))
    model.set_param("tag_W", zero_init(ops, (tags, width)))
    model.set_param("tag_b", zero_init(ops, (tags,)))
    # alike tokens attract each other at first, weakly
    model.set_param("U", ops.asarray2f(numpy.eye(hidden, dtype="float32") * 0.1))
    model.set_param("u", zero_init(ops, (hidden,)))
    model.set_param("root", normal_init(ops, (hidden,), mean=0.0) * 0.1)
    model.set_param("product_W", zero_init(ops, (relations, hidden)))
    model.set_param("relation_b", zero_init(ops, (relations,)))


def _score(model: Model, inputs: ScorerInput, is_train: bool) -> Tuple[DependencyScores, Callable]:
    ops, xp = model.ops, model.ops.xp
    vectors, groups, arcs = inputs
    kept = dropout_mask(ops, vectors, model.attrs["dropout_rate"]) if is_train else None
    if kept is not None:
        vectors = vectors * kept
    dependents, backprop_dependents = _project(model, "dependent", vectors)
    heads, backprop_heads = _project(model, "head", vectors)
    tag_W = model.get_param("tag_W")
    tags = vectors @ tag_W.T + model.get_param("tag_b")
    head_scores, backprop_arcs = _score_arcs(model, dependents, heads, groups)
    relations, backprop_relations = _score_relations(model, dependents, heads, arcs)

    def backprop(d_scores: DependencyScores) -> Floats2d:
        model.inc_grad("tag_W", d_scores.tags.T @ vectors)
        model.inc_grad("tag_b", d_scores.tags.sum(axis=0))
        d_dependents, d_heads = xp.zeros_like(dependents), xp.zeros_like(heads)
        backprop_arcs(d_scores.heads, d_dependents, d_heads)
        backprop_relations(d_scores.relations, d_dependents, d_heads)
        d_vectors = d_scores.tags @ tag_W + backprop_dependents(d_dependents) + backprop_heads(d_heads)
        return d_vectors if kept is None else d_vectors * kept

    return DependencyScores(tags, head_scores, relations), backprop


def _project(model: Model, side: str, vectors: Floats2d) -> Tuple[Floats2d, Callable]:
    W = model.get_param(f"{side}_W")
    hidden = model.ops.xp.maximum(vectors @ W.T + model.get_param(f"{side}_b"), 0)

    def backprop(d_hidden: Floats2d) -> Floats2d:
        d_hidden = d_hidden * (hidden > 0)
        model.inc_grad(f"{side}_W", d_hidden.T @ vectors)
        model.inc_grad(f"{side}_b", d_hidden.sum(axis=0))
        return d_hidden @ W

    return hidden, backprop


def _score_arcs(
    model: Model, dependents: Floats2d, heads: Floats2d, groups: Sequence[SentenceGroup]
) -> Tuple[List[Floats3d], Callable]:
    xp = model.ops.xp
    U, u, root = model.get_param("U"), model.get_param("u"), model.get_param("root")
    # each dependent makes a linear scorer of heads; the row behind the last token is that of all padding
    scorers = _pad(xp, dependents @ U)
    padded, root_scores = _pad(xp, heads), scorers @ root + u @ root
    all_rows = [xp.asarray(group.rows) for group in groups]
    scores = []
    for rows in all_rows:
        # (sentences, longest, longest)
        found = xp.matmul(scorers[rows], padded[rows].transpose((0, 2, 1)))
        found += (padded[rows] @ u)[:, None, :]
        steps = xp.arange(rows.shape[1])
        found[:, steps, steps] = root_scores[rows]
        scores.append(found)

    def backprop(d_scores: List[Floats3d], d_dependents: Floats2d, d_heads: Floats2d) -> None:
        d_scorers, d_padded = xp.zeros_like(scorers), xp.zeros_like(padded)
        d_root_scores = xp.zeros_like(root_scores)
        for rows, found in zip(all_rows, d_scores):
            steps = xp.arange(rows.shape[1])
            d_arcs = found.copy()
            # a token has one place: no row but that of padding comes twice
            d_root_scores[rows] = found[:, steps, steps]
            d_arcs[:, steps, steps] = 0
            d_scorers[rows] = xp.matmul(d_arcs, padded[rows])
            d_padded[rows] = xp.matmul(d_arcs.transpose((0, 2, 1)), scorers[rows]) + d_arcs.sum(axis=1)[:, :, None] * u
            model.inc_grad("u", (d_arcs.sum(axis=1)[:, :, None] * padded[rows]).sum(axis=(0, 1)))
        d_root_scores = d_root_scores[:-1]
        model.inc_grad("u", d_root_scores.sum() * root)
        model.inc_grad("root", d_root_scores @ scorers[:-1] + d_root_scores.sum() * u)
        d_own = d_scorers[:-1] + d_root_scores[:, None] * root
        model.inc_grad("U", dependents.T @ d_own)
        d_dependents += d_own @ U.T
        d_heads += d_padded[:-1]

    return scores, backprop


def _pad(xp, array: Floats2d) -> Floats2d:
    return xp.concatenate([array, xp.zeros((1, array.shape[1]), dtype=array.dtype)])


def _score_relations(model: Model, dependents: Floats2d, heads: Floats2d, arcs: Arcs) -> Tuple[Floats2d, Callable]:
    ops, xp = model.ops, model.ops.xp
    names = ("product_W", "relation_dependent_W", "relation_head_W")
    product_W, dependent_W, head_W = (model.get_param(name) for name in names)
    dependent_rows, head_rows = ops.asarray1i(arcs.dependents), ops.asarray1i(arcs.heads)
    is_root = (dependent_rows == head_rows)[:, None]
    # (arcs, hidden)
    of_dependents = dependents[dependent_rows]
    of_heads = xp.where(is_root, model.get_param("root"), heads[head_rows])
    products = of_dependents * of_heads
    scores = products @ product_W.T + of_dependents @ dependent_W.T + of_heads @ head_W.T
    scores += model.get_param("relation_b")

    def backprop(d_scores: Floats2d, d_dependents: Floats2d, d_heads: Floats2d) -> None:
        for name, seen in zip(names, (products, of_dependents, of_heads)):
            model.inc_grad(name, d_scores.T @ seen)
        model.inc_grad("relation_b", d_scores.sum(axis=0))
        d_products = d_scores @ product_W
        ops.scatter_add(d_dependents, dependent_rows, d_products * of_heads + d_scores @ dependent_W)
        d_of_heads = d_products * of_dependents + d_scores @ head_W
        model.inc_grad("root", (d_of_heads * is_root).sum(axis=0))
        ops.scatter_add(d_heads, head_rows, d_of_heads * ~is_root)

    return scores, backprop
