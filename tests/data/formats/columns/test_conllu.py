import pytest
import spacy

from spacy_mtl.data.formats.columns.columns import read_conllu_docs
from spacy_mtl.data.formats.columns.conllu import read_conllu
from spacy_mtl.data.formats.remarks import BAD, Remarks

SENTENCE = """# newdoc id = reviews-1
# sent_id = reviews-1-0001
# text = We don't sing.
1	We	we	PRON	PRP	Case=Nom|Number=Plur	4	nsubj	_	_
2-3	don't	_	_	_	_	_	_	_	_
2	do	do	AUX	VBP	_	4	aux	_	_
3	n't	not	PART	RB	_	4	advmod	_	_
4	sing	sing	VERB	VB	VerbForm=Inf	0	root	_	Cxn=x|SpaceAfter=No
4.1	sing	sing	VERB	VB	_	_	_	4:conj	CopyOf=4
5	.	.	PUNCT	.	_	4	punct	_	_
"""


def write(tmp_path, text, name="a.conllu"):
    path = tmp_path / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode("utf8"))
    return path


def test_reads_syntactic_words_and_their_columns(tmp_path):
    path = write(tmp_path, SENTENCE)
    (sentence,) = read_conllu(path)
    assert sentence.place == (path, 1, "reviews-1-0001")
    assert sentence.words == ["We", "do", "n't", "sing", "."]
    assert sentence.lemmas == ["we", "do", "not", "sing", "."]
    assert sentence.pos == ["PRON", "AUX", "PART", "VERB", "PUNCT"]
    assert sentence.tags == ["PRP", "VBP", "RB", "VB", "."]
    assert sentence.morphs == ["Case=Nom|Number=Plur", "", "", "VerbForm=Inf", ""]
    assert sentence.heads == [3, 3, 3, 3, 3]
    assert sentence.deps == ["nsubj", "aux", "advmod", "root", "punct"]


def test_spaces_spell_the_text(tmp_path):
    (sentence,) = read_conllu(write(tmp_path, SENTENCE))
    assert sentence.spaces == [True, False, True, False, True]
    text = "".join(word + " " * space for word, space in zip(sentence.words, sentence.spaces))
    assert text == "We don't sing. "


def test_space_after_of_a_range_belongs_to_its_last_word(tmp_path):
    text = SENTENCE.replace("2-3\tdon't\t_\t_\t_\t_\t_\t_\t_\t_", "2-3\tdon't\t_\t_\t_\t_\t_\t_\t_\tSpaceAfter=No")
    (sentence,) = read_conllu(write(tmp_path, text))
    assert sentence.spaces == [True, False, False, False, True]


def test_an_underscore_may_be_a_word(tmp_path):
    rows = "1\t_\t_\tPUNCT\tNFP\t_\t0\troot\t_\t_\n2\tx\t_\tX\tFW\t_\t_\t_\t_\t_\n"
    (sentence,) = read_conllu(write(tmp_path, rows))
    assert sentence.words == ["_", "x"]
    assert sentence.lemmas == ["_", ""]
    assert sentence.heads == [0, -1]
    assert sentence.place.sentence == ""


def test_byte_order_mark_carriage_returns_and_no_final_blank_line(tmp_path):
    text = b"\xef\xbb\xbf" + (SENTENCE + "\n\n" + SENTENCE.rstrip("\n")).replace("\n", "\r\n").encode()
    first, second = read_conllu(write(tmp_path, text))
    assert first.words == second.words
    assert (first.place.line, second.place.line) == (1, 13)


def test_characters_that_some_take_for_line_ends_stay_in_the_word(tmp_path):
    (sentence,) = read_conllu(write(tmp_path, SENTENCE.replace("\tsing\tsing", "\tsi\u0085ng\tsi\u2028ng")))
    assert sentence.words[3] == "si\u0085ng"
    assert sentence.lemmas[3] == "si\u2028ng"


@pytest.mark.parametrize(
    "old, new, code, line, found",
    [
        ("4\tsing\tsing\tVERB\tVB\t", "4\tsing\tsing VERB\tVB\t", "MTL-E103", 8, "found 9"),
        ("3\tn't", "4\tn't", "MTL-E104", 7, "found '4'"),
        ("3\tn't", "three\tn't", "MTL-E104", 7, "found 'three'"),
        ("4\taux", "9\taux", "MTL-E105", 6, "found '9'"),
        ("4\taux", "head\taux", "MTL-E105", 6, "found 'head'"),
    ],
)
def test_bad_rows_name_file_line_and_sentence(tmp_path, old, new, code, line, found):
    path = write(tmp_path, SENTENCE.replace(old, new))
    with pytest.raises(ValueError, match=code) as error:
        list(read_conllu(path))
    assert f"{path}, line {line}, sentence 'reviews-1-0001'" in str(error.value)
    assert found in str(error.value)


