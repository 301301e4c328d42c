import statistics
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from spacy.tokens import Doc, Span
from spacy.vocab import Vocab

from spacy_mtl.data.formats.counting import Tally
from spacy_mtl.data.inspection import CategoryCount, Coverage, inspect_corpora
from spacy_mtl.data.overlap import Annotated, Texts, reduce_text
from spacy_mtl.data.writing import write_docs
from spacy_mtl.frames import set_frames
from spacy_mtl.types import FrameSpans, RoleSpan

VOCAB = Vocab()
GIVE = FrameSpans(1, 2, "give.01", (RoleSpan("ARG0", 0, 1), RoleSpan("ARG2", 2, 3)))


def make_doc(text, *, cats=None, ents=None, frames=None, **annotation):
    """A Doc of words between spaces; `ents` are IOB tags."""
    words = text.split(" ")
    doc = Doc(VOCAB, words=words, spaces=[True] * (len(words) - 1) + [False], ents=ents, **annotation)
    doc.cats = cats or {}
    if frames is not None:
        set_frames(doc, frames)
    return doc


def inspect(tmp_path, **corpora):
    paths = {name: tmp_path / f"{name}.spacy" for name in corpora}
    for name, docs in corpora.items():
        write_docs(docs, paths[name])
    return inspect_corpora(paths)


def inspect_one(tmp_path, *docs):
    (report,) = inspect(tmp_path, one=docs).sources
    return report


def test_sizes(tmp_path):
    write_docs([make_doc("a b c"), Doc(VOCAB)], tmp_path / "folder" / "x.spacy")
    write_docs([make_doc("a"), make_doc("d e f g h"), make_doc("i j")], tmp_path / "folder" / "deep" / "y.spacy")
    (report,) = inspect_corpora({"all": tmp_path / "folder"}).sources
    assert (report.name, report.path, report.files) == ("all", str(tmp_path / "folder"), 2)
    assert (report.docs, report.tokens, report.longest, report.median_length) == (4, 11, 5, 2.5)


def test_entities_are_annotated_wholly_in_part_or_not(tmp_path):
    whole = make_doc("Ada met Grace", ents=["B-PER", "O", "B-PER"])
    without = make_doc("nobody here", ents=["O", "O"])
    part = make_doc("Ada met Oslo")
    part.set_ents([Span(part, 2, 3, label="LOC")], default="missing")
    report = inspect_one(tmp_path, whole, without, part, make_doc("open text"))
    assert report.tasks["entities"] == Coverage(whole=2, part=1, none=1)
    assert report.entities == {"PER": 2, "LOC": 1}
    assert list(report.entities) == ["PER", "LOC"], "the most frequent first"


def test_categories_are_annotated_wholly_in_part_or_not(tmp_path):
    docs = [
        make_doc("a", cats={"GOOD": 1.0, "BAD": 0.0}),
        make_doc("b", cats={"GOOD": 0.5, "BAD": 0.49}),
        make_doc("c", cats={"BAD": 1.0}),
        make_doc("d"),
    ]
    report = inspect_one(tmp_path, *docs)
    assert report.tasks["categories"] == Coverage(whole=2, part=1, none=1)
    assert report.categories == {"GOOD": CategoryCount(2, 2), "BAD": CategoryCount(1, 3)}


def test_a_corpus_without_annotation(tmp_path):
    report = inspect_one(tmp_path, make_doc("a b"), make_doc("c"))
    nothing = Coverage(whole=0, part=0, none=2)
    assert report.tasks == {"categories": nothing, "entities": nothing, "frames": nothing}
    assert (report.categories, report.entities, report.roles, report.frames, report.rolesets) == ({}, {}, {}, 0, 0)


def test_frames(tmp_path):
    docs = [
        make_doc("Ada gave Grace hope", frames=[GIVE, FrameSpans(3, 4, "hope.01", (RoleSpan("ARG0", 2, 3),))]),
        make_doc("He gave her some", frames=[GIVE._replace(sense="")]),
        make_doc("Ann gave Bob some", frames=[GIVE]),
        make_doc("no predicate", frames=[]),
        make_doc("not annotated"),
    ]
    report = inspect_one(tmp_path, *docs)
    assert report.tasks["frames"] == Coverage(whole=4, part=0, none=1)
    assert (report.frames, report.without_roleset, report.rolesets) == (4, 1, 2)
    assert list(report.frequent_rolesets.items()) == [("give.01", 2), ("hope.01", 1)]
    assert list(report.roles.items()) == [("ARG0", 4), ("ARG2", 3)]
    assert (report.faulty_frames, report.first_fault) == (0, "")


def test_ten_rolesets_are_shown_and_all_counted(tmp_path):
    frames = [FrameSpans(i, i + 1, f"do.{min(i, 14):02d}") for i in range(16)]
    report = inspect_one(tmp_path, make_doc(" ".join("do" for _ in range(16)), frames=frames))
    assert report.rolesets == 15
    assert list(report.frequent_rolesets.items()) == [("do.14", 2), *((f"do.{i:02d}", 1) for i in range(9))]


