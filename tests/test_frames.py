import pickle
import warnings

import numpy
import pytest
import spacy
from hypothesis import given, settings
from hypothesis import strategies as st
from spacy.tokens import Doc, DocBin, Span, SpanGroup, Token
from spacy.training import Example

from spacy_mtl.alignment import align_frames
from spacy_mtl.frames import (
    Frame,
    get_frames,
    join_docs,
    read_frame_spans,
    register_extensions,
    set_frames,
    slice_doc,
)
from spacy_mtl.types import FrameSpans, RoleSpan

WORDS = ["Ana", "gave", "Tom", "the", "keys", "yesterday", "and", "he", "thanked", "her", "."]
FRAMES = [
    FrameSpans(
        1,
        2,
        "give.01",
        (RoleSpan("ARG0", 0, 1, 0.75), RoleSpan("ARG2", 2, 3, 0.5), RoleSpan("ARG1", 3, 5), RoleSpan("ARGM-TMP", 5, 6)),
        0.875,
        0.25,
    ),
    FrameSpans(8, 9, "thank.01", (RoleSpan("ARG0", 7, 8), RoleSpan("ARG1", 9, 10))),
]


@pytest.fixture
def nlp():
    register_extensions()
    return spacy.blank("en")


@pytest.fixture
def doc(nlp):
    doc = Doc(nlp.vocab, words=WORDS)
    set_frames(doc, FRAMES)
    return doc


def test_what_is_written_is_read(doc):
    assert read_frame_spans(doc) == FRAMES
    assert [frame.to_offsets() for frame in get_frames(doc)] == FRAMES


def test_the_reading_view(doc):
    give, thank = doc._.frames
    assert (give.predicate.text, give.sense, give.probability) == ("gave", "give.01", 0.875)
    assert [(role, span.text) for role, span, _ in give.arguments] == [
        ("ARG0", "Ana"),
        ("ARG2", "Tom"),
        ("ARG1", "the keys"),
        ("ARGM-TMP", "yesterday"),
    ]
    assert doc[1]._.frame == give
    assert doc[8]._.frame == thank
    assert doc[0]._.frame is None


def test_storage_is_the_documented_one(doc):
    spans = [(s.text, s.label_, s.kb_id_, s.id_) for s in doc.spans["srl"]]
    assert spans[0] == ("gave", "V", "give.01", "1")
    assert ("her", "ARG1", "", "8") in spans


def test_frames_survive_docbin_bytes_copy_and_pickle(nlp, doc):
    fresh = spacy.blank("en").vocab
    copies = [
        next(DocBin(docs=[doc], store_user_data=False).get_docs(nlp.vocab)),
        next(DocBin().from_bytes(DocBin(docs=[doc]).to_bytes()).get_docs(fresh)),
        Doc(fresh).from_bytes(doc.to_bytes()),
        doc.copy(),
        pickle.loads(pickle.dumps(doc)),
    ]
    for copy in copies:
        assert read_frame_spans(copy) == FRAMES


def test_empty_and_absent_stay_apart(nlp):
    empty, absent = Doc(nlp.vocab, words=["Oh"]), Doc(nlp.vocab, words=["Oh"])
    set_frames(empty, [])
    empty, absent = DocBin(docs=[empty, absent]).get_docs(nlp.vocab)
    assert "srl" in empty.spans and "srl" not in absent.spans
    assert read_frame_spans(empty) == read_frame_spans(absent) == []


@pytest.mark.parametrize(
    "frames,code",
    [
        ([FrameSpans(0, 0)], "E004"),
        ([FrameSpans(10, 12)], "E004"),
        ([FrameSpans(1, 2, "x.01", (RoleSpan("ARG0", 5, 99),))], "E004"),
        ([FrameSpans(1, 2), FrameSpans(1, 3)], "E005"),
        ([FrameSpans(1, 2, "x.01", (RoleSpan("", 0, 1),))], "E006"),
        ([FrameSpans(1, 2, "x.01", (RoleSpan("V", 2, 3),))], "E007"),
        ([FrameSpans(1, 2, "x.01", (RoleSpan("ARG0", 2, 5), RoleSpan("ARG1", 4, 6)))], "E009"),
        ([FrameSpans(1, 2, "x.01", (RoleSpan("ARG0", 0, 3),))], "E009"),
        ([FrameSpans(1, 3, "x.01", (RoleSpan("ARG0", 2, 3),))], "E009"),
    ],
)
def test_a_bad_frame_is_refused_and_changes_nothing(doc, frames, code):
    with pytest.raises(ValueError, match=code):
        set_frames(doc, frames)
    assert read_frame_spans(doc) == FRAMES


