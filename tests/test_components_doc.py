"""What docs/components.md shows is run as it stands, on a small pipeline in place of the demo's."""

import re
import shlex
from pathlib import Path
from textwrap import dedent

import pytest
import spacy
from spacy.tokens import Doc, DocBin, Span
from spacy.training import Example
from spacy.util import fix_random_seed, load_config, load_model_from_config
from thinc.api import Config
from typer.testing import CliRunner

from spacy_mtl.cli.app import app
from spacy_mtl.data.writing import write_docs
from spacy_mtl.frames import read_frame_spans

from .pipeline.toy_pipeline import make_examples, train, train_config

ROOT = Path(__file__).parents[1]
DOC = ROOT / "docs" / "components.md"
PIPELINE = "training/starter/model-best"
TEXTS = ["Ana sold her car in Oslo.", "Mira likes Rome.", "Otto mocks Lima. It rains here."]


def blocks(language):
    text = DOC.read_text(encoding="utf8")
    found = re.findall(rf"^ *```{language}\n(.*?)^ *```", text, re.MULTILINE | re.DOTALL)
    return [dedent(block) for block in found]


def block_with(language, *words):
    (found,) = [block for block in blocks(language) if all(word in block for word in words)]
    return found


def predict(nlp):
    return [
        (
            dict(doc.cats),
            [(entity.text, entity.label_, entity._.confidence) for entity in doc.ents],
            read_frame_spans(doc) if "srl" in doc.spans else None,
        )
        for doc in nlp.pipe(TEXTS)
    ]


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A folder with a pipeline of configs/starter.cfg, trained a little, and with texts of which the topic is known."""
    folder = tmp_path_factory.mktemp("docs")
    fix_random_seed(0)
    nlp = load_model_from_config(load_config(ROOT / "configs" / "starter.cfg"), auto_fill=True)
    words = ["Ana", "sold", "her", "car", "in", "Oslo", "."]
    sold = Doc(nlp.vocab, words=words)
    sold.ents = [Span(sold, 0, 1, "PER"), Span(sold, 5, 6, "LOC")]
    examples = [*make_examples(nlp), Example(Doc(nlp.vocab, words=words), sold)]
    nlp.initialize(lambda: examples)
    train(nlp, examples, steps=10)
    (folder / PIPELINE).mkdir(parents=True)
    nlp.to_disk(folder / PIPELINE)
    docs = []
    for text, weather in (("It rains here.", 1.0), ("Ana likes Otto.", 0.0), ("Snow in Oslo.", 1.0)):
        docs.append(nlp.make_doc(text))
        docs[-1].cats = {"weather": weather, "people": 1.0 - weather}
    write_docs(docs, folder / "topics.spacy")
    return folder


@pytest.fixture
def inside(trained, monkeypatch):
    monkeypatch.chdir(trained)
    return spacy.load(PIPELINE)


@pytest.mark.parametrize("block", blocks("python"))
def test_every_python_example_runs(inside, block):
    exec(compile(block, str(DOC), "exec"), {})


def test_extract_on_the_command_line(inside):
    command = shlex.split(block_with("bash", "extract"))
    assert command[:4] == ["python", "-m", "spacy", "mtl"]
    result = CliRunner().invoke(app, command[4:])
    assert result.exit_code == 0, result.output
    extracted = predict(spacy.load("ner-srl"))
    assert [found[1:] for found in extracted] == [found[1:] for found in predict(inside)]
    assert all(found[0] == {} for found in extracted)


def test_an_encoder_with_a_head_of_another_pipeline(inside):
    exec(block_with("python", '"entities"'), {})
    found = predict(spacy.load("entities"))
    assert [entities for _, entities, _ in found] == [entities for _, entities, _ in predict(inside)]
    assert any(entities for _, entities, _ in found)


def config_with(block):
    """configs/starter.cfg with the blocks in place of its pipeline and components."""
    config = load_config(ROOT / "configs" / "starter.cfg", interpolate=False)
    del config["nlp"], config["components"], config["training"]["score_weights"]
    config = Config(config).merge(Config().from_str(block))
    config["paths"].update({"train": "topics.spacy", "dev": "topics.spacy"})
    config["training"].update({"max_steps": 3, "eval_frequency": 3})
    return config


def test_a_head_alone_in_a_config(inside):
    nlp = load_model_from_config(config_with(block_with("ini", "replace_listeners")), auto_fill=True)
    assert nlp.pipe_names == ["ner"]
    assert [entities for _, entities, _ in predict(nlp)] == [entities for _, entities, _ in predict(inside)]


def test_a_new_head_in_a_config(inside, tmp_path):
    nlp = train_config(config_with(block_with("ini", "annotating_components")), tmp_path / "output")
    assert nlp.get_pipe("topic").labels == ("people", "weather")
    found = predict(nlp)
    assert [one[1:] for one in found] == [one[1:] for one in predict(inside)]
    assert all(set(one[0]) == {"people", "weather"} for one in found)


def test_a_new_head_in_python(inside):
    names = {}
    exec(block_with("python", "annotates"), names)
    nlp, expected = names["nlp"], predict(inside)
    for (cats, *rest), (old_cats, *old_rest) in zip(predict(nlp), expected, strict=True):
        assert rest == old_rest
        assert {label: cats[label] for label in old_cats} == old_cats
    assert nlp("It rains here.").cats["weather"] > 0.5 > nlp("Ana likes Otto.").cats["weather"]


def test_rehearsal(inside):
    exec(block_with("python", "rehearsed"), {})
    docs = list(DocBin().from_disk("topics-rehearsed.spacy").get_docs(inside.vocab))
    topics = list(DocBin().from_disk("topics.spacy").get_docs(inside.vocab))
    assert [doc.cats for doc in docs] == [doc.cats for doc in topics]
    assert all("srl" in doc.spans and doc.has_annotation("ENT_IOB") for doc in docs)


def test_linked_files_exist():
    for target in re.findall(r"\]\(([\w./-]+)\)", DOC.read_text(encoding="utf8")):
        assert DOC.parent.joinpath(target).exists(), target
