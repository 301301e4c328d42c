import gzip

import pytest

from spacy_mtl.data.formats.columns.conll import read_conll2003, read_conll2005, read_conll2012
from spacy_mtl.types import FrameSpans, RoleSpan

IOB1 = """-DOCSTART- -X- -X- O

Ada NNP I-NP I-PER
Brandt NNP I-NP I-PER
met VBD I-VP O
Bo NNP I-NP I-PER
Lind NNP I-NP B-PER

-DOCSTART- -X- -X- O

Oslo NNP I-NP I-LOC
"""
IOB2 = (
    IOB1.replace("I-PER\nBrandt", "B-PER\nBrandt").replace("Bo NNP I-NP I", "Bo NNP I-NP B").replace("I-LOC", "B-LOC")
)
CONLL2012 = """#begin document (nw/wire/00/wire_0001); part 000
nw/wire/00/wire_0001   0   0   Ada       NNP   (TOP(S(NP*)   -     -    -   -   (PERSON)   (ARG0*)   *        (0)
nw/wire/00/wire_0001   0   1   told      VBD   (VP*          tell  01   1   -   *          (V*)      *        -
nw/wire/00/wire_0001   0   2   West      NNP   (NP*          -     -    -   -   (ORG*      (ARG2*    (ARG0*   (1
nw/wire/00/wire_0001   0   3   Radio     NNP   *)            -     -    -   -   *)         *)        *)       1)
nw/wire/00/wire_0001   0   4   to        TO    (S(VP*        -     -    -   -   *          (ARG1*    *        -
nw/wire/00/wire_0001   0   5   wait      VB    (VP*)))       wait  01   -   -   *          *)        (V*)     -
nw/wire/00/wire_0001   0   6   outside   RB    *             side  -    2   -   *          *         *        -

nw/wire/00/wire_0001   0   0   Why   WRB   (TOP(FRAG*   -   -   -   -   *   -
nw/wire/00/wire_0001   0   1   ?     .     *))          -   -   -   -   *   -

#end document
"""
WORDS = "Ada\nasked\nhim\nto\nwait\nhere\n\nWhy\n?\n"
PROPS = """-     (A0*)   *
ask   (V*)    *
-     (A2*)   (A0*)
-     (A1*    *
wait  *)      (V*)
-     *       (AM-LOC*)

-
-
"""
FRAMES_2005 = [
    FrameSpans(1, 2, "", (RoleSpan("ARG0", 0, 1), RoleSpan("ARG2", 2, 3), RoleSpan("ARG1", 3, 5))),
    FrameSpans(4, 5, "", (RoleSpan("ARG0", 2, 3), RoleSpan("ARGM-LOC", 5, 6))),
]


def write(folder, name, text):
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf8")
    return path


def paste(*columns):
    """The files of a sentence row by row, as `paste` does it."""
    rows = zip(*(column.split("\n") for column in columns))
    return "\n".join(" ".join(cells).rstrip() for cells in rows)


@pytest.mark.parametrize("text", [IOB1, IOB2])
def test_2003_in_either_scheme_gives_the_same_spans(tmp_path, text):
    path = write(tmp_path, "eng.train", text)
    first, second = read_conll2003(path)
    assert first.words == ["Ada", "Brandt", "met", "Bo", "Lind"]
    assert first.entities == [("PER", 0, 2), ("PER", 3, 4), ("PER", 4, 5)]
    assert first.place == (path, 3, "eng-1") and first.document == "eng-1"
    assert (second.words, second.entities, second.document) == (["Oslo"], [("LOC", 0, 1)], "eng-2")


def test_2003_with_two_columns_tabs_and_no_documents(tmp_path):
    (sentence,) = read_conll2003(write(tmp_path, "a.iob", "New York\tB-LOC\n# 5\tO\n"))
    assert sentence.words == ["New York", "# 5"]
    assert sentence.entities == [("LOC", 0, 1)]
    assert (sentence.document, sentence.frames, sentence.tags) == ("", None, None)


