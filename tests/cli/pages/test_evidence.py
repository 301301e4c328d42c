"""What the predictions of a page rest on, as a table, as data, and in a browser."""

import base64
import hashlib
import json
import re
import shutil
import subprocess

import pytest
from typer.testing import CliRunner

from spacy_mtl.analysis.explanation.results import Explanation
from spacy_mtl.analysis.explanation.tasks import Written
from spacy_mtl.cli.app import app
from spacy_mtl.cli.pages import evidence as page_evidence
from spacy_mtl.cli.pages import page as page_of_findings
from spacy_mtl.cli.pages.evidence import Evidence, find_evidence
from spacy_mtl.cli.pages.page import render_page
from spacy_mtl.cli.pages.script import SCRIPT
from tests.analysis.explanation.pipelines import TEXT as TOY_TEXT
from tests.analysis.explanation.pipelines import make_pipeline

from ..elements import Page
from .test_page import HOSTILE, TEXT, make_description, make_full_description

BROWSER = next(filter(None, map(shutil.which, ["chromium", "chromium-browser", "google-chrome"])), None)
WORDS = tuple(TEXT.split())
OFFSETS = tuple(match.start() for match in re.finditer(r"\S+", TEXT))


def explanation(component, kind, label, start, end, encoder, own=None, predicate=None, words=WORDS):
    return Explanation(
        *(component, kind, label, start, end, predicate, None, 0.9, 2.2, -1.0),
        *(tuple(encoder), own, "occlusion", None, None, words, OFFSETS),
    )


def make_evidence(first=1):
    return Evidence(
        [
            explanation("genre", "category", "story", 0, 5, [0, 2.0, 0, 0, -1.0], (0, 0.5, 0, 0.9, 0)),
            explanation("ner", "entity", "PER", 0, 1, [1.5, 0.6, 0, 0.05, 0]),
            explanation("srl", "predicate", "V", 1, 2, [0, 3.0, 0, 0, 0]),
            explanation("srl", "sense", "give.01", 1, 2, [0, 0, 0, 0, 0]),
            explanation("srl", "argument", "ARG0", 0, 1, [1.0, 1.0, 0, 0, 0], predicate=1),
        ],
        first,
    )


def read_page(*evidence):
    return Page(render_page([make_full_description()] * len(evidence), "Found", 0.0, evidence)).root


def read_data(root):
    (block,) = [script for script in root.find("script") if script.attributes.get("type") == "application/json"]
    return json.loads(block.read())


def test_what_is_found_is_tied_to_its_explanation():
    root = read_page(make_evidence(7))
    tied = [e for e in root.walk() if "data-prediction" in e.attributes and e.parent.attributes.get("scope") != "col"]
    assert [(e.attributes["data-prediction"], e.read()) for e in tied] == [
        ("8", "AdaPER 0.98"),
        ("7", "story \u2713"),
        ("9", "predicate 0.90"),
        ("11", "AdaARG0 0.75"),
        ("10", "gavegive.01 0.80"),
    ]


def test_words_of_a_translation_are_tied_to_theirs():
    text = "Ada gab <Grace>"
    places = [(0, 3), (4, 7), (8, 15)]
    explanations = [
        explanation("translate", kind, label, 0, 5, [0.0] * 5)._replace(written=written, probability=3e-6)
        for kind, label, written in [
            ("translation", "de", Written(text, 0, len(text), None)),
            *[("word", text[slice(*place)], Written(text, *place, number)) for number, place in enumerate(places)],
        ]
    ]
    translations = {"de": {"text": "Ada gab  <Grace>", "candidates": []}, "fr": {"text": "Oui", "candidates": []}}
    description = make_description(translations=translations)
    root = Page(render_page([description], "Found", 0.0, [Evidence(explanations, 4)])).root
    german, french = [text for text in root.find("p") if "lang" in text.attributes]
    tied = [(e.attributes["data-prediction"], e.read()) for e in german.find("span")]
    assert tied == [("4", "de"), ("5", "Ada"), ("6", "gab"), ("7", "<Grace>")]
    assert german.read() == f"de {text}" and french.read() == "fr Oui" and not french.find("span")
    assert read_data(root)[0]["predictions"][0]["probability"] == 3e-6


def test_the_table_has_words_and_predictions_of_all_tasks():
    (table,) = [table for table in read_page(make_evidence()).find("table") if table.find("thead")]
    heads = [head.read() for head in table.find("thead")[0].find("th")]
    assert heads[:4] == ["Word", "Carries", "genre: story 0.90", "ner: PER:Ada 0.90"]
    rows = {row.find("th")[0].read(): [cell.read() for cell in row.find("td")] for row in table.find("tr")[1:]}
    assert rows["gave"] == ["genre, ner, srl", "+2.5", "+0.6", "+3.0", "", "+1.0"]
    assert rows["book"] == ["", "\u22121.0", "", "", "", ""]
    assert rows["Grace"] == [""] * 6


def test_the_data_of_the_script():
    data = read_data(read_page(make_evidence(), Evidence(problem="Too long."), make_evidence(6)))
    assert [text["article"] for text in data] == ["text-1", "text-3"]
    assert "".join(word + space for word, space in data[0]["words"]) == TEXT
    assert [one["number"] for text in data for one in text["predictions"]] == list(range(1, 11))
    assert data[0]["predictions"][0]["own"] == [0, 0.5, 0, 0.9, 0] and data[0]["predictions"][1]["own"] is None


