import json
import re
import stat

import pytest
import spacy
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from spacy_mtl.analysis import pages
from spacy_mtl.cli.app import app
from spacy_mtl.cli.pages.page import BARS, CONTEXT, render_page
from spacy_mtl.cli.pages.style import NUMBERED, OTHERS, STYLE, choose_colour
from spacy_mtl.pipeline.findings import Describer

from ..elements import Page

TEXT = "Ada gave Grace a book"


def describe_span(text, start, end, **more):
    return {"text": text[start:end], "start": start, "end": end, **more}


def make_frame(text, predicate, sense, roles, probability=None, sense_probability=None):
    return {
        **describe_span(text, *predicate),
        "sense": sense,
        "probability": probability,
        "sense_probability": sense_probability,
        "roles": [describe_span(text, *span, role=role, probability=p) for role, span, p in roles],
    }


def make_description(text=TEXT, **more):
    return {"text": text, "sentences": [], "categories": {}, "entities": [], "frames": [], "translations": {}, **more}


def make_full_description():
    roles = [("ARG0", (0, 3), 0.75), ("ARG2", (9, 14), 0.5), ("ARG1", (15, 21), None)]
    return make_description(
        categories={"genre": {"chosen": ["story"], "probabilities": {"story": 0.875, "letter": 0.125}}},
        entities=[
            describe_span(TEXT, 0, 3, label="PER", confidence=0.98),
            describe_span(TEXT, 9, 14, label="PERSON", confidence=None),
        ],
        frames=[make_frame(TEXT, (4, 8), "give.01", roles, 0.9, 0.8)],
    )


def read_page(*descriptions, title="Found"):
    return Page(render_page(descriptions, title)).root


def test_entities_are_marked_with_label_and_confidence():
    (block,) = read_page(make_full_description()).find("div", "entities")
    assert [mark.read(without=["label"]) for mark in block.find("mark")] == ["Ada", "Grace"]
    assert [label.read() for label in block.find("span", "label")] == ["PER 0.98", "PERSON"]
    assert block.read(without=["label"]).strip() == TEXT


def test_categories_are_bars_with_probabilities():
    (table,) = read_page(make_full_description()).find("table")
    assert table.find("caption")[0].read() == "genre"
    assert [cell.read() for cell in table.find("th")] == ["story \u2713", "letter"]
    assert [cell.read() for cell in table.find("td", "number")] == ["0.88", "0.12"]
    assert [bar.attributes["style"] for bar in table.find("div", "bar")] == ["width: 87.5%", "width: 12.5%"]
    assert [row.kinds for row in table.find("tr")] == [["chosen"], []]


def test_translations_are_listed_and_escaped():
    candidates = [{"text": text, "score": -score} for score, text in enumerate(["<b>Ja</b>", "Jawohl", "Doch"])]
    translations = {"de": {"text": "<b>Ja</b>", "candidates": candidates}, "fr": {"text": "Oui", "candidates": []}}
    page = read_page(make_description(translations=translations))
    assert [text.read() for text in page.find("p") if "lang" in text.attributes] == ["de <b>Ja</b>", "fr Oui"]
    (folded,) = page.find("details")
    assert [one.read() for one in folded.find("li")] == ["Jawohl -1.00", "Doch -2.00"]


def test_improbable_roles_are_grey():
    page = Page(render_page([make_full_description()], "Found", 0.6)).root
    (frames,) = page.find("ol", "frames")
    kinds = {mark.read(without=["label"]): mark.kinds for mark in frames.find("mark")}
    assert ["unsure" in kinds[text] for text in ("Ada", "gave", "Grace", "a book")] == [False, False, True, False]


def test_a_bar_stays_in_its_track():
    labels = {"chosen": [], "probabilities": {"high": 1.5, "low": -1.0}}
    bars = read_page(make_description(categories={"textcat": labels})).find("div", "bar")
    assert [bar.attributes["style"] for bar in bars] == ["width: 100.0%", "width: 0.0%"]


