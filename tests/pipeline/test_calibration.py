import numpy
import pytest
import spacy
from hypothesis import given
from hypothesis import strategies as st
from spacy.tokens import Doc
from spacy.training import Example
from thinc.api import fix_random_seed
from typer.testing import CliRunner

from spacy_mtl.cli.app import app
from spacy_mtl.data.writing import write_docs
from spacy_mtl.frames import read_frame_spans, set_frames
from spacy_mtl.pipeline.calibration import fit_temperature
from spacy_mtl.types import FrameSpans, RoleSpan

NAMES = ["Ana", "Tom", "Oslo", "Rome", "Kim", "Lima"]
KINDS = {
    "textcat": {"categories"},
    "ner": {"entities"},
    "srl": {"predicates", "senses", "arguments"},
}


@given(st.floats(0.3, 15.0))
def test_finds_the_minimum(best):
    found = fit_temperature(lambda t: (1 / t - 1 / best) ** 2)
    assert found == pytest.approx(best, rel=0.02)


def test_a_coin_with_known_odds():
    logit, right_share = 4.0, 0.75

    def loss(temperature):
        probability = 1 / (1 + numpy.exp(-logit / temperature))
        return -right_share * numpy.log(probability) - (1 - right_share) * numpy.log(1 - probability)

    assert fit_temperature(loss) == pytest.approx(logit / numpy.log(3), rel=0.02)


def make_examples(vocab, seed):
    """Sentences whose annotation is partly noise, so that no model can be sure of it."""
    rng = numpy.random.default_rng(seed)
    examples = []
    for _ in range(60):
        name, other = rng.choice(NAMES, 2)
        words = [str(name), "met", str(other), "twice"]
        reference = Doc(vocab, words=words)
        noisy = rng.random() < 0.3
        reference.ents = [reference.char_span(0, len(name), label="LOC" if noisy else "PER")]
        reference.cats = {"a": float(noisy), "b": float(not noisy)}
        roles = (RoleSpan("ARG1" if noisy else "ARG0", 0, 1), RoleSpan("ARGM-TMP", 3, 4))
        frames = [FrameSpans(1, 2, "meet.02" if noisy else "meet.01", roles)]
        set_frames(reference, frames + ([FrameSpans(3, 4, "twice.01")] if noisy else []))
        examples.append(Example(Doc(vocab, words=words), reference))
    return examples


@pytest.fixture(scope="module")
def nlp():
    fix_random_seed(0)
    nlp = spacy.blank("en")
    for name in KINDS:
        nlp.add_pipe(f"mtl_{name}", name=name)
    examples = make_examples(nlp.vocab, 1)
    optimizer = nlp.initialize(lambda: examples)
    for _ in range(30):
        nlp.update(examples, sgd=optimizer)
    return nlp


def with_louder_entities(nlp, factor):
    """The same pipeline with all scores of entity tags multiplied."""
    copy = spacy.blank("en")
    for name in KINDS:
        copy.add_pipe(f"mtl_{name}", name=name)
    copy.from_bytes(nlp.to_bytes())
    for ref in ("output_layer", "transitions"):
        layer = copy.get_pipe("ner").model.get_ref(ref)
        for param in layer.param_names:
            layer.set_param(param, layer.get_param(param) * factor)
    return copy


@pytest.mark.parametrize("name", KINDS)
def test_lowers_the_loss_and_changes_no_prediction(nlp, name):
    pipe = nlp.get_pipe(name)
    held_out = make_examples(nlp.vocab, 2)
    texts = [example.predicted for example in make_examples(nlp.vocab, 3)]

    def predictions():
        found = []
        for doc in texts:
            doc = pipe(doc.copy())
            best = max(doc.cats, key=doc.cats.get) if doc.cats else ""
            frames = [(f.start, f.sense, [r[:3] for r in f.roles]) for f in read_frame_spans(doc)]
            found.append((best, [(e.start, e.end, e.label_) for e in doc.ents], frames))
        return found

    before = predictions()
    calibration = pipe.calibrate(held_out)
    assert set(calibration) == KINDS[name]
    for temperature, loss_before, loss_after in calibration.values():
        assert 0.2 <= temperature <= 20
        assert loss_after <= loss_before + 1e-3
    assert predictions() == before
    assert pipe.cfg["temperatures"] == {kind: found.temperature for kind, found in calibration.items()}


def test_the_temperature_undoes_a_factor_on_the_scores(nlp):
    held_out = make_examples(nlp.vocab, 2)
    usual = nlp.get_pipe("ner").calibrate(held_out)["entities"]
    loud = with_louder_entities(nlp, 3.0).get_pipe("ner").calibrate(held_out)["entities"]
    assert loud.temperature == pytest.approx(3 * usual.temperature, rel=0.03)
    assert loud.loss_after == pytest.approx(usual.loss_after, rel=1e-3)
    assert loud.loss_before > usual.loss_before


def test_unannotated_examples_calibrate_nothing(nlp):
    words = ["Ana", "met", "Tom"]
    example = Example(Doc(nlp.vocab, words=words), Doc(nlp.vocab, words=words))
    assert nlp.get_pipe("ner").calibrate([example]) == {}
    assert nlp.get_pipe("srl").calibrate([example]) == {}
    assert nlp.get_pipe("ner").temperature("entities") == 1.0


def test_the_command_saves_a_calibrated_pipeline(nlp, tmp_path):
    nlp.to_disk(tmp_path / "pipeline")
    write_docs([example.reference for example in make_examples(nlp.vocab, 2)], tmp_path / "dev.spacy")
    command = ["calibrate", *(str(tmp_path / name) for name in ("pipeline", "dev.spacy", "calibrated"))]
    done = CliRunner().invoke(app, command)
    assert done.exit_code == 0, done.output
    assert all(kind in done.output for kinds in KINDS.values() for kind in kinds)
    loaded = spacy.load(tmp_path / "calibrated")
    for name, kinds in KINDS.items():
        assert set(loaded.get_pipe(name).cfg["temperatures"]) == kinds
    again = CliRunner().invoke(app, command)
    assert again.exit_code == 1 and "E604" in again.output