ROLE = RoleSpan("ARG0", 0, 1)


@pytest.mark.parametrize(
    "frame,code",
    [
        (FrameSpans(1, 2, "x.01", (ROLE._replace(role=7),)), "E012.*'?7"),
        (FrameSpans(1, 2, "x.01", (ROLE._replace(role=None),)), "E012.*None"),
        (FrameSpans(1, 2, "x.01", (ROLE._replace(role=b"ARG0"),)), "E012.*b'ARG0'"),
        (FrameSpans(1, 2, "x.01", (ROLE._replace(role=" "),)), "E006"),
        (FrameSpans(1, 2, "x.01", (ROLE._replace(role="ARG\ud800"),)), r"E013.*ud800"),
        (FrameSpans(1, 2, "x\udc80.01"), "E013.*udc80"),
        (FrameSpans(1, 2, None), "E012.*None"),
        (FrameSpans(1, 2, 1.01), "E012.*1.01"),
        (FrameSpans(-1, 2), "E004"),
        (FrameSpans(2, 1), "E004"),
        (FrameSpans(1.0, 2), "E012.*1.0"),
        (FrameSpans(True, 2), "E012.*True"),
        (FrameSpans("1", 2), "E012.*'1'"),
        (FrameSpans(1, None), "E012.*None"),
        (FrameSpans(1, 10**30), "E004"),
        (FrameSpans(1, 2, "x.01", (ROLE._replace(start=-3),)), "E004"),
        (FrameSpans(1, 2, "x.01", (ROLE._replace(end=float("nan")),)), "E012.*nan"),
        (FrameSpans(1, 2, "x.01", (ROLE._replace(probability=float("nan")),)), "E012.*nan"),
        (FrameSpans(1, 2, "x.01", (ROLE._replace(probability="0.5"),)), "E012.*'0.5'"),
        (FrameSpans(1, 2, probability=1.5), "E012.*1.5"),
        (FrameSpans(1, 2, sense_probability=-0.5), "E012.*-0.5"),
        (FrameSpans(1, 2, "x.01", (("ARG0", 0, 1),)), "E012.*RoleSpan"),
        (FrameSpans(1, 2, "x.01", ROLE), "E012"),
        (FrameSpans(1, 2, "x.01", None), "E012"),
        ((1, 2, "x.01"), "E012.*FrameSpans"),
        (None, "E012"),
    ],
)
def test_what_no_doc_can_hold_is_named_and_changes_nothing(doc, frame, code):
    before = doc.to_bytes()
    for frames in ([frame], [FrameSpans(0, 1, "new.01"), frame], iter([frame])):
        with pytest.raises(ValueError, match=code):
            set_frames(doc, frames)
    assert doc.to_bytes() == before


@pytest.mark.parametrize("frames", [None, 5, "frames", FrameSpans(1, 2), {1: 2}])
def test_what_is_no_list_of_frames_is_refused(doc, frames):
    with pytest.raises(ValueError, match="E012"):
        set_frames(doc, frames)
    assert read_frame_spans(doc) == FRAMES


def test_numbers_and_strings_of_numpy_are_fine(doc):
    label = numpy.array(["ARG0"])[0]
    role = RoleSpan(label, numpy.int32(0), numpy.uint8(1), numpy.float32(0.5))
    set_frames(doc, [FrameSpans(numpy.int64(1), numpy.int16(2), "x.01", [role], numpy.float64(1.00001), 1)])
    expected = FrameSpans(1, 2, "x.01", (RoleSpan("ARG0", 0, 1, 0.5),), 1.0, 1.0)
    assert read_frame_spans(doc) == [expected]
    assert read_frame_spans(Doc(doc.vocab).from_bytes(doc.to_bytes())) == [expected]


