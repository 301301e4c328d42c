import io
import re
import signal

import pytest
import spacy
from spacy.training.initialize import init_nlp
from spacy.training.loop import train
from thinc.api import Config

from spacy_mtl.data.writing import write_docs
from spacy_mtl.recipes.choices import Choices
from spacy_mtl.recipes.sources import Source
from spacy_mtl.recipes.tasks import Task
from spacy_mtl.recipes.writing import write_config
from spacy_mtl.training.limited import TIME, TOLD, StopSignal, train_limited


@pytest.fixture(scope="module")
def config(tmp_path_factory):
    path = tmp_path_factory.mktemp("corpus") / "train.spacy"
    nlp = spacy.blank("en")
    docs = []
    for i in range(12):
        doc = nlp(f"Text {i} is {('good', 'bad')[i % 2]}.")
        doc.cats = {"good": float(i % 2 == 0), "bad": float(i % 2)}
        docs.append(doc)
    write_docs(docs, path)
    choices = Choices((Task("textcat", "textcat"),), (Source("a", ("textcat",), str(path), str(path)),), width=16)
    settings = {"training.max_steps": 6, "training.eval_frequency": 3, "training.batcher.size": 30}
    return Config().from_str(write_config(choices, settings=settings))


def run(config, output, **limits):
    stdout = io.StringIO()
    return train_limited(init_nlp(config), output, stdout=stdout, stderr=stdout, **limits), stdout.getvalue()


def test_without_a_limit_the_best_pipeline_is_that_of_spacy(tmp_path, config):
    (tmp_path / "spacy").mkdir()
    train(init_nlp(config), tmp_path / "spacy", stdout=io.StringIO(), stderr=io.StringIO())
    found, printed = run(config, tmp_path / "ours")
    assert (found.steps, found.stopped) == (6, "") and found.best_step in (0, 3, 6)
    expected, nlp = spacy.load(tmp_path / "spacy" / "model-best"), spacy.load(tmp_path / "ours")
    for name in ("tok2vec", "textcat"):
        assert nlp.get_pipe(name).model.to_bytes() == expected.get_pipe(name).model.to_bytes()
    assert nlp.config.to_str() == expected.config.to_str()
    assert nlp.meta["performance"] == expected.meta["performance"]
    assert re.findall(r"^ *\d+ +(\d+) ", printed, re.MULTILINE) == ["0", "3", "6"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["ours", "spacy"]


def test_what_is_stopped_is_evaluated_once_more_and_the_best_is_kept(tmp_path, config):
    asked = iter([False, True])
    found, printed = run(config, tmp_path / "told", should_stop=lambda: next(asked))
    assert (found.steps, found.stopped) == (1, TOLD)
    assert re.findall(r"^ *\d+ +(\d+) ", printed, re.MULTILINE) == ["0", "1"]
    nlp = spacy.load(tmp_path / "told")
    assert nlp.meta["performance"]["textcat_acc"] == pytest.approx(found.score)
    found, _ = run(config, tmp_path / "late", seconds=0)
    assert (found.steps, found.best_step, found.stopped) == (0, 0, TIME)
    assert spacy.load(tmp_path / "late").pipe_names == ["tok2vec", "textcat"]


@pytest.fixture
def default_handler():
    """What a terminal gives; a process in the background may be told to ignore it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def test_the_first_ctrl_c_is_noted_and_the_second_interrupts(default_handler):
    with pytest.raises(KeyboardInterrupt), StopSignal() as stop:
        assert not stop.has_come
        signal.raise_signal(signal.SIGINT)
        assert stop.has_come
        signal.raise_signal(signal.SIGINT)
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