@pytest.mark.parametrize("chosen,shown", [(1, BARS), (8, 8)])
def test_further_categories_are_folded(chosen, shown):
    probabilities = {f"label{i}": 0.5 for i in range(10)}
    labels = {"chosen": list(probabilities)[:chosen], "probabilities": probabilities}
    table, folded = read_page(make_description(categories={"topic": labels})).find("table")
    assert len(table.find("tr")) == shown and len(folded.find("tr")) == 10 - shown
    assert folded.parent.tag == "details" and folded.parent.find("summary")[0].read() == f"{10 - shown} more"


def test_a_frame_is_the_sentence_with_predicate_and_roles():
    (row,) = read_page(make_full_description()).find("li")
    (sentence,) = row.find("p", "sentence")
    assert sentence.read(without=["label"]) == TEXT
    assert [(mark.read(without=["label"]), mark.find("span", "label")[0].read()) for mark in row.find("mark")] == [
        ("Ada", "ARG0 0.75"),
        ("gave", "give.01 0.80"),
        ("Grace", "ARG2 0.50"),
        ("a book", "ARG1"),
    ]
    assert ["predicate" in mark.kinds for mark in row.find("mark")] == [False, True, False, False]
    assert row.find("p", "note")[0].read() == "gave predicate 0.90"


def test_one_row_for_each_predicate_in_any_order_of_roles():
    frames = [
        make_frame(TEXT, (4, 8), "", [("ARG1", (15, 21), 0.5), ("C-V", (9, 14), None)]),
        make_frame(TEXT, (17, 21), "book.01", []),
    ]
    first, second = read_page(make_description(frames=frames)).find("li")
    assert [mark.read() for mark in first.find("mark")] == ["gaveV", "GraceC-V", "a bookARG1 0.50"]
    assert ["predicate" in mark.kinds for mark in first.find("mark")] == [True, True, False]
    assert [mark.read() for mark in second.find("mark")] == ["bookbook.01"]


def test_texts_are_numbered_and_kept_apart():
    page = read_page(make_description("one"), make_description("two"))
    assert [heading.read() for heading in page.find("h2")] == ["Text 1", "Text 2"]
    assert [block.read().strip() for block in page.find("div", "entities")] == ["one", "two"]
    assert [article.find("li") for article in page.find("article")] == [[], []]


def test_nothing_to_show():
    assert "There are no texts." in read_page().read()
    assert "The text is empty." in read_page(make_description(" \n")).read()
    assert "No entities." in read_page(make_description()).read()


HOSTILE = "</p></style><script>alert('1')</script><img src=x onerror=\"alert(1)\">&amp;{text}"


def test_everything_from_outside_is_escaped():
    entity = describe_span(HOSTILE, 0, 12, label=HOSTILE, confidence=0.5)
    description = make_description(
        HOSTILE,
        categories={
            HOSTILE: {"chosen": [HOSTILE], "probabilities": {HOSTILE: 0.5, **{f"{HOSTILE}{i}": 0 for i in range(9)}}}
        },
        entities=[entity],
        frames=[make_frame(HOSTILE, (0, 4), HOSTILE, [(HOSTILE, (12, 30), 0.5)])],
    )
    text = render_page([description], HOSTILE)
    page = Page(text).root
    assert not page.find("script") and not page.find("img") and "<script" not in text.lower()
    assert page.find("h1")[0].read() == page.find("title")[0].read() == page.find("caption")[0].read() == HOSTILE
    assert page.find("th")[0].read() == f"{HOSTILE} \u2713"
    labels = [label.read() for label in page.find("span", "label")]
    assert labels == [f"{HOSTILE} 0.50", HOSTILE, f"{HOSTILE} 0.50"]
    assert page.find("p", "sentence")[0].read(without=["label"]) == HOSTILE


