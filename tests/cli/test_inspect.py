import json

import pytest
from spacy.tokens import Doc
from spacy.vocab import Vocab
from typer.testing import CliRunner

from spacy_mtl.cli.app import app
from spacy_mtl.cli.inspect import layout, parse_sources
from spacy_mtl.data.inspection import inspect_corpora
from spacy_mtl.data.writing import write_docs
from spacy_mtl.frames import set_frames
from spacy_mtl.types import FrameSpans, RoleSpan

VOCAB = Vocab()


def make_doc(frames=True):
    doc = Doc(VOCAB, words=["Ada", "gave", "Grace", "hope"], ents=["B-PER", "O", "B-PER", "O"])
    doc.cats = {"GOOD": 1.0, "BAD": 0.0}
    if frames:
        set_frames(doc, [FrameSpans(1, 2, "give.01", (RoleSpan("ARG0", 0, 1), RoleSpan("ARG2", 2, 3)))])
    return doc


@pytest.fixture
def paths(tmp_path):
    short = Doc(VOCAB, words=["Go"])
    short.cats = {"BAD": 1.0}
    write_docs([make_doc(), make_doc(), short], tmp_path / "one.spacy")
    write_docs([make_doc(frames=False)], tmp_path / "two" / "a.spacy")
    return tmp_path / "one.spacy", tmp_path / "two"


def run_inspect(*arguments):
    return CliRunner().invoke(app, ["inspect", *map(str, arguments)])


def test_tables(paths):
    tables = layout(inspect_corpora({"one": paths[0], "two": paths[1]}))
    sizes, coverage, categories, entities, frames, roles, rolesets, overlaps, common = tables
    assert sizes.rows == [("one", "1", "3", "9", "4.0", "4", "1", "1"), ("two", "1", "1", "4", "4.0", "4", "0", "0")]
    assert coverage.rows == [
        ("one", "categories", "2", "1", "0"),
        ("one", "entities", "2", "0", "1"),
        ("one", "frames", "2", "0", "1"),
        ("two", "categories", "1", "0", "0"),
        ("two", "entities", "1", "0", "0"),
        ("two", "frames", "0", "0", "1"),
    ]
    assert categories.rows == [("GOOD", "2 of 2", "1 of 1"), ("BAD", "1 of 3", "0 of 1")]
    assert entities.rows == [("PER", "4", "2")]
    assert frames.rows == [
        ("predicates", "2", "-"),
        ("predicates without a roleset", "0", "-"),
        ("different rolesets", "1", "-"),
    ]
    assert roles.rows == [("ARG0", "2", "-"), ("ARG2", "2", "-")]
    assert rolesets.rows == [("one", "give.01", "2")]
    assert overlaps.header[1:] == ("one", "two")
    assert overlaps.rows == [("one", "", "2 / 2"), ("two", "1 / 1", "")]
    assert common.rows == [
        ("one", "two", "categories", "2"),
        ("one", "two", "entities", "2"),
        ("two", "one", "categories", "1"),
        ("two", "one", "entities", "1"),
    ]
    assert all(len(row) == len(table.header) == len(table.aligns) for table in tables for row in table.rows)


def test_a_single_corpus_without_annotation_has_two_tables(tmp_path):
    write_docs([Doc(VOCAB, words=["a"] * 1234)], tmp_path / "a.spacy")
    sizes, coverage = layout(inspect_corpora({"a": tmp_path / "a.spacy"}))
    assert sizes.rows == [("a", "1", "1", "1,234", "1,234.0", "1,234", "0", "0")]
    assert [row[2:] for row in coverage.rows] == [("0", "0", "1")] * 3


def test_printed_tables_keep_long_names_whole(paths):
    result = run_inspect(f"train={paths[0]}", paths[1])
    assert result.exit_code == 0, result.output
    assert "train " in result.output and str(paths[0]) not in result.output
    lines = [line for line in result.output.splitlines() if line.startswith(f"{paths[1]}   ")]
    assert len(lines) == 7, "sizes, three tasks, overlaps, two tasks in common"


