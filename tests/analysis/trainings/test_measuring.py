"""What a pipeline costs."""

import subprocess
import sys
from pathlib import Path

import numpy
import pytest
import spacy
from spacy.tokens import Doc
from spacy.training import Example
from thinc.api import Adam

from spacy_mtl.analysis.trainings.measuring import (
    count_bytes,
    count_parameters,
    read_peak_memory,
    time_annotation,
    time_updates,
)

from ...pipeline.shared_encoder import ENCODER_MODEL, TAGGER, WIDTH


@pytest.fixture
def nlp():
    nlp = spacy.blank("en")
    nlp.add_pipe("mtl_tok2vec", name="tok2vec", config={"model": ENCODER_MODEL})
    nlp.add_pipe("tagger", config={"model": TAGGER})
    nlp.initialize(lambda: make_examples(nlp))
    return nlp


def make_examples(nlp):
    doc = Doc(nlp.vocab, words=["Ana", "sleeps"], spaces=[True, False])
    return [Example.from_dict(doc, {"tags": ["N", "V"]})]


def test_parameters_are_counted_once(nlp):
    saved = nlp.get_pipe("tok2vec").model
    arrays = [node.get_param(name) for node in saved.walk() for name in node.param_names]
    encoder = sum(array.size for array in arrays)
    assert count_parameters(nlp) == encoder + 2 * WIDTH + 2
    # a second head over the same encoder costs no second encoder
    nlp.add_pipe("tagger", name="other", config={"model": TAGGER})
    nlp.get_pipe("other").initialize(lambda: make_examples(nlp), nlp=nlp)
    assert count_parameters(nlp) == encoder + 2 * (2 * WIDTH + 2)


def test_torch_parameters_are_counted():
    torch = pytest.importorskip("torch")
    nlp = spacy.blank("en")
    encode = {"@architectures": "spacy-mtl.RNNEncoder.v1", "width": WIDTH, "depth": 1, "cell": "gru"}
    embed = {"@architectures": "spacy.MultiHashEmbed.v2", "width": WIDTH, "attrs": ["NORM"], "rows": [100],
             "include_static_vectors": False}  # fmt: skip
    model = {"@architectures": "spacy.Tok2Vec.v2", "embed": embed, "encode": encode}
    nlp.add_pipe("mtl_tok2vec", name="tok2vec", config={"model": model})
    nlp.initialize()
    module = [node for node in nlp.get_pipe("tok2vec").model.walk() if node.shims][0].shims[0]._model
    assert isinstance(module, torch.nn.Module)
    in_torch = sum(parameter.numel() for parameter in module.parameters())
    assert count_parameters(nlp) > in_torch > 2 * 3 * (WIDTH // 2) ** 2


def test_bytes(tmp_path):
    (tmp_path / "inner").mkdir()
    (tmp_path / "one").write_bytes(b"12345")
    (tmp_path / "inner" / "other").write_bytes(b"123")
    assert count_bytes(tmp_path) == 8


def test_times(nlp):
    examples = make_examples(nlp)
    weights = nlp.get_pipe("tagger").model.get_ref("softmax").get_param("W")
    before = weights.copy()
    assert time_annotation(nlp, [examples[0].reference] * 3) > 0
    numpy.testing.assert_array_equal(nlp.get_pipe("tagger").model.get_ref("softmax").get_param("W"), before)
    assert time_updates(nlp, [examples, examples], Adam(0.01), 0.1) > 0
    assert numpy.abs(nlp.get_pipe("tagger").model.get_ref("softmax").get_param("W") - before).max() > 1e-3


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the system has no /proc")
def test_the_peak_of_memory_is_that_of_the_process_alone():
    held = b"x" * 300_000_000
    program = "list(b'x' * 5_000_000); print('freed', flush=True); input()"
    child = subprocess.Popen([sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert child.stdout.readline() == b"freed\n"
    # pointers of eight bytes, which are held no more
    assert 40e6 < read_peak_memory(child.pid) < 100e6 < len(held) < read_peak_memory()
    child.communicate(b"\n")
    assert read_peak_memory(child.pid) is None