def test_2003_with_the_start_of_a_document_right_above_a_sentence(tmp_path):
    (sentence,) = read_conll2003(write(tmp_path, "a.conll", "-DOCSTART- O\nOslo B-LOC\n"))
    assert (sentence.words, sentence.place.line) == (["Oslo"], 2)


def test_2003_broken_iob2_is_refused_or_repaired(tmp_path):
    path = write(tmp_path, "eng.train", IOB2.replace("Oslo NNP I-NP B-LOC", "Oslo NNP I-NP I-LOC"))
    with pytest.raises(ValueError, match="MTL-E107.*line 11, sentence 'eng-2'"):
        list(read_conll2003(path))
    assert [s.entities for s in read_conll2003(path, repair=True)][1] == [("LOC", 0, 1)]


@pytest.mark.parametrize(
    "old, new, code, line",
    [("I-LOC", "LOC", "MTL-E106", 11), ("Oslo NNP I-NP I-LOC", "Oslo", "MTL-E103", 11)],
)
def test_2003_bad_rows_name_file_and_line(tmp_path, old, new, code, line):
    path = write(tmp_path, "eng.train", IOB1.replace(old, new))
    with pytest.raises(ValueError, match=f"{code}.*eng.train, line {line}"):
        list(read_conll2003(path))


def test_2012_reads_every_layer(tmp_path):
    path = write(tmp_path, "wire_0001.v4_gold_conll", CONLL2012)
    first, second = read_conll2012(path)
    assert first.words == ["Ada", "told", "West", "Radio", "to", "wait", "outside"]
    assert first.tags == ["NNP", "VBD", "NNP", "NNP", "TO", "VB", "RB"]
    assert first.entities == [("PERSON", 0, 1), ("ORG", 2, 4)]
    assert first.frames == [
        FrameSpans(1, 2, "tell.01", (RoleSpan("ARG0", 0, 1), RoleSpan("ARG2", 2, 4), RoleSpan("ARG1", 4, 6))),
        FrameSpans(5, 6, "wait.01", (RoleSpan("ARG0", 2, 4),)),
    ]
    assert first.place == (path, 2, "nw/wire/00/wire_0001")
    assert (second.words, second.entities, second.frames) == (["Why", "?"], [], [])
    assert second.document == "nw/wire/00/wire_0001"


@pytest.mark.parametrize(
    "old, new, code, line",
    [
        ("(ORG*  ", "(ORG)  ", "MTL-E112", 5),
        ("(PERSON)", "PERSON", "MTL-E110", 2),
        ("wait  01", "wait  - ", "MTL-E109", 2),
        ("(ARG1*    *        -", "(ARG1*    (V*)     -", "MTL-E114", 7),
        ("*)        (V*)     -", "*)        *     -", "MTL-E114", 7),
        ("-   -   *   -\n\n#end", "\n\n#end", "MTL-E103", 11),
    ],
)
def test_2012_bad_rows_name_file_and_line(tmp_path, old, new, code, line):
    assert old in CONLL2012
    path = write(tmp_path, "a.v4_gold_conll", CONLL2012.replace(old, new, 1))
    with pytest.raises(ValueError, match=f"{code}.*, line {line}, sentence 'nw/wire/00/wire_0001'"):
        list(read_conll2012(path))


def test_2005_with_the_words_beside(tmp_path):
    path = write(tmp_path, "train/props/train.02.props", PROPS)
    write(tmp_path, "train/words/train.02.words", WORDS)
    first, second = read_conll2005(path)
    assert first.words == ["Ada", "asked", "him", "to", "wait", "here"]
    assert first.frames == FRAMES_2005
    assert first.entities is None
    assert (second.words, second.frames) == (["Why", "?"], [])


def test_2005_with_a_compressed_file_of_words_that_is_named(tmp_path):
    path = write(tmp_path, "a.props", PROPS)
    words = tmp_path / "text.gz"
    words.write_bytes(gzip.compress(WORDS.encode()))
    assert [s.words for s in read_conll2005(path, words=words)] == [s.split("\n") for s in WORDS.strip().split("\n\n")]