def test_frames_that_cannot_be_read_are_counted_apart(tmp_path):
    broken = make_doc("Ada gave Grace hope")
    broken.spans["srl"] = [Span(broken, 0, 1, label="ARG0", span_id="1")]
    again = make_doc("He ran")
    again.spans["srl"] = [Span(again, 0, 1, label="ARG0")]
    report = inspect_one(tmp_path, broken, make_doc("He gave her some", frames=[GIVE]), again)
    assert report.tasks["frames"] == Coverage(whole=3, part=0, none=0)
    assert (report.frames, report.faulty_frames) == (1, 2)
    assert "MTL-E002" in report.first_fault and "Ada gave" in report.first_fault


def test_another_span_group_can_hold_the_frames(tmp_path):
    doc = make_doc("Ada gave Grace hope")
    set_frames(doc, [GIVE], "roles")
    write_docs([doc, make_doc("b")], tmp_path / "a.spacy")
    (report,) = inspect_corpora({"a": tmp_path / "a.spacy"}, "roles").sources
    assert report.tasks["frames"] == Coverage(1, 0, 1) and report.frames == 1
    (report,) = inspect_corpora({"a": tmp_path / "a.spacy"}).sources
    assert report.tasks["frames"] == Coverage(0, 0, 2) and report.frames == 0
    assert report.tasks["spans 'roles'"] == Coverage(1, 0, 1)


def test_tags_and_parse_where_there_are_any(tmp_path):
    docs = [
        make_doc("She ran", tags=["PRP", "VBD"], heads=[1, 1], deps=["nsubj", "ROOT"]),
        make_doc("He sang", tags=["PRP", ""]),
        make_doc("c d"),
    ]
    tasks = inspect_one(tmp_path, *docs).tasks
    assert tasks["tags"] == Coverage(1, 1, 1) and tasks["parse"] == Coverage(1, 0, 2)


def test_duplicates(tmp_path):
    docs = [make_doc(text) for text in ("Come in !", "Come in !", "come in", "Come out !", "Come in !")]
    report = inspect_one(tmp_path, *docs)
    assert (report.docs, report.duplicates, report.near_duplicates) == (5, 2, 3)


def test_unknown_spaces_make_no_difference_to_near_duplicates(tmp_path):
    known = Doc(VOCAB, words=["Do", "n't", "!"], spaces=[False, False, False])
    report = inspect_one(tmp_path, known, Doc(VOCAB, words=["Do", "n't", "!"]))
    assert (report.duplicates, report.near_duplicates) == (0, 1)


def test_overlap_by_hand(tmp_path):
    one = [
        make_doc("Ada ran", cats={"GOOD": 1.0}, ents=["B-PER", "O"]),
        make_doc("Ada ran", frames=[]),
        make_doc("ada ran !", cats={"GOOD": 0.0}),
        make_doc("only here", cats={"GOOD": 0.0}),
    ]
    other = [
        make_doc("Ada ran", cats={"SHORT": 1.0}, frames=[]),
        make_doc("ADA RAN", ents=["B-PER", "O"]),
        make_doc("only there", ents=["O", "O"]),
    ]
    there, back = inspect(tmp_path, one=one, other=other).overlaps
    assert (there.source, there.other, there.same, there.near) == ("one", "other", 2, 3)
    assert there.in_common == {"entities": 1, "frames": 1}, "no category is in both"
    assert (back.source, back.other, back.same, back.near) == ("other", "one", 1, 2)
    assert back.in_common == {"entities": 1, "frames": 1}


def test_categories_are_in_common_by_label(tmp_path):
    one, other = [make_doc("a", cats={"GOOD": 1.0, "BAD": 0.0})], [make_doc("a", cats={"GOOD": 0.0, "SHORT": 1.0})]
    assert inspect(tmp_path, one=one, other=other).overlaps[0].in_common == {"categories": 1}


def test_every_ordered_pair_of_sources_is_compared(tmp_path):
    overlaps = inspect(tmp_path, a=[make_doc("x")], b=[make_doc("x")], c=[make_doc("y")]).overlaps
    found = {(overlap.source, overlap.other): overlap.same for overlap in overlaps}
    assert found == {("a", "b"): 1, ("a", "c"): 0, ("b", "a"): 1, ("b", "c"): 0, ("c", "a"): 0, ("c", "b"): 0}


@pytest.mark.parametrize(
    "one,other,same",
    [
        ("Do n't go !", "don't go", True),
        ("\u201cCaf\u00e9\u201d", "cafe\u0301", True),
        ("a\u00a0b\n", "A B", True),
        ("STRASSE", "Stra\u00dfe", True),
        ("go", "goes", False),
        ("C++", "C", False),
        ("!", "?", False),
        ("\u0915\u093f", "\u0915\u093e", False),
    ],
)
def test_reduce_text(one, other, same):
    assert (reduce_text(one) == reduce_text(other)) == same


