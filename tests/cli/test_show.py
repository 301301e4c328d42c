import json
import subprocess
import sys

import pytest
import spacy
from spacy.tokens import Span
from spacy.training import Example
from typer.testing import CliRunner

from spacy_mtl.cli.app import app
from spacy_mtl.cli.show import render
from spacy_mtl.frames import set_frames
from spacy_mtl.pipeline.findings import Describer
from spacy_mtl.pipeline.loading import load_pipeline
from spacy_mtl.translations import set_translations
from spacy_mtl.types import FrameSpans, RoleSpan

TEXT = "Ada gave Grace a book"


def make_pipeline():
    """Two text categorizers, of which one lets labels stand together, and a ruler for entities."""
    nlp = spacy.blank("en")
    nlp.add_pipe("mtl_textcat", name="genre", config={"labels": ["letter", "story"]})
    nlp.add_pipe("mtl_textcat", name="tags", config={"labels": ["calm", "short"], "exclusive": False})
    example = Example(nlp.make_doc(TEXT), nlp.make_doc(TEXT))
    example.reference.cats = {"letter": 0.0, "story": 1.0, "calm": 0.0, "short": 1.0}
    optimizer = nlp.initialize(lambda: [example])
    for _ in range(20):
        nlp.update([example], sgd=optimizer)
    nlp.add_pipe("entity_ruler").add_patterns([{"label": "PERSON", "pattern": name} for name in ("Ada", "Grace")])
    return nlp


@pytest.fixture(scope="module")
def nlp():
    return make_pipeline()


@pytest.fixture(scope="module")
def path(nlp, tmp_path_factory):
    folder = tmp_path_factory.mktemp("pipeline")
    nlp.to_disk(folder)
    return str(folder)


def run_show(*arguments, stdin=None):
    return CliRunner().invoke(app, ["show", *arguments], input=stdin)


def read_json_lines(text):
    return [json.loads(line) for line in text.splitlines()]


def make_doc_with_frames(nlp):
    doc = nlp(TEXT)
    roles = (RoleSpan("ARG0", 0, 1, 0.75), RoleSpan("ARG2", 2, 3, 0.5), RoleSpan("ARG1", 3, 5))
    set_frames(doc, [FrameSpans(1, 2, "give.01", roles, 0.9, 0.8)])
    return doc


def test_describe(nlp):
    found = Describer(nlp)(make_doc_with_frames(nlp))
    assert found["text"] == TEXT
    assert found["categories"]["genre"]["chosen"] == ["story"]
    assert sum(found["categories"]["genre"]["probabilities"].values()) == pytest.approx(1, abs=1e-3)
    assert found["categories"]["tags"]["chosen"] == ["short"]
    assert [(e["text"], e["label"], e["start"], e["end"]) for e in found["entities"]] == [
        ("Ada", "PERSON", 0, 3),
        ("Grace", "PERSON", 9, 14),
    ]
    frame = found["frames"][0]
    assert (frame["text"], frame["sense"], frame["probability"], frame["sense_probability"]) == (
        "gave",
        "give.01",
        0.9,
        0.8,
    )
    assert [(role["role"], role["text"], role["probability"]) for role in frame["roles"]] == [
        ("ARG0", "Ada", 0.75),
        ("ARG2", "Grace", 0.5),
        ("ARG1", "a book", None),
    ]
    assert all(TEXT[role["start"] : role["end"]] == role["text"] for role in frame["roles"])


def test_render(nlp):
    found = Describer(nlp)(make_doc_with_frames(nlp))
    found["categories"]["tags"]["probabilities"]["short"] = 0.625
    lines = render(found).splitlines()
    assert lines[0] == TEXT
    assert lines[1].startswith("  genre: story (")
    assert lines[2] == "  tags: short (0.62)"
    start = lines.index("  entities")
    assert lines[start + 1].startswith("    PERSON: Ada")
    assert lines[start + 3 :] == [
        "  gave (0.90)  give.01 (0.80)",
        "    ARG0: Ada (0.75)",
        "    ARG2: Grace (0.50)",
        "    ARG1: a book",
    ]


def test_translations_come_last(nlp):
    doc = make_doc_with_frames(nlp)
    set_translations(doc, {"de": "Ada gab.", "fr": "Oui."}, {"de": [("Ada gab.", -0.5), ("Ada gab es.", -0.75)]})
    found = Describer(nlp)(doc)
    assert found["translations"]["de"]["candidates"][0] == {"text": "Ada gab.", "score": -0.5}
    assert render(found).splitlines()[-3:] == ["  de: Ada gab.", "    Ada gab es. (-0.75)", "  fr: Oui."]


def test_confidence_of_entities_is_shown_where_there_is_one(nlp):
    had = Span.has_extension("confidence")
    kept = Span.get_extension("confidence") if had else None
    Span.set_extension("confidence", getter=lambda span: 0.5 if span.start == 0 else None, force=True)
    try:
        found = Describer(nlp)(nlp(TEXT))
    finally:
        Span.remove_extension("confidence")
        if had:
            default, method, getter, setter = kept
            Span.set_extension("confidence", default=default, method=method, getter=getter, setter=setter)
    assert [e["confidence"] for e in found["entities"]] == [0.5, None]
    assert "PERSON: Ada (0.50)" in render(found)


