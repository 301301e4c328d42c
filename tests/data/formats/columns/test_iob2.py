import pytest
from hypothesis import given
from hypothesis import strategies as st

from spacy_mtl.data.formats.columns.iob2 import begin_spans, read_iob2, spans_to_tags, tags_to_spans
from spacy_mtl.data.formats.remarks import BAD, Remarks

TEXT = """# sent_id = email-2-0007
# text = Mary Ann left Oslo
1	Mary	B-PER	-	a
2	Ann	I-PER	-	a
3	left	O	-	-
4	Oslo	B-LOC	-	a
"""


def rows(words):
    return "".join(f"{i}\t{word}\tO\n" for i, word in enumerate(words.split(), start=1))


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


@pytest.mark.parametrize(
    "text, words, tags",
    [
        ("Oslo B-LOC\nis O\n\nBo B-PER\n", [["Oslo", "is"], ["Bo"]], [["B-LOC", "O"], ["B-PER"]]),
        ("1 O\n2 B-X\n", [["1", "2"]], [["O", "B-X"]]),
        ("Oslo NNP B-LOC\nis VBZ O\n", [["Oslo", "is"]], [["B-LOC", "O"]]),
        ("0\tOslo\tB-LOC\t-\n1\tis\tO\t-\n", [["Oslo", "is"]], [["B-LOC", "O"]]),
        ("1\tOslo\tNNP\tB-LOC\n2\tis\tVBZ\tO\n", [["Oslo", "is"]], [["B-LOC", "O"]]),
        ("#\thttp://a.b [2009]\n1\tOslo\tB-LOC\tO\n2\t#\tO\tO\n", [["Oslo", "#"]], [["B-LOC", "O"]]),
        ("# id 7\tdomain=en\nOslo _ _ S-LOC\n", [["Oslo"]], [["B-LOC"]]),
        ("-DOCSTART- O\n\n# O\n1 O\n", [["#", "1"]], [["O", "O"]]),
        (
            "Ana B-PER \nRuiz L-PER\nin O\nOslo U-LOC\n",
            [["Ana", "Ruiz", "in", "Oslo"]],
            [["B-PER", "I-PER", "O", "B-LOC"]],
        ),
        ("\ufeffÅ\u0085b\tO\r\n12\u00a0500\tB-N\t\r\n", [["Å\u0085b", "12\u00a0500"]], [["O", "B-N"]]),
    ],
)
def test_columns_and_schemes_are_found(tmp_path, text, words, tags):
    path = tmp_path / "a.iob"
    path.write_bytes(text.encode("utf8"))
    sentences = list(read_iob2(path))
    assert [sentence.words for sentence in sentences] == words
    assert [sentence.tags for sentence in sentences] == tags


@pytest.mark.parametrize(
    "text, code, line",
    [
        ("Oslo B-LOC\nNew York B-LOC\nis O\n", "MTL-E103.*expected 2 columns, found 3", 2),
        ("Oslo\tB-LOC\n\tO\n", "MTL-E166", 2),
        ("1\tOslo\tB-LOC\n2\t \tO\n", "MTL-E166", 2),
        ("A S-X\nB S-X\n\nC B-X\nD O\n", "MTL-E168", 5),
        ("A B-X\nB B-X\n\nC E-X\n", "MTL-E106", 4),
        ("1-3\tdo\tO\n1\tde\tO\n2\to\tO\n3\tx\n", "MTL-E103", 4),
        ("1\tde\tO\n2-9\tdo\tO\n2\to\tO\n3\tx\tO\n", "MTL-E169.*found '2-9'", 4),
    ],
)
def test_other_bad_rows_name_their_line(tmp_path, text, code, line):
    path = tmp_path / "a.iob"
    path.write_text(text, encoding="utf8")
    with pytest.raises(ValueError, match=code) as error:
        list(read_iob2(path))
    assert f"a.iob, line {line}, sentence '?'" in str(error.value)


def test_spacing_and_contractions_come_from_the_raw_text(tmp_path):
    path = tmp_path / "a.iob2"
    path.write_text("# text = «Rio», do menino\n" + rows("« Rio » , de o menino"), encoding="utf8")
    (sentence,) = read_iob2(path)
    assert sentence.spaces == [False, False, False, True, False, True, True]
    assert sentence.multiword == [("do", 4, 6)]


def test_multiword_tokens_and_empty_nodes_in_rows(tmp_path):
    path = tmp_path / "a.iob2"
    text = "#text=vai do rio\n1\tvai\tO\n1.1\tx\tO\n2-3\tdo\tO\n2\tde\tO\n3\to\tB-X\n4\trio\tI-X\n"
    path.write_text(text, encoding="utf8")
    (sentence,) = read_iob2(path)
    assert (sentence.words, sentence.spans) == (["vai", "de", "o", "rio"], [("X", 2, 4)])
    assert (sentence.multiword, sentence.spaces) == ([("do", 1, 3)], [True, False, True, True])


def test_a_treebank_tells_what_the_text_is_like(tmp_path):
    path, treebank = tmp_path / "a.iob2", tmp_path / "a.conllu"
    path.write_text("# text = vai de o rio\n" + rows("vai de o rio") + "\n" + rows("sim"), encoding="utf8")
    cells = "\t_" * 8
    lines = [f"1\tvai{cells}", f"2-3\tdo{cells}", f"2\tde{cells}", f"3\to{cells}", f"4\trio{cells}"]
    treebank.write_text("\n".join(lines), encoding="utf8")
    remarks = Remarks()
    first, second = read_iob2(path, words=treebank, remarks=remarks)
    assert first.multiword == [("do", 1, 3)] and second.spaces is None
    with pytest.warns(UserWarning, match="MTL-W105. 1 sentences.*line 7"):
        remarks.warn_counted()


def test_a_raw_text_of_other_words_is_counted_and_bad_sentences_are_skipped(tmp_path):
    path = tmp_path / "a.iob2"
    text = "# text = Mary left.\n" + rows("Mary left") + "\n1\tx\tI-X\n2\ty\tO\n\n" + rows("Bo ran")
    path.write_text(text, encoding="utf8")
    remarks = Remarks(skip_bad=True)
    assert [sentence.words for sentence in read_iob2(path, remarks=remarks)] == [["Mary", "left"], ["Bo", "ran"]]
    assert remarks.left_out == {BAD: 1} and "line 5" in remarks.first[BAD][0]
    with pytest.warns(UserWarning, match="MTL-W102. In 1 sentences.*line 1.*'Mary left.'"):
        remarks.warn_counted()
