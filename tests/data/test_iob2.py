import pytest
from hypothesis import given
from hypothesis import strategies as st

from spacy_mtl.data.iob2 import begin_spans, read_iob2, spans_to_tags, tags_to_spans

TEXT = """# sent_id = email-2-0007
# text = Mary Ann left Oslo
1	Mary	B-PER	-	a
2	Ann	I-PER	-	a
3	left	O	-	-
4	Oslo	B-LOC	-	a
"""


@st.composite
def disjoint_spans(draw):
    """A length and labelled spans that do not overlap, some of them adjacent and of the same label."""
    length = draw(st.integers(0, 12))
    spans, start = [], 0
    while start < length:
        end = draw(st.integers(start + 1, length))
        label = draw(st.sampled_from(["PER", "LOC", "B-X", None]))
        if label is not None:
            spans.append((label, start, end))
        start = end
    return length, spans


def test_reads_words_tags_and_spans(tmp_path):
    path = tmp_path / "a.iob2"
    path.write_text(TEXT + "\n\n\n" + "1\tHello\tO\n", encoding="utf8")
    first, second = read_iob2(path)
    assert first.place == (path, 1, "email-2-0007")
    assert first.words == ["Mary", "Ann", "left", "Oslo"]
    assert first.tags == ["B-PER", "I-PER", "O", "B-LOC"]
    assert first.spans == [("PER", 0, 2), ("LOC", 3, 4)]
    assert second.place == (path, 10, "")
    assert second.spans == []


def test_other_columns_and_blanks_between_them(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("Oslo NNP B-LOC\n# NN O\nis VBZ O\n", encoding="utf8")
    (sentence,) = read_iob2(path, word_column=0, tag_column=2)
    assert sentence.words == ["Oslo", "#", "is"]
    assert sentence.tags == ["B-LOC", "O", "O"]


def test_words_may_hold_blanks_between_tabs(tmp_path):
    path = tmp_path / "a.iob2"
    path.write_text("1\t555 1234\tB-NUM\n", encoding="utf8")
    (sentence,) = read_iob2(path)
    assert sentence.words == ["555 1234"]


@given(disjoint_spans())
def test_tags_and_spans_are_each_other_reversed(case):
    length, spans = case
    tags = spans_to_tags(length, spans)
    assert len(tags) == length
    assert tags_to_spans(tags) == spans


@pytest.mark.parametrize(
    "old, new, code, line, found",
    [
        ("B-LOC", "S-LOC", "MTL-E106", 6, "'S-LOC'"),
        ("B-LOC", "B-", "MTL-E106", 6, "'B-'"),
        ("B-LOC", "_", "MTL-E106", 6, "'_'"),
        ("B-LOC", "I-LOC", "MTL-E107", 6, "after 'O'"),
        ("I-PER", "I-LOC", "MTL-E107", 4, "after 'B-PER'"),
        ("B-PER", "I-PER", "MTL-E107", 3, "after 'O'"),
        ("4\tOslo\tB-LOC\t-\ta", "4\tOslo", "MTL-E103", 6, "found 2"),
    ],
)
def test_bad_rows_name_file_line_and_sentence(tmp_path, old, new, code, line, found):
    path = tmp_path / "a.iob2"
    path.write_text(TEXT.replace(old, new), encoding="utf8")
    with pytest.raises(ValueError, match=code) as error:
        list(read_iob2(path))
    assert f"{path}, line {line}, sentence 'email-2-0007'" in str(error.value)
    assert found in str(error.value)


@pytest.mark.parametrize(
    "tags, expected",
    [
        ("I-X I-X O I-X", "B-X I-X O B-X"),
        ("I-X B-X I-X I-Y", "B-X B-X I-X B-Y"),
        ("O I-Y I-X", "O B-Y B-X"),
        ("", ""),
    ],
)
def test_spans_begin_where_nothing_is_continued(tags, expected):
    assert begin_spans(tags.split()) == expected.split()


@given(disjoint_spans())
def test_valid_tags_stay_as_they_are(case):
    tags = spans_to_tags(*case)
    assert begin_spans(tags) == tags