TEXTS = st.lists(st.sampled_from(["a", "A", "a!", "b", "B.", "c", "?"]), min_size=1, max_size=12)


@given(TEXTS, TEXTS)
def test_overlaps_agree_with_counting_by_pairs(one, other):
    nothing = Annotated(frozenset(), frozenset())
    texts, others = Texts(), Texts()
    for text in one:
        texts.add(text, nothing)
    for text in other:
        others.add(text, nothing)
    overlap = texts.overlap("one", "other", others)
    assert overlap.same == sum(text in other for text in one)
    assert overlap.near == sum(any(reduce_text(text) == reduce_text(known) for known in other) for text in one)
    assert overlap.same <= overlap.near <= len(one)
    assert texts.count_duplicates() == sum(count - 1 for count in Counter(one).values())
    assert texts.count_near_duplicates() == sum(text in one[:i] or _stands_before(i, one) for i, text in enumerate(one))


def _stands_before(i, texts):
    return any(reduce_text(texts[i]) == reduce_text(text) for text in texts[:i])


DOCS = st.lists(
    st.tuples(
        st.integers(1, 6),
        st.sets(st.sampled_from("XYZ")),
        st.sampled_from(["whole", "part", "none"]),
        st.sampled_from([None, 0, 1]),
    ),
    min_size=1,
    max_size=8,
)


@settings(max_examples=30, deadline=None)
@given(DOCS)
def test_coverage_adds_up(tmp_path_factory, descriptions):
    docs = []
    for length, labels, entities, frames in descriptions:
        doc = make_doc(
            " ".join("w" for _ in range(length)),
            cats=dict.fromkeys(labels, 1.0),
            frames=None if frames is None else [FrameSpans(0, 1, "be.01")] * frames,
        )
        if entities != "none":
            doc.set_ents([Span(doc, 0, 1, label="E")], default="outside" if entities == "whole" else "missing")
        docs.append(doc)
    report = inspect_one(tmp_path_factory.mktemp("corpus"), *docs)
    lengths = [length for length, *_ in descriptions]
    assert (report.docs, report.tokens, report.longest) == (len(docs), sum(lengths), max(lengths))
    assert report.median_length == statistics.median(lengths)
    assert all(c.whole + c.part + c.none == len(docs) for c in report.tasks.values())
    # An entity over the only token leaves none open.
    part = sum(entities == "part" and length > 1 for length, _, entities, _ in descriptions)
    none = sum(entities == "none" for _, _, entities, _ in descriptions)
    assert report.tasks["entities"] == Coverage(len(docs) - part - none, part, none)
    used = set().union(*(labels for _, labels, _, _ in descriptions))
    assert report.tasks["categories"].whole == (sum(labels == used for _, labels, _, _ in descriptions) if used else 0)
    assert report.tasks["categories"].none == sum(not labels for _, labels, _, _ in descriptions)
    assert report.tasks["frames"].none == sum(frames is None for *_, frames in descriptions)
    assert report.frames == sum(frames or 0 for *_, frames in descriptions)


def test_faults_of_corpora_are_those_of_the_reader(tmp_path):
    (tmp_path / "wrong.spacy").write_bytes(b"no DocBin")
    write_docs([Doc(VOCAB)], tmp_path / "empty.spacy")
    for name, error, code in (
        ("wrong.spacy", ValueError, "MTL-E122.*wrong.spacy"),
        ("empty.spacy", ValueError, "MTL-E123.*empty.spacy"),
        ("absent", FileNotFoundError, "MTL-E120.*absent"),
    ):
        with pytest.raises(error, match=code):
            inspect_corpora({"corpus": tmp_path / name})


def test_categories_that_are_none_are_counted_and_told(tmp_path):
    docs = [
        make_doc("a b", cats={"x": 1.0}),
        make_doc("c d", cats={"x": None, "y": 0.0}),
        make_doc("e", cats={"x": "1"}),
    ]
    report = inspect_one(tmp_path, *docs)
    assert report.categories == {"x": CategoryCount(1, 1), "y": CategoryCount(0, 1)}
    assert report.faulty_categories == 2
    assert "MTL-E190" in report.first_faulty_category and "Doc 2" in report.first_faulty_category


def test_trees_that_are_none_are_counted_and_told(tmp_path):
    docs = [
        make_doc("a b", heads=[1, 1], deps=["x", "ROOT"]),
        make_doc("c d", heads=[1, 0], deps=["x", "x"]),
        make_doc("e f g", heads=[0, 1, 0], deps=["ROOT", "ROOT", "x"]),
    ]
    report = inspect_one(tmp_path, *docs)
    assert report.tasks["parse"] == Coverage(3, 0, 0) and report.faulty_trees == 2
    assert report.first_faulty_tree.startswith("Doc 2, the sentence 'c d'")


def test_a_doc_without_tokens_counts_as_not_annotated():
    empty = Doc(VOCAB)
    set_frames(empty, [])
    tally = Tally()
    assert len(list(tally.count([empty]))) == 1
    assert (tally.total().with_entities, tally.total().with_frames) == (0, 0)
