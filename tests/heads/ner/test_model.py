import numpy
import pytest
from hypothesis import given
from hypothesis import strategies as st
from spacy.tokens import Doc
from spacy.training.iob_utils import biluo_to_iob
from spacy.util import fix_random_seed
from spacy.vocab import Vocab
from thinc.api import Adam, Model, Relu, chain, with_array

from spacy_mtl.heads.crf.crf import crf_loss
from spacy_mtl.heads.ner.entities import decode_entities, entity_probabilities
from spacy_mtl.heads.ner.model import build_crf_tagger
from spacy_mtl.heads.ner.tagging_scheme import (
    EntitySpan,
    allowed_tags,
    drop_tokens,
    make_tag_set,
    read_entities,
    span_tags,
)

from ..crf.test_crf import enumerate_paths, log_sum, random_scores, split, true_loss

SCHEMES = ["biluo", "bio"]


def as_mask(tag_set, tags):
    return numpy.array([[tag == other for other in tag_set.tags] for tag in tags])


@pytest.mark.parametrize(
    "scheme,good,bad",
    [
        ("biluo", "O B-A L-A U-A B-B I-B L-B", ["B-A L-B", "B-A O", "I-A L-A", "L-A", "B-A I-A", "O I-A", "U-A L-A"]),
        ("bio", "O B-A I-A B-A B-B I-B I-B", ["I-A", "O I-A", "B-A I-B", "B-B I-B I-A"]),
    ],
)
def test_legal_transitions(scheme, good, bad):
    legal = make_tag_set(scheme, ["A", "B"]).legal
    tags = make_tag_set(scheme, ["A", "B"]).tags

    def check(text):
        path = [tags.index(tag) for tag in text.split()]
        moves = all(legal.transitions[move] for move in zip(path, path[1:]))
        return bool(legal.start[path[0]] and legal.end[path[-1]] and moves)

    assert check(good)
    assert not any(check(text) for text in bad)


@st.composite
def segmentations(draw):
    """A text as a list of (label or None, length)."""
    return draw(st.lists(st.tuples(st.sampled_from([None, "A", "B"]), st.integers(1, 4)), min_size=1, max_size=6))


@given(segmentations())
@pytest.mark.parametrize("scheme", SCHEMES)
def test_entities_survive_the_way_through_tags(scheme, pieces):
    tag_set = make_tag_set(scheme, ["A", "B"])
    biluo, entities = [], []
    for label, length in pieces:
        if label:
            entities.append(EntitySpan(label, len(biluo), len(biluo) + length))
        biluo += span_tags("biluo", label, length) if label else ["O"] * length
    mask = allowed_tags(tag_set, biluo)
    assert (mask.sum(axis=1) == 1).all()
    tags = mask.argmax(axis=1)
    assert [tag_set.tags[i] for i in tags] == (biluo if scheme == "biluo" else biluo_to_iob(biluo))
    assert tag_set.legal.start[tags[0]] and tag_set.legal.end[tags[-1]]
    assert tag_set.legal.transitions[tags[:-1], tags[1:]].all()
    assert read_entities(tag_set, tags) == entities


def test_open_tokens_and_unknown_labels_allow_everything():
    tag_set = make_tag_set("biluo", ["A"])
    mask = allowed_tags(tag_set, [None, "-", "", "U-OTHER", "O", "U-A"])
    assert mask[:4].all()
    assert (mask[4:] == as_mask(tag_set, ["O", "U-A"])).all()


def test_bio_closes_an_entity_before_an_open_token():
    tag_set = make_tag_set("bio", ["A", "B"])
    mask = allowed_tags(tag_set, ["B-A", "L-A", None, None])
    assert [tag for tag, is_allowed in zip(tag_set.tags, mask[2]) if not is_allowed] == ["I-A"]
    assert mask[3].all()


@pytest.mark.parametrize(
    "before,after",
    [
        ("B-A _I-A L-A O", "B-A L-A O"),
        ("_B-A I-A L-A O", "B-A L-A O"),
        ("B-A _L-A _O", "U-A"),
        ("_U-A O U-B", "O U-B"),
        ("B-A I-A _I-A L-A B-B L-B", "B-A I-A L-A B-B L-B"),
        ("- _- U-A", "- U-A"),
        ("U-A _O U-A", "U-A U-A"),
    ],
)
def test_entities_close_up_over_dropped_tokens(before, after):
    tags = before.split()
    assert drop_tokens([t.lstrip("_") for t in tags], [t[0] != "_" for t in tags]) == after.split()


@pytest.mark.parametrize("is_constrained", [False, True])
@pytest.mark.parametrize("scheme", SCHEMES)
def test_entity_probabilities_equal_enumeration(scheme, is_constrained):
    rng = numpy.random.default_rng(5)
    tag_set = make_tag_set(scheme, ["A", "B"])
    scores = random_scores(rng, [3, 4, 1], len(tag_set.tags))
    allowed = None
    if is_constrained:
        allowed = numpy.concatenate([allowed_tags(tag_set, [None, tag, None, None]) for tag in ("O", "U-A")])
    spans, expected = [], []
    for offset, emissions, mask in split(scores, allowed):
        paths = enumerate_paths(scores, emissions, tag_set.legal, mask)
        total = log_sum([score for _, score in paths])
        for start in range(len(emissions)):
            for end in range(start + 1, len(emissions) + 1):
                for label in tag_set.labels:
                    spans.append((label, offset + start, offset + end))
                    wanted = EntitySpan(label, start, end)
                    expected.append(
                        sum(numpy.exp(s - total) for p, s in paths if wanted in read_entities(tag_set, numpy.array(p)))
                    )
    found = entity_probabilities(scores, tag_set, spans, allowed)
    assert found == pytest.approx(numpy.array(expected), abs=1e-5)
    assert (found > 0.01).any() and (found == 0).any() == is_constrained


