import warnings

import pytest
import spacy
from hypothesis import given, settings
from hypothesis import strategies as st
from spacy.tokens import Doc, DocBin, Span

from spacy_mtl.data.formats.docs import TextSpan
from spacy_mtl.data.formats.remarks import Remarks
from spacy_mtl.data.formats.texts.markup import markup_to_doc, read_markup, read_markup_docs
from spacy_mtl.data.formats.texts.markup_writing import format_markup, format_markup_file
from spacy_mtl.frames import read_frame_spans, set_frames
from spacy_mtl.types import FrameSpans, RoleSpan

TEXT = """# doc mail-01

positive | [PER Noor Idris] picked it up in [LOC Bergen] and isn't sorry.
  | [ARG0 Noor Idris] [pick_up.04 picked] [ARG1 it] [C-V up] [ARGM-LOC in Bergen] and isn't sorry.
  | [ARG1 Noor Idris] picked it up in Bergen and [be.01 is][ARGM-NEG n't] [ARG2 sorry].

neutral | No news yet.

# doc mail-02

negative | [ORG Quarrel & Sons] closed.
  | [ARG1 Quarrel & Sons] [close.01 closed].
"""
NLP = spacy.blank("en")
WORDS = ["Ana", "saw", "ten", "sheep", "by", "noon", "&", "can't"]


@pytest.fixture
def nlp():
    return NLP


def write(folder, text):
    path = folder / "mail.txt"
    path.write_text(text, encoding="utf8")
    return path


def test_reads_documents_sentences_and_spans_in_characters(tmp_path):
    path = write(tmp_path, TEXT)
    first, second, third = read_markup(path)
    assert first.place == (path, 3, "mail-01")
    assert (first.document, first.chosen) == ("mail-01", ["positive"])
    assert first.text == "Noor Idris picked it up in Bergen and isn't sorry."
    assert first.entities == [TextSpan("PER", 0, 10), TextSpan("LOC", 27, 33)]
    pick, be = first.frames
    assert (pick.line, pick.predicate) == (4, TextSpan("pick_up.04", 11, 17))
    assert [first.text[role.start : role.end] for role in pick.roles] == ["Noor Idris", "it", "up", "in Bergen"]
    assert [role.label for role in pick.roles] == ["ARG0", "ARG1", "C-V", "ARGM-LOC"]
    assert be.predicate == TextSpan("be.01", 38, 40) and be.roles[1] == TextSpan("ARGM-NEG", 40, 43)
    assert (second.chosen, second.entities, second.frames) == (["neutral"], [], [])
    assert (third.document, third.place.line, third.text) == ("mail-02", 11, "Quarrel & Sons closed.")


def test_docs_hold_every_layer_also_through_a_doc_bin(tmp_path, nlp):
    docs = DocBin(docs=read_markup_docs(write(tmp_path, TEXT), nlp), store_user_data=True)
    first, second, third = docs.get_docs(nlp.vocab)
    assert first.cats == {"positive": 1.0, "negative": 0.0, "neutral": 0.0}
    assert [(entity.text, entity.label_) for entity in first.ents] == [("Noor Idris", "PER"), ("Bergen", "LOC")]
    roles = (RoleSpan("ARG0", 0, 2), RoleSpan("ARG1", 3, 4), RoleSpan("C-V", 4, 5), RoleSpan("ARGM-LOC", 5, 7))
    negated = (RoleSpan("ARG1", 0, 2), RoleSpan("ARGM-NEG", 9, 10), RoleSpan("ARG2", 10, 11))
    assert read_frame_spans(first) == [FrameSpans(2, 3, "pick_up.04", roles), FrameSpans(8, 9, "be.01", negated)]
    assert not second.ents and second.has_annotation("ENT_IOB")
    assert "srl" in second.spans and read_frame_spans(second) == []
    assert [doc.user_data["doc_id"] for doc in (first, second, third)] == ["mail-01", "mail-01", "mail-02"]


def test_line_ends_of_windows_and_a_missing_last_one(tmp_path):
    unix = list(read_markup(write(tmp_path, TEXT)))
    windows = list(read_markup(write(tmp_path, TEXT.rstrip("\n").replace("\n", "\r\n"))))
    assert windows == unix