# Control characters and lone carriage returns are none that a page can keep.
CHARACTERS = st.characters(exclude_categories=["Cs", "Cc"]) | st.sampled_from("<>&\"'{}% \n")


@settings(max_examples=200, deadline=None)
@given(st.text(CHARACTERS, min_size=1, max_size=60).filter(str.strip), st.data())
def test_any_text_stays_what_it_is(text, data):
    cuts = sorted(data.draw(st.sets(st.integers(0, len(text)), min_size=2, max_size=8)))
    spans = list(zip(cuts[::2], cuts[1::2]))
    label = data.draw(st.text(CHARACTERS, min_size=1, max_size=8).filter(lambda label: label != "V"))
    description = make_description(
        text,
        entities=[describe_span(text, *span, label=label, confidence=None) for span in spans],
        frames=[make_frame(text, spans[0], "", [(label, span, None) for span in spans[1:]])],
    )
    page = read_page(description)
    (block,), (sentence,) = page.find("div", "entities"), page.find("p", "sentence")
    assert block.read(without=["label"]).replace("\n", "") == text.replace("\n", ""), "displaCy breaks lines itself"
    assert sentence.read(without=["label"]) == text
    assert [m.read(without=["label"]) for m in sentence.find("mark")] == [text[a:b] for a, b in spans]
    assert [m.find("span", "label")[0].read() for m in sentence.find("mark")][1:] == [label] * (len(spans) - 1)


def test_the_page_needs_nothing_but_itself():
    text = render_page([make_full_description()], "Found")
    page = Page(text).root
    policy = [meta.attributes["content"] for meta in page.find("meta") if "http-equiv" in meta.attributes]
    assert policy == ["default-src 'none'; style-src 'unsafe-inline'"]
    names = {name for element in page.walk() for name in element.attributes}
    assert not names & {"src", "href", "srcset", "action", "background"} and not any(n.startswith("on") for n in names)
    assert {"script", "link", "iframe", "object"}.isdisjoint(element.tag for element in page.walk())
    assert not re.search(r"url\(|@import|https?:", text)


def frame_in(text, words, sentences=()):
    start = text.index(words)
    frame = make_frame(text, (start, start + len(words)), "", [])
    page = read_page(make_description(text, sentences=sentences, frames=[frame]))
    return page.find("p", "sentence")[0].read(without=["label"])


def test_only_the_sentence_of_a_frame_is_shown_where_it_is_known():
    text = "Ada ran. Grace slept. Ann sang."
    assert frame_in(text, "slept") == text
    sentences = [{"start": 0, "end": 8}, {"start": 9, "end": 21}, {"start": 22, "end": 31}]
    assert frame_in(text, "slept", sentences) == "\u2026Grace slept.\u2026"
    assert frame_in(text, "ran", sentences) == "Ada ran.\u2026"
    assert frame_in(text, "slept. Ann", sentences) == "\u2026Grace slept. Ann sang."


def test_a_long_text_is_cut_at_words_on_both_sides_of_a_frame():
    text = "before " * 100 + "HERE" + " after" * 100
    shown = frame_in(text, "HERE")
    assert shown.startswith("\u2026before ") and shown.endswith(" after\u2026")
    left, right = shown.strip("\u2026").split("HERE")
    assert CONTEXT - 7 <= len(left) <= CONTEXT and CONTEXT - 6 <= len(right) <= CONTEXT
    assert frame_in("x" * 1000 + "HERE" + "y" * 1000, "HERE") == f"\u2026{'x' * CONTEXT}HERE{'y' * CONTEXT}\u2026"


def test_colours_are_stable_by_role():
    assert choose_colour("ARG0") == choose_colour("R-ARG0") == choose_colour("C-R-ARG0") == NUMBERED["ARG0"]
    assert choose_colour("ARGM-TMP") == choose_colour("C-ARGM-TMP") == "#e6c9a8"
    assert choose_colour("") in OTHERS
    assert len({*NUMBERED.values(), *OTHERS}) == len(NUMBERED) + len(OTHERS)