def test_shares_are_counted(tmp_path):
    soft, hard = Doc(VOCAB, words=["Hm"]), Doc(VOCAB, words=["Go"])
    soft.cats, hard.cats = {"BAD": 0.6, "GOOD": 0.4}, {"BAD": 1.0, "GOOD": 0.0}
    write_docs([soft, hard], tmp_path / "soft.spacy")
    (source,) = inspect_corpora({"soft": tmp_path / "soft.spacy"}).sources
    assert (source.with_soft_categories, source.with_one_category) == (1, 2)
    assert "between 0 and 1: 1 Docs" in run_inspect(tmp_path / "soft.spacy").output


def test_json(paths):
    result = run_inspect(f"train={paths[0]}", f"dev={paths[1]}", "--json")
    found = json.loads(result.output)
    train, dev = found["sources"]
    assert (train["name"], train["path"], train["docs"]) == ("train", str(paths[0]), 3)
    assert train["tasks"]["categories"] == {"whole": 2, "part": 1, "none": 0}
    assert train["categories"] == {"GOOD": {"positive": 2, "annotated": 2}, "BAD": {"positive": 1, "annotated": 3}}
    assert (dev["entities"], dev["frames"]) == ({"PER": 2}, 0)
    assert found["overlaps"][0] == {
        "source": "train",
        "other": "dev",
        "same": 2,
        "near": 2,
        "in_common": {"categories": 2, "entities": 2},
    }


def test_span_group_of_the_frames(paths):
    result = run_inspect(paths[0], "--spans-key", "other", "--json")
    tasks = json.loads(result.output)["sources"][0]["tasks"]
    assert tasks["frames"]["whole"] == 0 and tasks["spans 'srl'"]["whole"] == 2


def test_unreadable_frames_are_warned_of(tmp_path):
    doc = make_doc()
    doc.spans["srl"] = [span for span in doc.spans["srl"] if span.label_ != "V"]
    write_docs([doc], tmp_path / "a.spacy")
    result = run_inspect(f"mine={tmp_path / 'a.spacy'}")
    assert result.exit_code == 0
    assert "mine: 1 of 1 Docs with frames that cannot be read" in result.output and "MTL-E002" in result.output


@pytest.mark.parametrize("as_json", [[], ["--json"]])
def test_faults(tmp_path, paths, as_json):
    (tmp_path / "wrong.spacy").write_bytes(b"no DocBin")
    write_docs([Doc(VOCAB)], tmp_path / "empty.spacy")
    for arguments, code in (
        ([paths[0], tmp_path / "wrong.spacy"], "MTL-E122"),
        ([tmp_path / "empty.spacy"], "MTL-E123"),
        ([tmp_path / "absent"], "MTL-E120"),
        (["name="], "MTL-E150"),
        ([paths[0], paths[0]], "MTL-E151"),
    ):
        result = run_inspect(*arguments, *as_json)
        assert result.exit_code == 1 and code in result.output


def test_names_of_corpora(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "seed=1.spacy").touch()
    sources = parse_sources(["a/b.spacy", "dev=c=d.spacy", "seed=1.spacy"])
    assert {name: str(path) for name, path in sources.items()} == {
        "a/b.spacy": "a/b.spacy",
        "dev": "c=d.spacy",
        "seed=1.spacy": "seed=1.spacy",
    }


@pytest.mark.parametrize("wrong", ["", "=", "name=", "=path"])
def test_a_corpus_has_a_name_and_a_path(wrong):
    with pytest.raises(ValueError, match="MTL-E150"):
        parse_sources(["a.spacy", wrong])


def test_names_differ():
    with pytest.raises(ValueError, match=r"MTL-E151.*'a'.*x\.spacy.*y\.spacy"):
        parse_sources(["a=x.spacy", "a=y.spacy"])