def test_frames_can_be_read_by_people(doc):
    assert repr(get_frames(doc)[0]) == (
        "Frame('gave' (0.88) give.01 (0.25), ARG0='Ana' (0.75), ARG2='Tom' (0.50), ARG1='the keys', "
        "ARGM-TMP='yesterday')"
    )
    assert repr(Frame(doc[0:1], "", ())) == "Frame('Ana')"


@pytest.mark.parametrize("start,end", [(-1, 3), (3, 2), (2, 2), (0, 99)])
def test_a_slice_that_is_none_is_refused(doc, start, end):
    with pytest.raises(ValueError, match="E014"):
        slice_doc(doc, start, end)


def test_docs_that_cannot_be_joined_are_refused(doc):
    for docs in ([], [doc, Doc(spacy.blank("en").vocab, words=["Hm"])]):
        with pytest.raises(ValueError, match="E0(08|15)"):
            join_docs(docs)


@pytest.mark.parametrize(
    "spans,code",
    [
        ([("V", 1, 2, "")], "E001"),
        ([("V", 1, 2, "one")], "E001"),
        ([("V", 1, 2, "\u00b2")], "E001"),
        ([("V", 1, 2, "1"), ("ARG0", 2, 4, "1"), ("ARG1", 3, 5, "1")], "E009"),
        ([("ARG0", 0, 1, "1")], "E002"),
        ([("V", 1, 2, "1"), ("V", 3, 4, "1")], "E002"),
        ([("V", 2, 3, "1")], "E003"),
    ],
)
def test_a_malformed_group_gives_a_coded_error(doc, spans, code):
    made = [Span(doc, start, end, label=label, span_id=id) for label, start, end, id in spans]
    doc.spans["srl"] = SpanGroup(doc, spans=made)
    with pytest.raises(ValueError, match=code):
        read_frame_spans(doc)


def test_stock_joining_is_noticed_and_ours_keeps_frames_apart(doc):
    with pytest.raises(ValueError, match="E00[23]"):
        read_frame_spans(Doc.from_docs([doc, doc.copy()]))
    joined = join_docs([doc, doc.copy()])
    frames = get_frames(joined)
    assert [frame.predicate.start for frame in frames] == [1, 8, 12, 19]
    for first, second in zip(frames[:2], frames[2:]):
        assert [(r, s.text, p) for r, s, p in first.arguments] == [(r, s.text, p) for r, s, p in second.arguments]


def test_joining_annotated_with_unannotated_docs_is_refused(nlp, doc):
    with pytest.raises(ValueError, match="E008"):
        join_docs([doc, Doc(nlp.vocab, words=["Hm"])])
    joined = join_docs([Doc(nlp.vocab, words=["Hm"]), Doc(nlp.vocab, words=["Oh", "no"])])
    assert "srl" not in joined.spans and len(joined) == 3


def test_joining_warns_once_of_what_is_left_out(nlp):
    Token.set_extension("kept", default=None, force=True)
    Doc.set_extension("topic", default=None, force=True)
    docs = [Doc(nlp.vocab, words=["Go", "on", str(i)]) for i in range(20)]
    for i, doc in enumerate(docs):
        doc.user_data.update(doc_id="novel", sent_id=f"s-{i}")
        doc._.topic = i
        doc[2]._.kept = i
        doc.spans["parts"] = [Span(doc, 1, 3, label="LAST")]
        set_frames(doc, [FrameSpans(0, 2, "go_on.15")])
    with pytest.warns(UserWarning) as caught:
        joined = join_docs(docs)
    assert len(caught) == 1
    assert "W012" in str(caught[0].message) and "40 entries" in str(caught[0].message)
    assert joined.user_data["doc_id"] == "novel" and "sent_id" not in joined.user_data
    assert [token._.kept for token in joined if token._.kept is not None] == list(range(20))
    assert [span.text for span in joined.spans["parts"]] == [f"on {i}" for i in range(20)]
    assert [frame.start for frame in read_frame_spans(joined)] == list(range(0, 60, 3))