def luminance(colour):
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one, other):
    """https://www.w3.org/TR/WCAG21/#dfn-contrast-ratio"""
    dark, light = sorted([luminance(one), luminance(other)])
    return (light + 0.05) / (dark + 0.05)


def test_contrast_in_light_and_dark():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    light_mode, dark_mode = ("".join(parts) for parts in zip(pages.STYLE.split("@media"), STYLE.split("@media")))
    for part in (light_mode, dark_mode):
        colour = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", part))
        for ink, ground in (("ink", "page"), ("ink", "card"), ("muted", "page"), ("muted", "card")):
            assert contrast(colour[ink], colour[ground]) >= 4.5, (ink, ground)
        assert contrast(colour["on-predicate"], colour["predicate"]) >= 7
        assert contrast(colour["line"], colour["card"]) >= 3 and contrast(colour["bar"], colour["track"]) >= 3
    on_colour = re.search(r"--on-colour: (#[0-9a-f]{6});", STYLE)[1]
    for ground in (*NUMBERED.values(), *OTHERS):
        assert contrast(on_colour, ground) >= 7, ground


def test_sentences_are_described_where_they_are_known():
    nlp = spacy.blank("en")
    assert Describer(nlp)(nlp("Ada ran. Ann sang."))["sentences"] == []
    nlp.add_pipe("sentencizer")
    assert Describer(nlp)(nlp("Ada ran. Ann sang."))["sentences"] == [{"start": 0, "end": 8}, {"start": 9, "end": 18}]
    assert Describer(nlp)(nlp(""))["sentences"] == []


@pytest.fixture(scope="module")
def pipeline(tmp_path_factory):
    nlp = spacy.blank("en")
    nlp.add_pipe("entity_ruler").add_patterns([{"label": "PERSON", "pattern": "Ada"}])
    folder = tmp_path_factory.mktemp("pipeline")
    nlp.to_disk(folder)
    return str(folder)


def run_show(*arguments, stdin=None):
    return CliRunner().invoke(app, ["show", *map(str, arguments)], input=stdin)


def test_show_writes_the_page_and_prints_as_before(pipeline, tmp_path):
    path = tmp_path / "new" / "page.html"
    result = run_show(pipeline, "Ada <b>ran</b>", "Hello \u00e9", "--html", path)
    assert result.exit_code == 0, result.output
    assert "PERSON: Ada" in result.output and "Saved to" in result.output
    page = Page(path.read_text(encoding="utf8")).root
    assert page.find("h1")[0].read() == f"What {pipeline} finds"
    blocks = [block.read(without=["label"]).strip() for block in page.find("div", "entities")]
    assert blocks == ["Ada <b>ran</b>", "Hello \u00e9"]
    assert [file.name for file in path.parent.iterdir()] == ["page.html"]
    assert path.stat().st_mode & stat.S_IRUSR


def test_json_lines_stay_alone_beside_the_page(pipeline, tmp_path):
    result = run_show(pipeline, "--json", "--html", tmp_path / "page.html", stdin="Ada\nBob")
    assert [json.loads(line)["text"] for line in result.output.splitlines()] == ["Ada", "Bob"]
    assert len(Page((tmp_path / "page.html").read_text(encoding="utf8")).root.find("article")) == 2


def test_a_page_that_cannot_be_written(pipeline, tmp_path):
    result = run_show(pipeline, "Ada", "--html", tmp_path)
    assert result.exit_code == 1 and "MTL-E152" in result.output and "PERSON" not in result.output
    (tmp_path / "file").touch()
    result = run_show(pipeline, "Ada", "--html", tmp_path / "file" / "page.html")
    assert result.exit_code == 1 and "MTL-E192" in result.output and "PERSON: Ada" not in result.output