def test_written_text_is_the_text_that_was_read(tmp_path, nlp):
    path = write(tmp_path, TEXT)
    text = format_markup_file(read_markup_docs(path, nlp))
    assert [line for line in text.split("\n") if line] == [line for line in TEXT.split("\n") if line]
    path.write_text(text, encoding="utf8")
    assert [s.text for s in read_markup(path)] == [doc.text for doc in read_markup_docs(path, nlp)]
    assert len(list(read_markup(path))) == 3


@st.composite
def annotated_docs(draw):
    """A Doc of one sentence with a sentiment, entities and frames of predicates of one token."""
    nlp = NLP
    length = draw(st.integers(1, 7))
    text = " ".join(draw(st.lists(st.sampled_from(WORDS), min_size=length, max_size=length)))
    doc = nlp.make_doc(text)
    chosen = draw(st.sampled_from(["positive", "negative", "neutral"]))
    doc.cats = {label: float(label == chosen) for label in ("positive", "negative", "neutral")}
    doc.user_data["doc_id"] = draw(st.sampled_from(["mail-01", "mail-02"]))
    doc.set_ents([Span(doc, start, end, label="PER") for start, end in draw(parts(0, len(doc)))])
    frames = []
    for start in sorted(draw(st.sets(st.integers(0, len(doc) - 1), max_size=3))):
        spans = draw(parts(0, start)) + draw(parts(start + 1, len(doc)))
        roles = tuple(RoleSpan(draw(st.sampled_from(["ARG0", "ARGM-TMP", "C-V", "R-ARG1"])), a, b) for a, b in spans)
        frames.append(FrameSpans(start, start + 1, draw(st.sampled_from(["see.01", "pick_up.04", "make.LV"])), roles))
    set_frames(doc, frames)
    return doc


@st.composite
def parts(draw, start, end):
    """Some stretches between two tokens that do not overlap."""
    found = []
    while start < end:
        stop = draw(st.integers(start + 1, end))
        if draw(st.booleans()):
            found.append((start, stop))
        start = stop
    return found


@settings(deadline=None)
@given(annotated_docs())
def test_docs_to_markup_and_back(tmp_path_factory, doc):
    path = write(tmp_path_factory.mktemp("markup"), format_markup_file([doc]))
    (found,) = read_markup_docs(path, NLP)
    assert found.text == doc.text
    assert found.cats == doc.cats
    assert [(e.start, e.end, e.label_) for e in found.ents] == [(e.start, e.end, e.label_) for e in doc.ents]
    assert read_frame_spans(found) == read_frame_spans(doc)
    assert found.user_data == doc.user_data
    assert format_markup(found) == format_markup(doc)


@pytest.mark.parametrize(
    "old, new, code, line, shown",
    [
        ("neutral | No", "No", "MTL-E131", 7, "'No news yet.'"),
        ("# doc mail-02", "# document mail-02", "MTL-E131", 9, "'# document mail-02'"),
        ("neutral", "mixed", "MTL-E135", 7, "'mixed'"),
        ("# doc mail-01", "", "MTL-E136", 3, "'# doc ID'"),
        ("# doc mail-02", "# doc mail-01", "MTL-E137", 9, "line 1"),
        ("yet.\n", "yet.\n\n  | No [come.01 news] yet.\n", "MTL-E136", 9, "a sentence above"),
        ("[LOC Bergen] and", "[LOC Bergen and", "MTL-E132", 3, "[LOC Bergen and"),
        ("[LOC Bergen] and", "[LOC [LOC Bergen] and]", "MTL-E132", 3, "[LOC Bergen"),
        ("[LOC Bergen] and", "[Bergen] and", "MTL-E132", 3, "[Bergen]"),
        ("sorry].", "glad].", "MTL-E133", 5, "line 3"),
        ("[close.01 closed]", "closed", "MTL-E134", 12, "found none"),
        ("[ARG1 Quarrel & Sons] [", "[run.01 Quarrel] & Sons [", "MTL-E134", 12, "[run.01 Quarrel], [close.01 closed]"),
        ("[ARG1 Quarrel", "[V Quarrel", "MTL-E134", 12, "'V'"),
        ("[pick_up.04 picked]", "picked", "MTL-E134", 4, "found none"),
        ("closed].\n", "closed].\n  | Quarrel & Sons [close.02 closed].\n", "MTL-E134", 13, "already"),
    ],
)
def test_bad_lines_name_file_and_line(tmp_path, old, new, code, line, shown):
    assert old in TEXT
    path = write(tmp_path, TEXT.replace(old, new, 1))
    with pytest.raises(ValueError, match=code) as error:
        list(read_markup(path))
    assert f"{path}, line {line}, sentence" in str(error.value)
    assert shown in str(error.value)


