import pytest
from hypothesis import given

from spacy_mtl.data.formats.columns.iob2 import parse_tags, spans_to_tags, tags_to_spans
from spacy_mtl.data.formats.columns.schemes import marks_ends

from .test_iob2 import disjoint_spans

PREFIXES = {"BILUO": "BILU", "IOBES": "BIES", "BMEWO": "BMEW"}


def encode(length, spans, prefixes):
    begin, inside, end, alone = prefixes
    tags = ["O"] * length
    for label, start, stop in spans:
        letters = [begin, *(inside * (stop - start - 2)), end] if stop - start > 1 else [alone]
        tags[start:stop] = [f"{letter}-{label}" for letter in letters]
    return tags


@pytest.mark.parametrize("scheme", PREFIXES)
@given(case=disjoint_spans())
def test_schemes_with_ends_hold_the_same_spans(scheme, case):
    length, spans = case
    tags = encode(length, spans, PREFIXES[scheme])
    assert marks_ends([tags]) == bool(spans)
    for repair in (False, True):
        valid = parse_tags(tags, ["here"] * length, with_ends=bool(spans), repair=repair)
        assert tags_to_spans(valid) == spans


@given(disjoint_spans())
def test_iob2_marks_no_ends(case):
    assert not marks_ends([spans_to_tags(*case)])


@pytest.mark.parametrize(
    "tags, at, found",
    [
        ("O B-X O U-Y", 2, "'O' after 'B-X'"),
        ("O L-X", 1, "'L-X' after 'O'"),
        ("B-X L-Y", 1, "'L-Y' after 'B-X'"),
        ("I-X L-X", 0, "'I-X' after 'the beginning"),
        ("B-X L-X I-X", 2, "'I-X' after 'L-X'"),
        ("B-X U-X", 1, "'U-X' after 'B-X'"),
        ("B-X I-X", 1, "'the end of the sentence' after 'I-X'"),
    ],
)
def test_impossible_sequences_are_named(tags, at, found):
    tags = tags.split()
    places = [f"<{i}>" for i in range(len(tags))]
    with pytest.raises(ValueError, match=f"MTL-E168. <{at}>.*Found {found}"):
        parse_tags(tags, places, with_ends=True)
    parse_tags(tags, places, with_ends=True, repair=True)


def test_repaired_sequences():
    tags = ["L-X", "I-X", "O", "B-X", "B-X", "I-Y", "L-Y", "U-Y"]
    repaired = parse_tags(tags, ["here"] * len(tags), with_ends=True, repair=True)
    assert tags_to_spans(repaired) == [("X", 0, 1), ("X", 1, 2), ("X", 3, 4), ("X", 4, 5), ("Y", 5, 7), ("Y", 7, 8)]


@pytest.mark.parametrize("tag", ["X", "B-", "Q-X", "BI-X", "-X", "o", ""])
def test_what_is_no_tag_is_refused(tag):
    with pytest.raises(ValueError, match="MTL-E106"):
        parse_tags([tag], ["here"], with_ends=True)