def test_empty_text_has_no_category(nlp):
    found = Describer(nlp)(nlp(""))
    assert found["categories"]["genre"]["chosen"] == [] and found["entities"] == [] and found["frames"] == []
    assert "genre: none" in render(found)


def test_stock_textcat_and_categories_of_nobody():
    nlp = spacy.blank("en")
    nlp.add_pipe("textcat").add_label("a")
    doc = nlp.make_doc("Hello")
    doc.cats = {"a": 0.3, "stray": 0.75}
    found = Describer(nlp)(doc)["categories"]
    assert found["textcat"] == {"chosen": ["a"], "probabilities": {"a": 0.3}}
    assert found["other"]["chosen"] == ["stray"]


def test_texts_as_arguments(path):
    result = run_show(path, TEXT, "Hello")
    assert result.exit_code == 0, result.output
    assert TEXT in result.output and "\nHello\n" in result.output and "genre: story" in result.output


def test_json_from_arguments(path):
    found = read_json_lines(run_show(path, TEXT, "Hello", "--json").output)
    assert [one["text"] for one in found] == [TEXT, "Hello"]
    assert [e["text"] for e in found[0]["entities"]] == ["Ada", "Grace"]


@pytest.mark.parametrize("arguments", [["-"], []])
def test_lines_from_stdin(path, arguments):
    result = run_show(path, *arguments, "--json", stdin=f"{TEXT}\n\nHello")
    assert [one["text"] for one in read_json_lines(result.output)] == [TEXT, "", "Hello"]


BAD_TEXTS = {
    "not UTF-8": b"fine\n\xff\xfe\nmore\n",
    "cut within a character": b"fine\n\xc3\nmore",
    "a surrogate": b"fine\nx\xed\xa0\x80\nmore\n",
    "too long": b"fine\n" + b"word " * 210_000 + b"\nmore",
}


@pytest.mark.parametrize("data", BAD_TEXTS.values(), ids=BAD_TEXTS)
def test_a_bad_line_is_named_and_the_others_are_shown(path, tmp_path, data):
    page = tmp_path / "page.html"
    result = run_show(path, "--json", "--html", str(page), stdin=data)
    assert result.exit_code == 1 and isinstance(result.exception, SystemExit)
    assert [one["text"] for one in read_json_lines(result.stdout)] == ["fine", "more"]
    assert "MTL-E613" in result.stderr and "Text 2 " in result.stderr and len(result.stderr) < 500
    assert "more" in page.read_text("utf8")


def test_a_bad_argument_is_named_and_the_others_are_shown(path):
    result = run_show(path, "fine", "caf\udce9", "more", "--json")
    assert result.exit_code == 1 and "MTL-E613" in result.stderr and "Text 2 " in result.stderr
    assert [one["text"] for one in read_json_lines(result.stdout)] == ["fine", "more"]


def test_a_byte_order_mark_is_no_text(path):
    assert read_json_lines(run_show(path, "--json", stdin=b"\xef\xbb\xbfHello\r\nyou").output)[0]["text"] == "Hello"


def test_improbable_arguments_are_left_out_in_print(nlp):
    found = Describer(nlp)(make_doc_with_frames(nlp))
    lines = render(found, 0.6).splitlines()
    assert [line.strip() for line in lines[-2:]] == ["ARG0: Ada (0.75)", "ARG1: a book"]
    assert not any("ARG2" in line for line in lines)
    assert "ARG2" in render(found, 0.5)


@pytest.mark.parametrize("value", ["1.5", "-0.1", "much"])
def test_a_probability_out_of_range(path, value):
    assert run_show(path, "Hello", "--min-probability", value).exit_code == 2


def test_missing_pipeline(tmp_path):
    for wrong in (str(tmp_path / "absent"), str(tmp_path)):
        with pytest.raises(OSError, match="MTL-E603"):
            load_pipeline(wrong)
    result = run_show(str(tmp_path / "absent"), TEXT)
    assert result.exit_code == 1 and "MTL-E603" in result.output


@pytest.mark.parametrize("arguments,expected", [(["mtl", "show", "--help"], "--json"), (["info"], "spaCy version")])
def test_spacy_finds_the_command_and_keeps_its_own(arguments, expected):
    command = [sys.executable, "-m", "spacy", *arguments]
    result = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    assert expected in result.stdout


def test_command_line_imports_none_of_the_package_but_itself():
    code = (
        "import sys, spacy.cli; before = set(sys.modules); import spacy_mtl.cli.app;"
        "ours = ('spacy_mtl.cli', 'spacy_mtl.errors');"
        "print([name for name in set(sys.modules) - before if not name.startswith(ours)])"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=True)
    assert set(json.loads(result.stdout.replace("'", '"'))) <= {"spacy_mtl"}
