import json
from html.parser import HTMLParser

import pytest
from spacy.tokens import DocBin
from typer.testing import CliRunner

from spacy_mtl.analysis.explanation.explain import explain
from spacy_mtl.cli.app import app
from spacy_mtl.cli.explanation_text import mark_levels, render_words
from spacy_mtl.cli.pages.explanation import render_explanations
from tests.analysis.explanation.pipelines import TEXT, make_pipeline
from tests.pipeline.toy_pipeline import make_docs


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pipeline")
    make_pipeline().to_disk(folder)
    return str(folder)


def run(*arguments):
    return CliRunner().invoke(app, ["explain", *arguments])


def test_each_prediction_with_its_words(path, tmp_path):
    page = tmp_path / "page.html"
    result = run(path, TEXT, "--component", "ner", "--target", "PER:Ana", "--check", "--html", str(page))
    assert result.exit_code == 0, result.output
    name, words, routes, without, at_random, *saved = result.output.splitlines()
    assert name.startswith("ner  PER:Ana  0.") and words.startswith("  Ana(+")
    assert "through the encoder" in routes and without.startswith("  it without 'Ana'") and "at random" in at_random
    assert "Saved to" in " ".join(saved) and "Ana</mark>" in page.read_text(encoding="utf8")


def test_json_is_what_the_function_gives(path):
    result = run(path, TEXT, "--json", "--against", "LOC", "--target", "PER:Ana", "--method", "integrated")
    found = json.loads(result.output)
    (expected,) = explain(make_pipeline(), TEXT, None, "PER:Ana", "LOC", "integrated", check=True)
    assert found == {"text": TEXT, "explanations": [json.loads(json.dumps(expected.to_dict()))]}
    assert found["explanations"][0]["against"] == "LOC" and found["explanations"][0]["gap"] < 0.1


def test_a_corpus(path, tmp_path):
    DocBin(docs=make_docs(make_pipeline())[:4]).to_disk(tmp_path / "dev.spacy")
    result = run(path, "--corpus", str(tmp_path / "dev.spacy"), "--limit", "3")
    assert result.exit_code == 0, result.output
    for heading in ("labels of ner, entity", "same words", "lose without their words"):
        assert heading in result.output
    found = json.loads(run(path, "--corpus", str(tmp_path / "dev.spacy"), "--component", "ner", "--json").output)
    assert found["texts"] == 4 and {one["label"] for one in found["labels"]} <= {"PER", "LOC"}


@pytest.mark.parametrize(
    "code,arguments",
    [
        ("E802", [TEXT, "--target", "ORG:Ana"]),
        ("E804", [""]),
        ("E807", [TEXT, "--method", "shap"]),
        ("E613", ["\udcff"]),
        ("E152", [TEXT, "--html", "."]),
        ("E1", ["--corpus", "no-such.spacy"]),
    ],
)
def test_mistakes_are_told(path, code, arguments, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    result = run(path, *arguments)
    assert result.exit_code == 1 and f"MTL-{code}" in result.output


@pytest.mark.parametrize("arguments", [[], ["a text", "--corpus", "dev.spacy"]])
def test_a_text_or_a_corpus(path, arguments):
    assert run(path, *arguments).exit_code == 2


def test_words_are_marked_by_sign_and_size():
    assert mark_levels([3.0, -1.5, 0.9, -0.4, 0.2]) == [3, -2, 1, -1, 0]
    assert mark_levels([0.0, 0.0]) == [0, 0]


def test_words_are_coloured(path):
    (one,) = explain(make_pipeline(), TEXT, "ner", "PER:Ana")
    first = render_words(one, True).split(" ")[0]
    assert first.startswith("\x1b[") and "48;2;60;175;85" in first and "Ana" in first


def test_the_page_is_whole_and_escapes(path):
    (one,) = explain(make_pipeline(), TEXT, "ner", "PER:Ana", check=True)
    named = one._replace(words=("<b>", *one.words[1:]), label="<i>&")
    page = render_explanations("<u>" + TEXT, [named], "Why", True)
    assert "<b>" not in page and "<u>" not in page and "<i>" not in page and "<script" not in page
    opened = []

    class Reader(HTMLParser):
        def handle_starttag(self, tag, attributes):
            if tag not in ("meta", "wbr"):
                opened.append(tag)

        def handle_endtag(self, tag):
            assert opened.pop() == tag

    Reader().feed(page)
    assert opened == []
    assert "Nothing is predicted" in render_explanations(TEXT, [], "Why", False)