def test_2005_with_the_words_in_the_rows(tmp_path):
    tags = "NNP\nVBD\nPRP\nTO\nVB\nRB\n\nWRB\n.\n"
    path = write(tmp_path, "a.props", paste(WORDS, tags, PROPS))
    first, second = read_conll2005(path)
    assert first.words == ["Ada", "asked", "him", "to", "wait", "here"]
    assert first.frames == FRAMES_2005
    assert (second.words, second.frames) == (["Why", "?"], [])


def test_2005_senses_make_rolesets(tmp_path):
    senses = "-\n02\n-\n-\n01\n-\n\n-\n-\n"
    (first, _) = read_conll2005(write(tmp_path, "a.props", paste(WORDS, senses, PROPS)))
    assert [frame.sense for frame in first.frames] == ["ask.02", "wait.01"]
    assert [frame.roles for frame in first.frames] == [frame.roles for frame in FRAMES_2005]


def test_2005_short_names_of_roles_may_stay(tmp_path):
    (first, _) = read_conll2005(write(tmp_path, "a.props", paste(WORDS, PROPS)), keep_roles=True)
    assert [role.role for frame in first.frames for role in frame.roles] == ["A0", "A2", "A1", "A0", "AM-LOC"]


@pytest.mark.parametrize(
    "words, code, shown",
    [
        (None, "MTL-E146", "there is no file"),
        (WORDS.replace("Why\n", ""), "MTL-E145", "line 8"),
        (WORDS.partition("\n\n")[0], "MTL-E145", "2 sentences"),
    ],
)
def test_2005_words_that_do_not_go_with_the_propositions(tmp_path, words, code, shown):
    path = write(tmp_path, "a.props", PROPS)
    if words is not None:
        write(tmp_path, "a.words", words)
    with pytest.raises(ValueError, match=code) as error:
        list(read_conll2005(path))
    assert "a.words" in str(error.value) and shown in str(error.value)


@pytest.mark.parametrize(
    "old, new, code, line",
    [
        ("wait  *)", "-     *)", "MTL-E109", 1),
        ("(A1*    *", "A1      *", "MTL-E110", 4),
        ("(A1*    *", "(A1*    (A1*", "MTL-E111", 5),
        ("wait  *)  ", "wait  *   ", "MTL-E112", 4),
        ("(V*)    *", "(A3*)   *", "MTL-E114", 2),
    ],
)
def test_2005_bad_rows_name_file_and_line(tmp_path, old, new, code, line):
    assert old in PROPS
    path = write(tmp_path, "a.props", PROPS.replace(old, new, 1) + "\n-\n" * 5)
    write(tmp_path, "a.words", WORDS + "\nWhy\n" * 5)
    with pytest.raises(ValueError, match=f"{code}.*a.props, line {line},"):
        list(read_conll2005(path))


def test_2003_documents_may_have_ids(tmp_path):
    text = "-DOCSTART- (947testa CRICKET)\n\nEU B-ORG\n\n-DOCSTART- -X- O\n\nin O\n"
    assert [s.document for s in read_conll2003(write(tmp_path, "a.conll", text))] == ["947testa CRICKET", "a-2"]


def test_2012_comments_are_passed_over(tmp_path):
    path = write(tmp_path, "a_conll", f"# from a release\n\n{CONLL2012}")
    plain = write(tmp_path, "b_conll", CONLL2012)
    assert [s[1:] for s in read_conll2012(path)] == [s[1:] for s in read_conll2012(plain)]


@pytest.mark.parametrize("cell", ["(ORG(PER)", "(ORG*(PER*)", "(ORG(PER*"])
def test_2012_nested_entities_are_called_so(tmp_path, cell):
    row = f"doc 0 0 Acme NNP * - - - - {cell} -\n"
    with pytest.raises(ValueError, match="MTL-E110.*inside another.*--skip-bad"):
        list(read_conll2012(write(tmp_path, "a_conll", row)))
