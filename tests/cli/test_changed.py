import json
import os

import pytest
import spacy
from spacy.tokens import DocBin
from typer.testing import CliRunner

from spacy_mtl.cli.app import app
from spacy_mtl.cli.pages.sharing_section import keep_section
from tests.pipeline.toy_pipeline import build, make_docs


@pytest.fixture(scope="module")
def compared(tmp_path_factory):
    folder = tmp_path_factory.mktemp("compared")
    heads = ("sentiment", "ner")
    sides = {"joint/seed-0": (heads, 15), "joint/seed-1": (heads, 2)}
    sides.update({f"single/{task}/seed-0": ([task], 2) for task in heads})
    for name, (of_side, steps) in sides.items():
        path = folder / name / "model-best"
        path.mkdir(parents=True)
        build(heads=of_side, steps=steps).to_disk(path)
    nlp = spacy.blank("en")
    DocBin(docs=make_docs(nlp)).to_disk(folder / "test.spacy")
    DocBin(docs=[nlp.make_doc("  ")]).to_disk(folder / "empty.spacy")
    return folder


def run(compared, *arguments, test="test.spacy"):
    return CliRunner().invoke(app, ["changed", str(compared), "--test", str(compared / test), *map(str, arguments)])


def test_tables_and_files(compared, tmp_path):
    result = run(compared, "--output", tmp_path, "--limit", 9, "--explain", 1)
    assert result.exit_code == 0, result.output
    found = json.loads((tmp_path / "changed.json").read_text(encoding="utf8"))
    assert len(found["texts"]) == 9
    assert set(found["similarity"]) == {"joint, sentiment alone", "joint, ner alone", "joint, another seed"}
    assert {one["probe"] for one in found["probes"]} == {"sentiment: category", "ner: entity"}
    by_task = {one["task"]: one for one in found["predictions"]}
    assert set(by_task) == {"sentiment", "ner"} and by_task["ner"]["differing_texts"]
    page = (tmp_path / "changed.html").read_text(encoding="utf8")
    assert "<svg role" in page and "<mark" in page and "<script" not in page
    assert "| encoders | embedding | output |" in (tmp_path / "changed.md").read_text(encoding="utf8")
    again = run(compared, "--limit", 9, "--explain", 1, "--tasks", "ner")
    assert again.exit_code == 0 and (compared / "changed.html").exists()
    assert "sentiment" not in (compared / "changed.md").read_text(encoding="utf8")


def test_the_page_of_the_comparison_has_it(compared, tmp_path):
    page = "<h1>Compared</h1>\n<h2>How it was done</h2>\nby hand\n"
    comparison = compared / "comparison.html"
    comparison.write_text(page, encoding="utf8")
    for limit in (9, 5):
        result = run(compared, "--limit", limit, "--explain", 1, "--tasks", "ner")
        assert result.exit_code == 0 and "page of the comparison" in " ".join(result.output.split())
    found = comparison.read_text(encoding="utf8")
    assert found.count("<h2>What sharing changed</h2>") == 1 and 'href="changed.html"' in found and "<svg role" in found
    assert "5 texts chosen" in found and "9 texts chosen" not in found and found.endswith("by hand\n")
    # a comparison that writes its page again keeps it, until a pipeline is trained anew
    comparison.write_text(page, encoding="utf8")
    keep_section(compared)
    assert comparison.read_text(encoding="utf8") == found
    comparison.write_text(page, encoding="utf8")
    os.utime(compared / "joint" / "seed-0" / "model-best" / "meta.json", times=(2e9, 2e9))
    keep_section(compared)
    assert comparison.read_text(encoding="utf8") == page


@pytest.mark.parametrize(
    "code,options,test",
    [
        ("E835", ["--seed", 7], "test.spacy"),
        ("E836", ["--tasks", "srl"], "test.spacy"),
        ("E837", [], "empty.spacy"),
    ],
)
def test_bad_input(compared, tmp_path, code, options, test):
    result = run(compared, *options, "--output", tmp_path / "out", test=test)
    assert result.exit_code == 1 and f"MTL-{code}" in " ".join(result.output.split()), result.output
    assert not (tmp_path / "out").exists()