def test_wrong_encoding_names_the_line(tmp_path):
    path = write(tmp_path, SENTENCE.replace("sing", "café").encode("latin1"))
    with pytest.raises(ValueError, match="MTL-E102") as error:
        list(read_conllu(path))
    assert f"{path}, line 3:" in str(error.value)
    assert "0xe9" in str(error.value)


@pytest.mark.parametrize("name", ["missing.conllu", "."])
def test_missing_file(tmp_path, name):
    with pytest.raises(FileNotFoundError, match="MTL-E101"):
        list(read_conllu(tmp_path / name))


def test_the_raw_text_tells_the_blanks_where_misc_does_not(tmp_path):
    text = SENTENCE.replace("|SpaceAfter=No", "|SpacesAfter=\\s\\n")
    (sentence,) = read_conllu(write(tmp_path, text))
    assert sentence.spaces == [True, False, True, False, True]
    assert sentence.multiword == [("don't", 1, 3)]
    assert (sentence.text, sentence.document) == ("We don't sing.", "reviews-1")


@pytest.mark.parametrize("raw", ["We do not sing.", "We don't sing .", "x"])
def test_a_raw_text_that_the_tokens_do_not_spell_is_counted(tmp_path, raw):
    remarks = Remarks()
    text = SENTENCE.replace("We don't sing.", raw)
    (sentence,) = read_conllu(write(tmp_path, text), remarks=remarks)
    assert sentence.spaces == [True, False, True, False, True]
    with pytest.warns(UserWarning, match="MTL-W102. In 1 sentences.*line 1, sentence 'reviews-1-0001'"):
        remarks.warn_counted()


@pytest.mark.parametrize(
    "old, new, code, line",
    [
        ("3\tn't\tnot", "3\t\tnot", "MTL-E166", 7),
        ("2-3\tdon't", "2-3\t", "MTL-E166", 5),
        ("2-3", "3-3", "MTL-E169", 5),
        ("2-3", "2-9", "MTL-E169.*'2-9'", 10),
        ("2-3", "2-1", "MTL-E169", 5),
        ("2-3", f"2-{'9' * 5000}", "MTL-E169", 5),
        ("3\tn't", f"{'9' * 5000}\tn't", "MTL-E104", 7),
        ("4\taux", f"{'9' * 5000}\taux", "MTL-E105", 6),
        ("4\taux", "٤\taux", "MTL-E105", 6),
        ("4\taux", "-1\taux", "MTL-E105", 6),
        ("VerbForm=Inf", "a=b=c", "MTL-E170.*'a=b=c'", 8),
        ("VerbForm=Inf", "=Inf", "MTL-E170", 8),
        ("VerbForm=Inf", "Case=", "MTL-E170", 8),
    ],
)
def test_what_spacy_or_python_would_refuse_has_a_code_and_a_line(tmp_path, old, new, code, line):
    path = write(tmp_path, SENTENCE.replace(old, new))
    with pytest.raises(ValueError, match=code) as error:
        list(read_conllu(path))
    assert f"{path}, line {line}, sentence 'reviews-1-0001'" in str(error.value)


def test_bad_sentences_are_skipped(tmp_path):
    remarks = Remarks(skip_bad=True)
    text = "\n".join([SENTENCE, SENTENCE.replace("4\taux", "9\taux"), SENTENCE])
    assert len(list(read_conllu(write(tmp_path, text), remarks=remarks))) == 2
    assert remarks.left_out == {BAD: 1} and "line 17" in remarks.first[BAD][0]


def test_documents_without_ids_are_numbered(tmp_path):
    text = (
        SENTENCE.replace("# newdoc id = reviews-1", "# newdoc") + "\n" + SENTENCE.replace("# newdoc id", "# x") + "\n"
    )
    text += SENTENCE
    assert [s.document for s in read_conllu(write(tmp_path, text))] == ["a-1", "a-1", "reviews-1"]


def test_what_a_doc_cannot_take_is_counted(tmp_path):
    rows = ["1\ta\t_\tNoun\t_\t_\t2\tx\t_\t_", "2\tb\t_\tNOUN\t_\t_\t1\tx\t_\t_"]
    remarks = Remarks()
    (doc,) = read_conllu_docs(write(tmp_path, "\n".join(rows) + "\n"), spacy.blank("xx"), remarks=remarks)
    assert [token.pos_ for token in doc] == ["", "NOUN"] and not doc.has_annotation("DEP")
    with pytest.warns(UserWarning) as found:
        remarks.warn_counted()
    assert [str(warning.message)[1:9] for warning in found] == ["MTL-W172", "MTL-W173"]
    assert "1 words" in str(found[0].message) and "'Noun'" in str(found[0].message)