@pytest.mark.parametrize(
    "old, new, code, line, shown",
    [
        ("[ARGM-NEG n't]", "n[ARGM-NEG 't]", "MTL-E138", 5, "'is' 'n't' 'sorry'"),
        ("[PER Noor Idris]", "[PER Noor Idr]is", "MTL-E138", 3, "'Noor Idr' (PER, characters 0-8)"),
        ("[close.01 closed]", "[close.01 closed.]", "MTL-E133", 12, "line 11"),
        ("[close.01 closed].", "[close.01 closed.]", "MTL-E134", 12, "2 tokens 'closed.'"),
    ],
)
def test_brackets_that_do_not_fit_the_tokens_show_them(tmp_path, nlp, old, new, code, line, shown):
    assert old in TEXT
    path = write(tmp_path, TEXT.replace(old, new, 1))
    with pytest.raises(ValueError, match=code) as error:
        [markup_to_doc(sentence, nlp) for sentence in read_markup(path)]
    assert f"{path}, line {line}, sentence" in str(error.value)
    assert shown in str(error.value)


def make_doc(nlp, **cats):
    doc = nlp.make_doc("Ana saw it")
    doc.cats = cats or {"positive": 1.0}
    doc.ents = []
    set_frames(doc, [FrameSpans(1, 2, "see.01", (RoleSpan("ARG0", 0, 1),))])
    return doc


def test_format_of_one_sentence(nlp):
    assert format_markup(make_doc(nlp)) == "positive | Ana saw it\n  | [ARG0 Ana] [see.01 saw] it\n"


def test_what_markup_cannot_hold_is_refused(nlp):
    bracket = Doc(nlp.vocab, words=["a", "[b]"])
    bracket.cats, bracket.ents = {"neutral": 1.0}, []
    set_frames(bracket, [])
    wide, bare, role = make_doc(nlp), make_doc(nlp), make_doc(nlp)
    set_frames(wide, [FrameSpans(1, 3, "see.01")])
    set_frames(bare, [FrameSpans(1, 2, "see")])
    set_frames(role, [FrameSpans(1, 2, "see.01", (RoleSpan("ARG 0", 0, 1),))])
    values = [make_doc(nlp, **cats) for cats in ({"a": 0.5, "b": 1.0}, {"a": 0.0}, {"a,b": 1.0}, {"a|b": 1.0})]
    for doc in (bracket, wide, bare, role, *values):
        with pytest.raises(ValueError, match="MTL-E139"):
            format_markup(doc)
    with pytest.raises(ValueError, match="MTL-E139.*names no document"):
        format_markup_file([make_doc(nlp)])
    unannotated = nlp.make_doc("Ana saw it")
    unannotated.user_data["doc_id"] = "a"
    with pytest.raises(ValueError, match="MTL-E139.*not annotated"):
        format_markup_file([unannotated])


FRAMES_ALONE = """# layers frames
# doc a

| Ana saw it.
  | [ARG0 Ana] [see.01 saw] [ARG1 it].

| It rained.
  | It [V rained].

| No.
"""


def test_frames_alone(tmp_path, nlp):
    docs = list(read_markup_docs(write(tmp_path, FRAMES_ALONE), nlp))
    assert [doc.cats for doc in docs] == [{}, {}, {}]
    assert not any(doc.has_annotation("ENT_IOB") for doc in docs)
    assert [[(frame.start, frame.sense) for frame in read_frame_spans(doc)] for doc in docs] == [
        [(1, "see.01")],
        [(1, "")],
        [],
    ]
    assert all("srl" in doc.spans for doc in docs)


@pytest.mark.parametrize(
    "layers, cats, entities, frames",
    [
        ("categories", {"calm": 1.0}, False, False),
        ("entities", {}, True, False),
        ("categories, entities", {"calm": 1.0}, True, False),
        ("categories, entities, frames", {"calm": 1.0}, True, True),
        ("categories, frames", {"calm": 1.0}, False, True),
    ],
)
def test_each_layer_is_optional(tmp_path, nlp, layers, cats, entities, frames):
    label = "calm " if cats else ""
    path = write(tmp_path, f"# doc a\n# layers {layers}\n\n{label}| Ana left.\n")
    (doc,) = read_markup_docs(path, nlp)
    assert doc.cats == cats
    assert (doc.has_annotation("ENT_IOB"), "srl" in doc.spans) == (entities, frames)
    (again,) = read_markup_docs(write(tmp_path, format_markup_file([doc])), nlp)
    assert (again.cats, again.has_annotation("ENT_IOB"), "srl" in again.spans) == (cats, entities, frames)