def test_joining_like_docs_warns_of_nothing(doc):
    doc.user_data["doc_id"] = "novel"
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        join_docs([doc, doc.copy(), doc])


def test_slicing_keeps_whole_frames(doc):
    doc.cats = {"polite": 1.0}
    part = slice_doc(doc, 7, 11)
    (frame,) = get_frames(part)
    assert [t.text for t in part] == WORDS[7:11]
    assert (frame.predicate.text, frame.predicate.start, frame.sense) == ("thanked", 1, "thank.01")
    assert [(r, s.text) for r, s, _ in frame.arguments] == [("ARG0", "he"), ("ARG1", "her")]
    assert part.cats == {"polite": 1.0}
    assert read_frame_spans(doc) == FRAMES


def test_slicing_through_a_frame_warns_and_drops_what_is_outside(doc):
    with pytest.warns(UserWarning, match="W001"):
        part = slice_doc(doc, 0, 4)
    (frame,) = get_frames(part)
    assert [r for r, _, _ in frame.arguments] == ["ARG0", "ARG2"]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert read_frame_spans(slice_doc(doc, 5, 7)) == []


def test_probabilities_are_forgotten_when_the_group_was_edited(doc):
    doc.spans["srl"].append(Span(doc, 10, 11, label="ARGM-DIS", span_id="8"))
    frames = read_frame_spans(doc)
    assert frames[0].probability is None
    assert [role.role for role in frames[1].roles] == ["ARG0", "ARG1", "ARGM-DIS"]


def example_of(nlp, predicted_words, spaces, reference):
    return Example(Doc(nlp.vocab, words=predicted_words, spaces=spaces), reference)


def test_alignment_with_another_tokenization(nlp):
    reference = Doc(nlp.vocab, words=["Don't", "light", "up", "in", "New-York", "!"])
    set_frames(
        reference,
        [
            FrameSpans(
                1, 3, "light_up.01", (RoleSpan("ARGM-NEG", 0, 1), RoleSpan("ARGM-DIR", 3, 4), RoleSpan("ARG1", 4, 5))
            )
        ],
    )
    words = ["Do", "n't", "light", "up", "in", "New", "-", "York!"]
    spaces = [False, True, True, True, True, False, False, False]
    aligned = align_frames(example_of(nlp, words, spaces, reference))
    (frame,) = aligned.frames
    assert (frame.start, frame.end, frame.sense) == (2, 4, "light_up.01")
    assert [(r.role, r.start, r.end) for r in frame.roles] == [("ARGM-NEG", 0, 2), ("ARGM-DIR", 4, 5)]
    assert aligned.unaligned_roles == {2: [(5, 8)]}, "'York!' is half inside"


def test_an_unaligned_predicate_is_reported(nlp):
    reference = Doc(nlp.vocab, words=["I", "can", "not", "go"])
    set_frames(reference, [FrameSpans(1, 2, "can.01"), FrameSpans(3, 4, "go.01")])
    aligned = align_frames(example_of(nlp, ["I", "cannot", "go"], [True, True, False], reference))
    assert [frame.start for frame in aligned.frames] == [2]
    assert aligned.unaligned_predicates == [(1, 2)]


@settings(max_examples=50, deadline=None)
@given(st.data())
def test_any_frames_survive_join_and_slice(data):
    vocab = spacy.blank("en").vocab
    docs = []
    for _ in range(data.draw(st.integers(1, 3))):
        length = data.draw(st.integers(1, 6))
        doc = Doc(vocab, words=["w"] * length)
        predicates = data.draw(st.sets(st.integers(0, length - 1)))
        frames = []
        for start in sorted(predicates):
            cuts = sorted(data.draw(st.sets(st.integers(0, length), max_size=4)))
            spans = [(a, b) for a, b in zip(cuts, cuts[1:]) if not a <= start < b]
            frames.append(FrameSpans(start, start + 1, "w.01", tuple(RoleSpan("ARG0", *span) for span in spans)))
        set_frames(doc, frames)
        docs.append(doc)
    joined = join_docs(docs)
    offset = 0
    for doc in docs:
        part = slice_doc(joined, offset, offset + len(doc))
        assert read_frame_spans(part) == read_frame_spans(doc)
        offset += len(doc)
