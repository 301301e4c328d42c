import numpy
import pytest
import spacy
from spacy.ml.models.tok2vec import MultiHashEmbed
from spacy.tokens import Doc

from spacy_mtl.encoders.embed import build_multi_hash_embed, hide_words

ATTRS = ["NORM", "SUFFIX"]
VOCAB = spacy.blank("en").vocab


def build(**settings):
    model = build_multi_hash_embed(8, ATTRS, [50, 50], False, **settings)
    model.initialize()
    return model


@pytest.fixture
def docs():
    return [Doc(VOCAB, words=["some", "words"] * 50), Doc(VOCAB, words=["one"])]


def test_predicts_as_spacys_own(docs):
    ours, stock = build(word_dropout=0.5), MultiHashEmbed(8, ATTRS, [50, 50], False)
    stock.initialize()
    for node, other in zip(
        [node for node in ours.walk() if node.param_names], [node for node in stock.walk() if node.param_names]
    ):
        for name in node.param_names:
            other.set_param(name, node.get_param(name))
    for vectors, others in zip(ours.predict(docs), stock.predict(docs)):
        numpy.testing.assert_array_equal(vectors, others)


def test_hides_the_given_share_of_words_in_training_only():
    layer = hide_words([0], 0.3)
    features = [numpy.full((4000, 2), 7, dtype="uint64"), numpy.full((1, 2), 7, dtype="uint64")]
    hidden, _ = layer(features, is_train=True)
    assert numpy.mean(hidden[0][:, 0] != 7) == pytest.approx(0.3, abs=0.04)
    assert len(numpy.unique(hidden[0][:, 0])) > 1000, "each hidden word is noise of its own"
    assert (hidden[0][:, 1] == 7).all(), "prefix, suffix and shape stay"
    assert (features[0] == 7).all(), "the features of the Doc are left as they are"
    assert layer.predict(features) is features


def test_learns_through_it(docs):
    model = build(word_dropout=0.5)
    vectors, backprop = model.begin_update(docs)
    backprop([numpy.ones_like(of_doc) for of_doc in vectors])
    assert any(node.has_grad("E") and node.get_grad("E").any() for node in model.walk())


def test_survives_bytes(docs):
    model = build(word_dropout=0.5)
    copy = build(word_dropout=0.5).from_bytes(model.to_bytes())
    for vectors, others in zip(model.predict(docs), copy.predict(docs)):
        numpy.testing.assert_array_equal(vectors, others)


@pytest.mark.parametrize("attrs,rate", [(ATTRS, 1.0), (ATTRS, -0.1), (ATTRS, float("nan")), (["SHAPE"], 0.2)])
def test_bad_settings_are_refused(attrs, rate):
    with pytest.raises(ValueError, match="E407"):
        build_multi_hash_embed(8, attrs, [50] * len(attrs), False, word_dropout=rate)


def test_without_word_names_it_is_spacys_own():
    assert not [n for n in build_multi_hash_embed(8, ["SHAPE"], [50], False).walk() if n.name == "hide_words"]


def test_affixes():
    model = build_multi_hash_embed(8, ATTRS, [50, 50, 90, 90], False, affixes=[2, -3])
    model.initialize()
    extract = next(node for node in model.walk() if node.name == "extract_affixes")
    columns = extract.predict([Doc(VOCAB, words=["Reading", "re", "a", "singing"]), Doc(VOCAB)])
    assert [part.shape for part in columns] == [(4, 4), (0, 4)]
    prefix, suffix = columns[0][:, 2], columns[0][:, 3]
    assert prefix[0] == prefix[1] != prefix[3] and suffix[0] == suffix[3] != suffix[1]
    assert not set(prefix.tolist()) & set(suffix.tolist())
    docs = [Doc(VOCAB, words=["unheard", "of"])]
    copy = build_multi_hash_embed(8, ATTRS, [50, 50, 90, 90], False, affixes=[2, -3]).from_bytes(model.to_bytes())
    numpy.testing.assert_array_equal(copy.predict(docs)[0], model.predict(docs)[0])
    hiding = build_multi_hash_embed(8, ATTRS, [50, 50, 90], False, word_dropout=0.99, affixes=[-4])
    hiding.initialize()
    vectors, backprop = hiding.begin_update(docs)
    backprop(vectors)


@pytest.mark.parametrize("affixes, rows", [([0], [50, 50, 50]), ([2, 2], [50] * 4), ([2, -2], [50, 50, 50])])
def test_affixes_that_do_not_fit_are_refused(affixes, rows):
    with pytest.raises(ValueError, match="E409.*(affixes|rows)"):
        build_multi_hash_embed(8, ATTRS, rows, False, affixes=affixes)
