"""What a pretrained encoder computes in on a CPU: bfloat16 where it is wanted, and float32 in all that is kept."""

import pickle
import warnings
from concurrent.futures import ThreadPoolExecutor

import numpy
import pytest
import spacy
from thinc.api import Adam

torch = pytest.importorskip("torch")
pytest.importorskip("spacy_transformers")

from spacy_mtl.encoders.pretrained import precision  # noqa: E402
from spacy_mtl.encoders.pretrained.precision import copy_in_bfloat16, is_reduced, measure_gain  # noqa: E402

from .tiny_transformer import encoder_config, get_shim, make_encoder, write_bert  # noqa: E402

# bfloat16 has 8 bits of mantissa
MOST_ERROR = 0.03
WORDS = ["Mira", "paints", "boats", "in", "Oslo", "while", "Otto", "sleeps", "in", "the", "rain"]


@pytest.fixture(scope="module")
def bert(tmp_path_factory):
    return write_bert(tmp_path_factory.mktemp("precision") / "bert")


@pytest.fixture(autouse=True)
def fast(monkeypatch):
    """A processor that has bfloat16, whatever the tests run on."""
    monkeypatch.setattr(precision, "gains_by_bfloat16", lambda: True)
    precision._warn_of_slowness.cache_clear()


@pytest.fixture
def slow(monkeypatch):
    monkeypatch.setattr(precision, "gains_by_bfloat16", lambda: False)


def make_docs(count=6):
    vocab = spacy.blank("en").vocab
    return [spacy.tokens.Doc(vocab, words=WORDS[: 2 + i]) for i in range(count)]


def load(name, setting, **settings):
    model = make_encoder(name, precision=setting, **settings)
    model.initialize()
    return model


def flatten(arrays):
    return numpy.concatenate([numpy.asarray(array).ravel() for array in arrays])


def assert_near(found, expected, most=MOST_ERROR):
    found, expected = flatten(found), flatten(expected)
    error = numpy.linalg.norm(found - expected) / numpy.linalg.norm(expected)
    assert 0 < error < most


def learn(model, docs, seed=0):
    vectors, backprop = model.begin_update(docs)
    rng = numpy.random.default_rng(seed)
    backprop([rng.normal(size=rows.shape).astype("float32") for rows in vectors])
    return vectors, {
        name: p.grad.clone() for name, p in get_shim(model)._model.named_parameters() if p.grad is not None
    }


@pytest.mark.parametrize("setting, expected", [("float32", False), ("bfloat16", True), ("auto", True)])
def test_settings_on_a_processor_that_has_it(setting, expected):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert is_reduced(setting) is expected


def test_settings_on_a_processor_that_has_none(slow):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert not is_reduced("float32")
        assert not is_reduced("auto")
    with pytest.warns(UserWarning, match="W440"):
        assert is_reduced("bfloat16")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert is_reduced("bfloat16"), "said once"


@pytest.mark.parametrize("has_tiles, gain, expected", [(True, 0.1, True), (False, 2.0, True), (False, 0.9, False)])
def test_finds_out_what_is_faster(monkeypatch, has_tiles, gain, expected):
    monkeypatch.undo()
    monkeypatch.setattr(torch.cpu, "_is_amx_tile_supported", lambda: has_tiles, raising=False)
    monkeypatch.setattr(precision, "measure_gain", lambda: gain)
    precision.gains_by_bfloat16.cache_clear()
    try:
        assert precision.gains_by_bfloat16() is expected
    finally:
        precision.gains_by_bfloat16.cache_clear()


def test_measures():
    assert 0 < measure_gain() < 1000


def test_wrong_precision(bert):
    with pytest.raises(ValueError, match="E409.*precision.*float32, bfloat16, auto"):
        make_encoder(bert, precision="float16")


@pytest.mark.parametrize("kind", ["fast", "slow"])
@pytest.mark.filterwarnings("ignore:.*W440")
def test_vectors_are_those_of_float32_but_for_rounding(bert, kind, request):
    request.getfixturevalue(kind)
    docs = make_docs()
    expected, found = load(bert, "float32").predict(docs), load(bert, "bfloat16").predict(docs)
    assert all(rows.dtype == "float32" for rows in found)
    assert_near(found, expected)


def test_auto_is_float32_where_bfloat16_is_slow(bert, slow):
    docs = make_docs()
    numpy.testing.assert_array_equal(
        flatten(load(bert, "auto").predict(docs)), flatten(load(bert, "float32").predict(docs))
    )


def test_gradients_are_float32_and_near(bert):
    docs = make_docs()
    (_, expected), (_, found) = (learn(load(bert, setting), docs) for setting in ("float32", "bfloat16"))
    assert found.keys() == expected.keys()
    assert all(gradient.dtype == torch.float32 for gradient in found.values())
    assert_near(found.values(), expected.values(), 2 * MOST_ERROR)


