import numpy
import pytest
import spacy
from spacy.training import Example
from thinc.api import NumpyOps, Ops, fix_random_seed, get_current_ops, set_current_ops

from spacy_mtl.training.numpy_gemm import make_use_numpy_gemm, use_numpy_gemm

CALLBACK = {"nlp": {"before_creation": {"@callbacks": "spacy-mtl.use_numpy_gemm.v1"}}}
WORDS = "Ann met Bob in Oslo"


@pytest.fixture(autouse=True)
def restored_ops():
    ops = get_current_ops()
    set_current_ops(NumpyOps())
    yield
    set_current_ops(ops)


def start(config):
    fix_random_seed(0)
    nlp = spacy.blank("en", config=config)
    nlp.add_pipe("mtl_ner", name="ner")
    examples = [Example.from_dict(nlp.make_doc(WORDS), {"entities": [(0, 3, "PER"), (15, 19, "LOC")]})]
    return nlp, examples, nlp.initialize(lambda: examples)


def uses_blis(nlp):
    return {layer.ops.use_blis for layer in nlp.get_pipe("ner").model.walk()}


def test_computes_the_same_by_numpy():
    scores = {}
    for by_blis, config in ((True, {}), (False, CALLBACK)):
        nlp, examples, _ = start(config)
        assert uses_blis(nlp) == {by_blis}
        scores[by_blis] = nlp.get_pipe("ner").model.predict([examples[0].predicted])[0]
    numpy.testing.assert_allclose(scores[False], scores[True], atol=1e-5)


def test_a_trained_pipeline_keeps_it(tmp_path):
    nlp, examples, optimizer = start(CALLBACK)
    losses = [nlp.update(examples, sgd=optimizer)["ner"] for _ in range(10)]
    assert losses[-1] < losses[0] / 10
    nlp.to_disk(tmp_path)
    set_current_ops(NumpyOps())
    loaded = spacy.load(tmp_path)
    assert uses_blis(loaded) == {False}
    assert [entity.text for entity in loaded(WORDS).ents] == ["Ann", "Oslo"]


class OtherOps(NumpyOps):
    name = "other"


@pytest.mark.parametrize("ops", [OtherOps(), Ops()])
def test_leaves_operations_made_for_the_machine(ops):
    set_current_ops(ops)
    assert make_use_numpy_gemm()(spacy.blank("en").__class__) is spacy.blank("en").__class__
    assert get_current_ops() is ops


def test_twice_is_once():
    use_numpy_gemm(spacy.language.Language)
    ops = get_current_ops()
    use_numpy_gemm(spacy.language.Language)
    assert get_current_ops() is ops
    assert not ops.use_blis
