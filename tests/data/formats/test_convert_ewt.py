"""The script that joins the English Web Treebank: what it prints, and what it leaves when the input is bad."""

import importlib.util
from pathlib import Path

import pytest
import typer
from spacy.tokens import DocBin
from spacy.vocab import Vocab
from typer.testing import CliRunner

from spacy_mtl.frames import read_frame_spans

from ..corpora import GIVE_FRAMES, RUN, RUN_FRAMES, conllu, write_ewt

SCRIPT = Path(__file__).parents[3] / "scripts" / "convert_ewt.py"


@pytest.fixture(scope="module")
def app():
    spec = importlib.util.spec_from_file_location("convert_ewt", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    app = typer.Typer()
    app.command()(module.main)
    return app


def convert(app, corpora, output):
    result = CliRunner().invoke(app, [str(corpora), str(output)])
    # Long lines of the message are wrapped for the terminal.
    return result.exit_code, " ".join(result.output.split())


def test_writes_three_files_and_prints_what_they_hold(app, tmp_path):
    corpora = write_ewt(tmp_path / "corpora")
    code, printed = convert(app, corpora, tmp_path / "out")
    assert code == 0
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["dev.spacy", "test.spacy", "train.spacy"]
    first, second = DocBin().from_disk(tmp_path / "out" / "train.spacy").get_docs(Vocab())
    assert {frame.sense for frame in read_frame_spans(first)} == {frame.sense for frame in GIVE_FRAMES}
    assert read_frame_spans(second) == RUN_FRAMES
    # Sentences, with entities, entities, with roles, predicates, senses, roles, moved.
    assert "train 2 2 2 2 3 3 3 0" in printed
    assert "test 1 1 0 0 0 0 0 0" in printed
    assert "test frames no such sentence 1" in printed


def test_a_sentence_that_does_not_fit_stays_without_that_layer(app, tmp_path):
    words = conllu("reviews-1-0001", RUN) + conllu("reviews-1-0002", RUN)
    corpora = write_ewt(tmp_path / "corpora", words=words)
    code, printed = convert(app, corpora, tmp_path / "out")
    assert code == 0
    assert "train entities token counts differ 1" in printed
    assert "train frames token counts differ 1" in printed
    first, second = DocBin().from_disk(tmp_path / "out" / "train.spacy").get_docs(Vocab())
    assert "srl" not in first.spans and not first.has_annotation("ENT_IOB")
    assert "srl" in second.spans and second.has_annotation("ENT_IOB")


TEST_WORDS = "UD_English-EWT/en_ewt-ud-test.conllu"
TEST_ENTITIES = "UNER_English-EWT/en_ewt-ud-test.iob2"
ROLES = "propbank-release/data/google/ewt/email/01/2.xml.gold_skel"


@pytest.mark.parametrize(
    "name, old, new, code, line",
    [
        (TEST_WORDS, b"\t_\t0\troot", b"\t_\t7\troot", "MTL-E105", 2),
        (TEST_WORDS, b"\n2\t", b"\n3\t", "MTL-E104", 3),
        (TEST_WORDS, b"VERB\t", b"VERB ", "MTL-E103", 2),
        (TEST_WORDS, b"\tRun", b"\t\xff", "MTL-E102", 2),
        (TEST_WORDS, b"weblog", b"poems", "MTL-E117", 1),
        (TEST_ENTITIES, b"\t!\tO", b"\t!\tI-PER", "MTL-E107", 3),
        (TEST_ENTITIES, b"\t!\tO", b"\t!\tPER", "MTL-E106", 3),
        (ROLES, b"(V*)", b"(V*", "MTL-E112", 1),
        (ROLES, b"run.02 (V*)", b"run.02", "MTL-E109", 1),
        (ROLES, b"(V*)", b"\xe9", "MTL-E102", 1),
    ],
)
def test_bad_input_names_file_and_line_and_leaves_no_output(app, tmp_path, name, old, new, code, line):
    corpora = write_ewt(tmp_path / "corpora")
    path = corpora / name
    data = path.read_bytes()
    assert old in data
    path.write_bytes(data.replace(old, new, 1))
    status, printed = convert(app, corpora, tmp_path / "out")
    assert status == 1
    assert code in printed
    assert f"{path.name},line{line}" in "".join(printed.split())
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("name", [TEST_WORDS, TEST_ENTITIES])
def test_a_missing_file_is_named_and_leaves_no_output(app, tmp_path, name):
    corpora = write_ewt(tmp_path / "corpora")
    (corpora / name).unlink()
    status, printed = convert(app, corpora, tmp_path / "out")
    assert status == 1
    assert "MTL-E101" in printed
    assert Path(name).name in "".join(printed.split())
    assert not (tmp_path / "out").exists()