@pytest.mark.parametrize("scheme", SCHEMES)
def test_decoded_entities_are_those_of_the_best_path(scheme):
    rng = numpy.random.default_rng(8)
    tag_set = make_tag_set(scheme, ["A", "B"])
    scores = random_scores(rng, [3, 0, 4, 1, 4], len(tag_set.tags), 2.0)
    found = decode_entities(scores, tag_set)
    for i, (_, emissions, _) in enumerate(split(scores)):
        best = max(enumerate_paths(scores, emissions, tag_set.legal), key=lambda item: item[1])[0] if i != 1 else ()
        assert [e._replace(probability=None) for e in found[i]] == read_entities(tag_set, numpy.array(best, dtype=int))
    assert all(0.0 < e.probability <= 1.0 for entities in found for e in entities)
    assert sum(map(len, found)) > 2


def make_vectors(width):
    """Fixed vectors from the words themselves, with a layer to learn on top."""

    def forward(model, docs, is_train):
        vectors = [model.ops.asarray2f([numpy.sin(len(t) + numpy.arange(width) * t.i) for t in d]) for d in docs]
        return vectors, lambda d_vectors: []

    return chain(Model("vectors", forward, dims={"nO": width}), with_array(Relu(5, width)))


@pytest.fixture
def docs():
    vocab = Vocab()
    return [Doc(vocab, words=words.split()) for words in ("we met Ida Holm there", "Oslo", "it rained on")]


@pytest.mark.parametrize("hidden_width", [0, 4])
def test_gradients_through_the_whole_model(docs, hidden_width):
    fix_random_seed(1)
    rng = numpy.random.default_rng(1)
    tag_set = make_tag_set("bio", ["A"])
    n_tags = len(tag_set.tags)
    model = build_crf_tagger(make_vectors(3), hidden_width=hidden_width)
    model.initialize(X=docs, Y=[numpy.zeros((len(doc), n_tags), dtype="float32") for doc in docs])
    for node in model.walk():
        for name in node.param_names:
            noise = rng.normal(size=node.get_param(name).shape, scale=0.3)
            node.set_param(name, node.get_param(name) + noise.astype("float32"))
    biluo = ["O", "O", "B-A", "L-A", None, "U-A", None, "O", None]
    allowed = numpy.concatenate([allowed_tags(tag_set, biluo[i:j]) for i, j in ((0, 5), (5, 6), (6, 9))])

    def loss():
        return true_loss(model.predict(docs), allowed, tag_set.legal)

    scores, backprop = model.begin_update(docs)
    backprop(crf_loss(scores, allowed, tag_set.legal).gradient)
    step, n_checked = 5e-3, 0
    for node in model.walk():
        for name in node.param_names:
            values, gradient = node.get_param(name).copy(), node.get_grad(name)
            for index in list(numpy.ndindex(*values.shape))[::2]:
                sides = []
                for sign in (1, -1):
                    moved = values.copy()
                    moved[index] += sign * step
                    node.set_param(name, moved)
                    sides.append(loss())
                node.set_param(name, values)
                assert gradient[index] == pytest.approx((sides[0] - sides[1]) / (2 * step), abs=5e-3), (node.name, name)
                n_checked += 1
    assert n_checked > 20
    assert numpy.abs(model.get_ref("transitions").get_grad("transitions")).sum() > 0


def test_parameters_are_ordinary(docs):
    tag_set = make_tag_set("biluo", ["A"])
    model = build_crf_tagger(make_vectors(3))
    model.initialize(X=docs, Y=[numpy.zeros((len(doc), 5), dtype="float32") for doc in docs])
    layer = model.get_ref("transitions")
    assert model.get_dim("nO") == 5 and layer.get_param("transitions").shape == (5, 5)
    assert not layer.get_param("transitions").any() and not layer.get_param("start").any()
    allowed = allowed_tags(tag_set, ["O"] * 9)
    optimizer = Adam(0.1, use_averages=True)
    losses = []
    for _ in range(20):
        scores, backprop = model.begin_update(docs)
        result = crf_loss(scores, allowed, tag_set.legal)
        losses.append(result.loss)
        backprop(result.gradient)
        model.finish_update(optimizer)
    assert losses[-1] < 0.1 * losses[0]
    assert layer.get_param("transitions")[0, 0] > 0 and layer.get_param("end")[0] > 0
    current = layer.get_param("transitions").copy()
    with model.use_params(optimizer.averages):
        assert not numpy.allclose(layer.get_param("transitions"), current)
    copy = build_crf_tagger(make_vectors(3)).from_bytes(model.to_bytes())
    for mine, theirs in zip(model.predict(docs), copy.predict(docs)):
        assert (mine == theirs).all()


def test_number_of_tags_must_fit(docs):
    model = build_crf_tagger(make_vectors(3), nO=7)
    with pytest.raises(ValueError, match="MTL-E202"):
        model.initialize(X=docs, Y=[numpy.zeros((len(doc), 5), dtype="float32") for doc in docs])


def test_unknown_scheme():
    with pytest.raises(ValueError, match="MTL-E201"):
        make_tag_set("iob1", ["A"])
