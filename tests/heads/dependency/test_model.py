import numpy
import pytest
from spacy.tokens import Doc
from spacy.vocab import Vocab
from thinc.api import Model, NumpyOps

from spacy_mtl.heads.dependency.loss import OPEN, DependencyGold, dependency_loss
from spacy_mtl.heads.dependency.model import Arcs, DependencyScores, ScorerInput, build_biaffine_dependencies
from spacy_mtl.heads.sentence_groups import lay_out

WIDTH, HIDDEN = 6, 5
LENGTHS = (3, 1, 4, 20)


def make_scorer():
    scorer = build_biaffine_dependencies(Model("tok2vec", lambda model, X, is_train: X), HIDDEN).get_ref("scorer")
    for name, size in (("nI", WIDTH), ("nO", 3), ("nT", 4)):
        scorer.set_dim(name, size)
    scorer.initialize()
    random = numpy.random.default_rng(0)
    for name in scorer.param_names:
        scorer.set_param(name, random.normal(size=scorer.get_param(name).shape).astype("float32") * 0.5)
    return scorer


def make_batch():
    vocab = Vocab()
    docs = [Doc(vocab, words=["a"] * length) for length in LENGTHS]
    layout = lay_out(docs, [numpy.zeros(1, dtype="int64")] * len(docs))
    count = sum(LENGTHS)
    random = numpy.random.default_rng(1)
    starts = numpy.repeat(numpy.cumsum(LENGTHS) - LENGTHS, LENGTHS)
    heads = starts + (random.random(count) * numpy.repeat(LENGTHS, LENGTHS)).astype(int)
    gold = DependencyGold(random.integers(-1, 4, count), heads, random.integers(-1, 3, count))
    gold.heads[[1, 5]] = OPEN
    return layout, gold, random.normal(size=(count, WIDTH)).astype("float32")


def test_gradients():
    scorer, (layout, gold, vectors) = make_scorer(), make_batch()

    def loss_of(moved):
        scores, backprop = scorer(ScorerInput(moved, layout.groups, gold.arcs), True)
        loss, gradient = dependency_loss(gold, layout, scores, scorer.ops)
        return loss, gradient, backprop

    _, gradient, backprop = loss_of(vectors)
    d_vectors = backprop(gradient)
    arrays = [(scorer.get_param(name), scorer.get_grad(name)) for name in scorer.param_names]
    random = numpy.random.default_rng(2)
    step = 1e-3
    for array, found in [*arrays, (vectors, d_vectors)]:
        for place in random.permutation(array.size)[:15]:
            index = numpy.unravel_index(place, array.shape)
            old = array[index]
            values = []
            for moved in (old + step, old - step):
                array[index] = moved
                values.append(loss_of(vectors)[0])
            array[index] = old
            expected = (values[0] - values[1]) / (2 * step)
            assert found[index] == pytest.approx(expected, rel=0.03, abs=0.05)


def test_loss_by_hand():
    layout = lay_out([Doc(Vocab(), words=["a", "b"])], [numpy.zeros(1, dtype="int64")])
    gold = DependencyGold(numpy.array([1, OPEN]), numpy.array([0, 0]), numpy.array([0, OPEN]))
    scores = DependencyScores(
        numpy.zeros((2, 4), dtype="float32"), [numpy.zeros((1, 2, 2), dtype="float32")], numpy.zeros((1, 3), "float32")
    )
    loss, gradient = dependency_loss(gold, layout, scores, NumpyOps())
    assert loss == pytest.approx(numpy.log(4) + 2 * numpy.log(2) + numpy.log(3), abs=1e-5)
    assert gradient.heads[0].tolist() == [[[-0.5, 0.5], [-0.5, 0.5]]]
    assert gradient.tags.tolist() == [[0.25, -0.75, 0.25, 0.25], [0, 0, 0, 0]]
    assert gold.count_tokens() == 2


def test_what_is_open_has_no_gradient():
    scorer, (layout, gold, vectors) = make_scorer(), make_batch()
    nothing = numpy.full(len(vectors), OPEN)
    gold = DependencyGold(nothing, nothing, nothing)
    scores, backprop = scorer(ScorerInput(vectors, layout.groups, gold.arcs), True)
    loss, gradient = dependency_loss(gold, layout, scores, scorer.ops)
    assert loss == 0 and not backprop(gradient).any() and not scorer.get_grad("U").any()


def test_the_head_of_a_root_is_no_token():
    scorer, (layout, _, vectors) = make_scorer(), make_batch()
    arcs = Arcs(numpy.array([0, 1]), numpy.array([0, 0]))
    before = scorer.predict(ScorerInput(vectors, layout.groups, arcs))
    scorer.set_param("root", scorer.get_param("root") + 1)
    after = scorer.predict(ScorerInput(vectors, layout.groups, arcs))
    assert (before.relations != after.relations).any(axis=1).tolist() == [True, False]
    changed = before.heads[0] != after.heads[0]
    assert not changed[:, ~numpy.eye(changed.shape[1], dtype=bool)].any() and changed.any()


@pytest.mark.parametrize("width", [0, -1])
def test_width_is_checked(width):
    with pytest.raises(ValueError, match="MTL-E409"):
        build_biaffine_dependencies(Model("tok2vec", lambda model, X, is_train: X), width)