def test_parameters_stay_float32_and_predictions_follow_them(bert):
    model, docs, optimizer = load(bert, "bfloat16"), make_docs(), Adam(0.01)
    before = flatten(model.predict(docs))
    learn(model, docs)
    model.finish_update(optimizer)
    assert all(p.dtype == torch.float32 for p in get_shim(model)._model.parameters())
    after = model.predict(docs)
    assert abs(flatten(after) - before).max() > 0.01
    as_float32 = load(bert, "float32").from_bytes(model.to_bytes())
    assert_near(after, as_float32.predict(docs))
    numpy.testing.assert_array_equal(flatten(load(bert, "auto").from_bytes(model.to_bytes()).predict(docs)), flatten(
        after))  # fmt: skip


def test_predicts_with_averages(bert):
    model, docs = load(bert, "bfloat16"), make_docs()
    own = flatten(model.predict(docs))
    shim = get_shim(model)
    weights = {(shim.id, name): numpy.zeros(tuple(p.shape), "f") for name, p in shim._model.named_parameters()}
    with model.use_params(weights):
        assert not flatten(model.predict(docs)).any()
    numpy.testing.assert_array_equal(flatten(model.predict(docs)), own)


def test_copies_are_not_kept(bert):
    model, docs = load(bert, "bfloat16"), make_docs()
    shim = get_shim(model)
    fresh = len(pickle.dumps(shim._model))
    model.predict(docs)
    assert shim._copy is not None
    assert pickle.loads(pickle.dumps(shim))._copy is None
    assert len(pickle.dumps(shim._model)) == fresh
    numpy.testing.assert_array_equal(flatten(model.copy().predict(docs)), flatten(model.predict(docs)))


def test_a_copy_has_weights_of_its_own():
    module = torch.nn.Sequential(torch.nn.Embedding(5, 4), torch.nn.Linear(4, 3), torch.nn.BatchNorm1d(3)).train()
    module[0].weight.grad = torch.ones(5, 4)
    copied = copy_in_bfloat16(module)
    assert not copied.training and module.training
    assert {p.dtype for p in copied.parameters()} == {torch.bfloat16}
    assert not any(p.requires_grad or p.grad is not None for p in copied.parameters())
    assert copied[2].num_batches_tracked.dtype == torch.int64
    assert {p.dtype for p in module.parameters()} == {torch.float32}
    with torch.no_grad():
        copied[1].weight.zero_()
    assert module[1].weight.any()


def test_threads_predict_alike(bert):
    model, docs = load(bert, "bfloat16"), make_docs()
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: flatten(model.predict(docs)), range(8)))
    for vectors in found[1:]:
        numpy.testing.assert_array_equal(vectors, found[0])


def test_old_settings_are_float32(bert):
    config = encoder_config(bert)
    assert "precision" not in config
    model = spacy.registry.resolve({"model": config})["model"]
    assert get_shim(model).tuning.precision == "float32"


def test_sparse_gradients_of_embeddings_are_the_dense_ones(bert):
    """Against the module itself, text by text, twice: gradients are added up."""
    model, docs = load(bert, "float32"), make_docs()
    for seed in (0, 1):
        _, found = learn(model, docs, seed)
    shim = get_shim(model)
    module, tokenizer = shim._model, shim._hfmodel.tokenizer
    assert not any(part.sparse for part in module.modules() if isinstance(part, torch.nn.Embedding))
    assert all(not gradient.is_sparse for gradient in found.values())
    module.zero_grad()
    for seed in (0, 1):
        rng = numpy.random.default_rng(seed)
        for doc in docs:
            encoded = tokenizer(doc.text, return_tensors="pt", return_offsets_mapping=True)
            offsets = encoded.pop("offset_mapping")[0].tolist()
            vectors = module(**encoded).last_hidden_state[0]
            gradient = torch.from_numpy(rng.normal(size=(len(doc), vectors.shape[1])).astype("float32"))
            pooled = []
            for token in doc:
                end = token.idx + len(token)
                pieces = [i for i, (first, last) in enumerate(offsets) if token.idx <= first < last <= end]
                pooled.append(vectors[pieces].mean(dim=0))
            torch.stack(pooled).backward(gradient)
    for name, parameter in module.named_parameters():
        if name in found:
            torch.testing.assert_close(found[name], parameter.grad, atol=2e-5, rtol=1e-4, msg=name)


@pytest.mark.parametrize("setting, expected", [("auto", "bfloat16"), ("float32", "float32")])
def test_a_pipeline_says_what_its_scores_were_measured_in(bert, tmp_path, setting, expected):
    nlp = spacy.blank("en")
    nlp.add_pipe("mtl_tok2vec", config={"model": encoder_config(bert, precision=setting)})
    nlp.add_pipe("mtl_ner", config={"model": {"tok2vec": {
        "@architectures": "spacy-mtl.Tok2VecListener.v1", "width": None, "upstream": "*"}}})  # fmt: skip
    entities = {"entities": [(0, 4, "WHO")]}
    examples = [spacy.training.Example.from_dict(nlp.make_doc("Mira paints boats"), entities)]
    nlp.initialize(lambda: examples)
    assert "precision" not in nlp.meta
    nlp.evaluate(examples)
    assert nlp.meta["precision"] == {"mtl_tok2vec": expected}
    nlp.to_disk(tmp_path / "saved")
    again = spacy.load(tmp_path / "saved")
    assert again.meta["precision"] == {"mtl_tok2vec": expected}
    assert all(p.dtype == torch.float32 for p in get_shim(again.get_pipe("mtl_tok2vec").model)._model.parameters())