def test_layers_change_within_a_file_and_a_sentence_may_have_no_label(tmp_path, nlp):
    text = "# doc a\n# layers categories, entities\n\ncalm, short | Yes.\n\n| No.\n\n# layers frames\n| Go.\n"
    docs = list(read_markup_docs(write(tmp_path, text), nlp))
    assert [doc.cats for doc in docs] == [{"calm": 1.0, "short": 1.0}, {}, {}]
    assert [doc.has_annotation("ENT_IOB") for doc in docs] == [True, True, False]
    assert [doc.text for doc in read_markup_docs(write(tmp_path, format_markup_file(docs)), nlp)] == [
        "Yes.",
        "No.",
        "Go.",
    ]


def test_labels_are_those_of_the_file_or_the_three_of_the_starter_corpus(tmp_path, nlp):
    (doc,) = read_markup_docs(write(tmp_path, "# doc a\npositive | Yes.\n"), nlp)
    assert list(doc.cats.items()) == [("positive", 1.0), ("negative", 0.0), ("neutral", 0.0)]
    docs = list(read_markup_docs(write(tmp_path, "# doc a\ncalm | Yes.\nloud | No.\n"), nlp))
    assert [doc.cats for doc in docs] == [{"calm": 1.0, "loud": 0.0}, {"calm": 0.0, "loud": 1.0}]
    path = write(tmp_path, "# doc a\npositive | Yes.\nmixed | No.\n")
    with pytest.raises(ValueError, match="MTL-E135.*line 3.*'mixed'"):
        list(read_markup_docs(path, nlp))
    first, _ = read_markup_docs(path, nlp, labels=["positive", "mixed"])
    assert first.cats == {"positive": 1.0, "mixed": 0.0}


@pytest.mark.parametrize(
    "text, code, shown",
    [
        ("# doc a\n\n| Ana left.\n", "MTL-E127.*line 3", "# layers"),
        ("# doc a\n# layers frames, roles\n", "MTL-E136.*line 2", "categories, entities, frames"),
        ("# doc a\n# layers frames\n| [PER Ana] left.\n", "MTL-E127.*line 3", "Name entities there"),
        ("# doc a\n# layers frames\ncalm | Ana left.\n", "MTL-E127.*line 3", "Name categories there"),
        ("# doc a\n# layers entities\n| It is.\n  | It [be.01 is].\n", "MTL-E127.*line 4", "Name frames there"),
        ("# doc a\n, | Ana left.\n", "MTL-E136.*line 2", "a label"),
        (f"# doc a\nx | {'w' * 1_000_001}\n", "MTL-E126.*line 2", "1,000,001"),
    ],
)
def test_layers_that_are_not_said_or_not_kept_to(tmp_path, nlp, text, code, shown):
    with pytest.raises(ValueError, match=f"{code}.*{shown}"):
        list(read_markup_docs(write(tmp_path, text), nlp))


def test_a_layer_that_a_whole_file_has_nothing_of_is_told(tmp_path, nlp):
    sentences = "positive | Yes.\n" * 5
    with pytest.warns(UserWarning, match="MTL-W112.*no (entities|frames) in any of its 5"):
        list(read_markup_docs(write(tmp_path, f"# doc a\n{sentences}"), nlp))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        list(read_markup_docs(write(tmp_path, f"# doc a\n# layers categories\n{sentences}"), nlp))


def test_bad_sentences_can_be_skipped_with_their_frames(tmp_path, nlp):
    text = TEXT.replace("[be.01 is]", "is").replace("[ORG Quarrel", "ORG] Quarrel")
    remarks = Remarks(skip_bad=True)
    docs = list(read_markup_docs(write(tmp_path, text), nlp, remarks=remarks))
    assert [doc.text for doc in docs] == ["No news yet."]
    assert [message[:10] for message in remarks.first["bad"]] == ["[MTL-E134]", "[MTL-E132]"]