def test_no_text_breaks_out_of_the_data():
    hostile = (HOSTILE, "<!--<script>", *WORDS[2:])
    one = explanation(HOSTILE, "entity", HOSTILE, 0, 2, [1.0] * 5, words=hostile)
    page = render_page([make_full_description()], "Found", 0.0, [Evidence([one])])
    root = Page(page).root
    assert page.lower().count("<script") == 2 and "<!--" not in page and not root.find("img")
    assert [word for word, _ in read_data(root)[0]["words"]] == list(hostile)


def test_only_the_script_of_the_page_may_run():
    page = render_page([make_full_description()], "Found", 0.0, [make_evidence()])
    (policy,) = [m.attributes["content"] for m in Page(page).root.find("meta") if "http-equiv" in m.attributes]
    digest = base64.b64encode(hashlib.sha256(SCRIPT.encode("utf8")).digest()).decode()
    assert policy == f"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{digest}'"
    assert f"<script>{SCRIPT}</script>" in page and not re.search(r"url\(|@import|https?:|fetch\(", page)
    assert "<script" not in render_page([make_full_description()], "Found", 0.0, [Evidence(problem="Too long.")])


def test_show_explains_unless_told_otherwise(tmp_path, monkeypatch):
    monkeypatch.setattr("spacy_mtl.cli.show.load_pipeline", lambda _: make_pipeline())
    for options in ([], ["--no-explain"]):
        arguments = ["pipeline", TOY_TEXT, "", "--html", str(tmp_path / "page.html"), *options]
        result = CliRunner().invoke(app, ["show", *arguments])
        assert result.exit_code == 0, result.output
        root = Page((tmp_path / "page.html").read_text("utf8")).root
        tied = {e.attributes["data-prediction"] for e in root.walk() if "data-prediction" in e.attributes}
        if options:
            assert not tied and not root.find("script")
        else:
            (text,) = read_data(root)
            assert tied == {str(one["number"]) for one in text["predictions"]} and len(tied) > 2
            outside = [e for e in root.find("mark") if "data-prediction" in e.attributes]
            assert len(outside) == len(root.find("mark"))


def test_long_texts_and_many_texts_are_not_explained(monkeypatch):
    nlp = make_pipeline()
    monkeypatch.setattr(page_evidence, "AUTO_TOKENS", 9)
    monkeypatch.setattr(page_evidence, "TOKENS_READ", 9**2 + 2)
    found = find_evidence(nlp, [TOY_TEXT, TOY_TEXT + " Ana sings .", TOY_TEXT])
    assert [bool(one.explanations) for one in found] == [True, False, False]
    assert "up to 9 tokens" in found[1].problem and "the first texts" in found[2].problem
    assert "up to 9 tokens" in read_page(found[1]).read()


TEST_SCRIPT = """
const find = (number) => document.querySelector(`[data-prediction="${number}"]`);
const press = (key) => find(1).dispatchEvent(new KeyboardEvent("keydown", {key, bubbles: true}));
const log = [];
const note = () => log.push({
  pressed: [...document.querySelectorAll("[data-prediction][aria-pressed=true]")].map((e) => e.dataset.prediction),
  words: [...document.querySelectorAll(".words .word")].map((e) => `${e.className} ${e.textContent}`),
  summary: document.querySelector("[aria-live]").textContent,
  hash: location.hash,
});
note();
find(1).click(); note();
document.querySelector("[data-route=own]").click(); note();
press("Escape"); note();
press("Enter"); note();
make("pre", document.body, "log").textContent = JSON.stringify(log);
"""


@pytest.mark.skipif(BROWSER is None, reason="no browser is installed")
def test_in_a_browser_a_chosen_prediction_shows_its_words(tmp_path, monkeypatch):
    monkeypatch.setattr(page_of_findings, "SCRIPT", SCRIPT + TEST_SCRIPT)
    path = tmp_path / "page.html"
    path.write_text(render_page([make_full_description()], "Found", 0.0, [make_evidence()]), encoding="utf8")
    options = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]
    command = [BROWSER, *options, f"--user-data-dir={tmp_path / 'profile'}", "--dump-dom", f"{path.as_uri()}#p2"]
    shown = subprocess.run(command, capture_output=True, timeout=120, check=True).stdout.decode("utf8")
    (log,) = [element for element in Page(shown).root.find("pre") if "log" in element.kinds]
    addressed, clicked, by_route, left, entered = json.loads(log.read())
    assert addressed["pressed"] == ["2", "2"] and addressed["hash"] == "#p2"
    assert addressed["words"] == ["word for-3 Ada +1.5", "word for-2 gave +0.6"]
    assert addressed["summary"] == (
        "ner: PER:Ada (0.90) rests mostly on \u201cAda\u201d (+1.5), \u201cgave\u201d (+0.6)."
    )
    assert clicked["pressed"] == ["1", "1"] and clicked["hash"] == "#p1"
    assert clicked["words"] == ["word for-3 gave +2.5", "word for-2 a +0.9", "word against-2 book \u22121.0"]
    assert "against it: \u201cbook\u201d (\u22121.0). 68% goes through the encoder, 32%" in clicked["summary"]
    assert by_route["words"] == ["word for-1 gave +0.5", "word for-2 a +0.9"]
    assert (left["pressed"], left["words"], left["hash"]) == ([], [], "")
    assert entered == by_route
    tied = [element.attributes for element in Page(shown).root.walk() if "data-prediction" in element.attributes]
    assert {(one["role"], one["tabindex"]) for one in tied} == {("button", "0")}
