import csv
import warnings

import pytest
import spacy

from spacy_mtl.data.formats.remarks import Remarks
from spacy_mtl.data.formats.texts.tables import read_table, read_table_docs

NLP = spacy.blank("en")
PLAIN = "it rains\t0\nthe sun is out\t1\n"
NAMED = 'id,text,label\n7,"Rain, again",bad\n8,Sun!,good\n9,"He said ""no""\nand left",\n'


def write(folder, name, text):
    path = folder / name
    path.write_text(text, encoding="utf8", newline="")
    return path


def test_tsv_without_header(tmp_path):
    path = write(tmp_path, "a.tsv", PLAIN)
    first, second = read_table(path, label_names={"0": "bad", "1": "good"})
    assert (first.text, first.chosen) == ("it rains", ["bad"])
    assert (second.text, second.chosen) == ("the sun is out", ["good"])
    assert f"{path}, line 2" in second.place


def test_csv_with_header_quotes_and_an_unknown_label(tmp_path):
    path = write(tmp_path, "a.csv", NAMED)
    first, second, third = read_table(path)
    assert (first.id, first.text, first.chosen) == ("7", "Rain, again", ["bad"])
    assert (second.id, second.text, second.chosen) == ("8", "Sun!", ["good"])
    assert (third.text, third.chosen) == ('He said "no"\nand left', None)
    assert f"{path}, line 4, sentence '9'" in third.place


def test_line_ends_of_windows(tmp_path):
    unix = [text[1:] for text in read_table(write(tmp_path, "a.csv", NAMED))]
    windows = [text[1:] for text in read_table(write(tmp_path, "b.csv", NAMED.replace("\n", "\r\n")))]
    assert windows == unix


def test_quotes_are_plain_characters_between_tabs(tmp_path):
    (text,) = read_table(write(tmp_path, "a.tsv", '"so it goes\tgood\n'))
    assert text.text == '"so it goes'


def test_docs_are_one_hot_over_the_labels_of_the_file(tmp_path):
    path = write(tmp_path, "a.csv", NAMED)
    docs = list(read_table_docs(path, NLP))
    assert [doc.cats for doc in docs] == [{"bad": 1.0, "good": 0.0}, {"bad": 0.0, "good": 1.0}, {}]
    assert [doc.user_data["doc_id"] for doc in docs] == ["7", "8", "9"]
    assert [token.text for token in docs[0]] == ["Rain", ",", "again"]
    assert not docs[0].has_annotation("ENT_IOB")
    (first, *_) = read_table_docs(path, NLP, labels=["good", "bad", "mixed"])
    assert first.cats == {"good": 0.0, "bad": 1.0, "mixed": 0.0}
    with pytest.raises(ValueError, match="MTL-E142.*line 3.*'good'"):
        list(read_table_docs(path, NLP, labels=["bad"]))


def test_split_words_keeps_tokens_of_the_file(tmp_path):
    path = write(tmp_path, "a.tsv", "they wo n't sit-down\t0\n")
    (doc,) = read_table_docs(path, NLP, split_words=True)
    assert [token.text for token in doc] == ["they", "wo", "n't", "sit-down"]
    assert doc.has_unknown_spaces


def test_several_labels_in_a_cell(tmp_path):
    path = write(tmp_path, "a.tsv", "text\tlabels\none\tcalm; short\ntwo\tcalm\nthree\t\n")
    docs = list(read_table_docs(path, NLP, separator=";"))
    assert [doc.cats for doc in docs] == [
        {"calm": 1.0, "short": 1.0},
        {"calm": 1.0, "short": 0.0},
        {"calm": 0.0, "short": 0.0},
    ]


def test_a_column_for_each_label_with_values(tmp_path):
    path = write(tmp_path, "a.csv", "comment,calm,short\none,1,0.25\ntwo,,0\n")
    first, second = read_table_docs(path, NLP, text_column="comment", label_columns=["calm", "short"])
    assert first.cats == {"calm": 1.0, "short": 0.25}
    assert second.cats == {"short": 0.0}


@pytest.mark.parametrize(
    "columns", [{"text_column": 2, "label_columns": [0]}, {"text_column": "2", "label_columns": "0"}]
)
def test_columns_by_index_without_header(tmp_path, columns):
    path = write(tmp_path, "a.csv", "good,x,one\nbad,y,two\n")
    assert [(t.text, t.chosen) for t in read_table(path, **columns)] == [("one", ["good"]), ("two", ["bad"])]


def test_header_that_is_said_to_be_there_or_not(tmp_path):
    path = write(tmp_path, "a.tsv", "words\tclass\none\tgood\n")
    assert [(t.text, t.chosen) for t in read_table(path, header=True)] == [("one", ["good"])]
    assert len(list(read_table(path, header=False))) == 2
    path = write(tmp_path, "b.tsv", "text\tlabel\none\tgood\n")
    assert [t.text for t in read_table(path, header=False)] == ["text", "one"]


@pytest.mark.parametrize(
    "text, options",
    [
        ("good\tone\n", {"text_column": 1}),
        ("class\twords\ngood\tone\n", {"text_column": "words"}),
        ("label\twords\ngood\tone\n", {}),
        ("label\tid\tsentence\ngood\t5\tone\n", {}),
        ("id\tmood\twords\n1\tgood\tone\n", {"label_columns": ["mood"]}),
    ],
)
def test_columns_that_are_left_to_be_told(tmp_path, text, options):
    assert [(t.text, t.chosen) for t in read_table(write(tmp_path, "a.tsv", text), **options)] == [("one", ["good"])]


def test_other_delimiter(tmp_path):
    (text,) = read_table(write(tmp_path, "a.csv", "text;label\none, two;good\n"), delimiter=";")
    assert (text.text, text.chosen) == ("one, two", ["good"])


def test_an_empty_file_has_no_text(tmp_path):
    assert list(read_table(write(tmp_path, "a.csv", ""))) == []
    assert list(read_table(write(tmp_path, "b.csv", "\n \n"))) == []


@pytest.mark.parametrize(
    "text, options, code, line, shown",
    [
        (PLAIN + "two\tthree\tfour\n", {}, "MTL-E103", 3, "found 3"),
        (PLAIN + "\t1\n", {}, "MTL-E144", 3, "no text"),
        (PLAIN, {"label_names": {"0": "bad"}}, "MTL-E142", 2, "'1'"),
        (PLAIN, {"label_columns": ["mood"]}, "MTL-E144", 1, "'mood'"),
        (PLAIN, {"label_columns": [2]}, "MTL-E144", 1, "'2'"),
        (PLAIN, {"label_columns": [-1]}, "MTL-E144", 1, "'-1'"),
        (PLAIN, {"text_column": "9" * 5000}, "MTL-E144", 1, "there is no column"),
        (PLAIN, {"text_column": "\u0663"}, "MTL-E144", 1, "there is no column"),
        (PLAIN, {"text_column": ""}, "MTL-E144", 1, "there is no column ''"),
        ("one\n", {}, "MTL-E125", 1, "cannot be told"),
        (PLAIN, {"text_column": 0, "label_columns": [0]}, "MTL-E144", 1, "cannot be told"),
        ("one\ttwo\tthree\n", {"header": True}, "MTL-E125", 1, "cannot be told"),
        (PLAIN, {"delimiter": ";;"}, "MTL-E144", 1, "';;'"),
        ("text\ta\tb\none\t1\t2\n", {"label_columns": ["a", "b"]}, "MTL-E143", 2, "label 'b'"),
        ("text\ta\tb\none\tnan\t0\n", {"label_columns": ["a", "b"]}, "MTL-E143", 2, "'nan'"),
        ("id\ttext\tlabel\n5\ta\tx\n6\tb\tx\n5\tc\tx\n", {}, "MTL-E137", 4, "line 2"),
        ('text,label\none,good\n"two,bad\nthree,bad\n', {"delimiter": ","}, "MTL-E144", 3, "never closed"),
        ('text,label\none,good\n"two"x,bad\n', {"delimiter": ","}, "MTL-E144", 3, "'x' stands behind"),
    ],
)
def test_bad_rows_name_file_and_line(tmp_path, text, options, code, line, shown):
    path = write(tmp_path, "a.tsv", text)
    with pytest.raises(ValueError, match=code) as error:
        list(read_table(path, **options))
    assert f"{path}, line {line}, sentence" in str(error.value)
    assert shown in str(error.value)


QUOTED = [("text", "label"), ('She shouted "stop" twice', "x"), ("a\tb\nc", "y"), ("plain, text", "x")]


def write_rows(folder, name, delimiter, quoting=csv.QUOTE_MINIMAL):
    path = folder / name
    with path.open("w", newline="", encoding="utf8") as file:
        csv.writer(file, delimiter=delimiter, quoting=quoting).writerows(QUOTED)
    return path


@pytest.mark.parametrize("quoting", [csv.QUOTE_MINIMAL, csv.QUOTE_ALL, csv.QUOTE_NONNUMERIC])
@pytest.mark.parametrize("delimiter", [",", ";", "|", "\t"])
def test_what_a_csv_writer_quotes_is_read_as_it_was(tmp_path, delimiter, quoting):
    path = write_rows(tmp_path, "a.tsv", delimiter, quoting)
    assert [(t.text, *t.chosen) for t in read_table(path, delimiter=delimiter)] == QUOTED[1:]


@pytest.mark.parametrize("name", ["\\t", "tab", "TAB"])
def test_delimiters_as_they_are_typed(tmp_path, name):
    path = write_rows(tmp_path, "a.csv", "\t")
    assert [(t.text, *t.chosen) for t in read_table(path, delimiter=name)] == QUOTED[1:]


def test_quotes_that_may_be_part_of_the_text_are_kept_with_a_warning(tmp_path):
    path = write(tmp_path, "a.tsv", 'it rains\tbad\n"Great"\tgood\n')
    with pytest.warns(UserWarning, match="MTL-W110.*line 2"):
        assert [t.text for t in read_table(path)] == ["it rains", '"Great"']
    for quotes, expected in ((True, "Great"), (False, '"Great"')):
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            assert [t.text for t in read_table(path, quotes=quotes)][1] == expected


def test_cells_of_any_length(tmp_path):
    long = "word " * 40_000
    path = write(tmp_path, "a.csv", f'text,label\n"{long}",x\n{long},y\n')
    assert [t.text for t in read_table(path)] == [long.strip()] * 2


@pytest.mark.parametrize(
    "text, expected",
    [
        ("id,message,category\n1,one,x\n2,two,y\n", [("one", "x"), ("two", "y")]),
        (",message,category\n0,one,x\n", [("one", "x")]),
        ("uid,sentence,polarity\na1,one,x\n", [("one", "x")]),
    ],
)
def test_columns_that_only_one_reading_is_left_for(tmp_path, text, expected):
    assert [(t.text, *t.chosen) for t in read_table(write(tmp_path, "a.csv", text))] == expected


FIVE = [("one", "x"), ("two", "y"), ("three", "x"), ("four", "y"), ("five", "x")]


def test_columns_of_categories_with_one_name(tmp_path):
    path = write(tmp_path, "a.csv", "text,a,a\none,1,0\n")
    for columns in ([1, 2], ["a"]):
        with pytest.raises(ValueError, match="MTL-E125.*one name|MTL-E125.*have the name 'a'"):
            list(read_table(path, label_columns=columns))


@pytest.mark.parametrize(
    "rows, shown",
    [
        ([("nr", "message", "author", "category"), ("1", "one", "Ana", "x")], "cannot be told"),
        ([("nr", "category"), ("1", "x"), ("2", "y")], "only numbers"),
        ([("text", "sentence", "label"), ("one", "two", "x")], "several columns.*'text', 'sentence'"),
        ([("text", "label", "category"), ("one", "x", "y")], "several columns.*'label', 'category'"),
        ([("7", "one", "x"), ("8", "two", "y")], "cannot be told.*3 without names"),
        ([("7", "x"), ("8", "y")], "only numbers"),
        ([("message", "mood"), *FIVE], "first row may name.*'mood'"),
        ([("review", "sentiment"), ("it was good", "pos"), ("it was bad", "neg")], "first row may name.*'sentiment'"),
        ([("message", "mood"), *((text, "1") for text, _ in FIVE)], "first row may name.*'mood'"),
        ([("x", "it rains"), ("y", "it is dry"), ("x", "it snows")], "other way round.*'x', 'it rains'"),
        ([("message", "text"), *((f"m{i}", f"t{i}") for i in range(12))], "a label of its own"),
    ],
)
def test_columns_that_cannot_be_told_are_asked_for(tmp_path, rows, shown):
    path = write(tmp_path, "a.csv", "".join(",".join(row) + "\n" for row in rows))
    with pytest.raises(ValueError, match=f"(?s)MTL-E125.*line 1.*{shown}.*--text-column"):
        list(read_table(path))


def test_the_other_delimiter_is_named(tmp_path):
    for name, delimiter in (("semicolon", ";"), ("tab", "\t"), ("pipe", "|")):
        with pytest.raises(ValueError, match=f"MTL-E144.*line 1.*--delimiter.*{name}"):
            list(read_table(write(tmp_path, "a.csv", f"text{delimiter}label\none{delimiter}x\n")))


def test_chosen_columns_are_noted(tmp_path):
    remarks = Remarks()
    list(read_table(write(tmp_path, "a.csv", NAMED), remarks=remarks))
    assert remarks.notes == [
        "text in column 'text' (1), categories in 'label' (2), ids in 'id' (0), with a header, quotes around cells "
        "taken off"
    ]


def test_bad_rows_can_be_skipped(tmp_path):
    text = 'text,label\none,x\n"two,y\nthree\nfour,y\n,x\n' + "w" * 2_000_000 + ",x\nfive,y\n"
    remarks = Remarks(skip_bad=True)
    docs = list(read_table_docs(write(tmp_path, "a.csv", text), NLP, remarks=remarks))
    assert [doc.text for doc in docs] == ["one", "four", "five"]
    assert remarks.left_out == {"bad": 4}
    assert "line 3" in remarks.first["bad"][0] and "MTL-E126" in remarks.first["bad"][3]


HEADER_OF_ANOTHER_LANGUAGE = (
    "texto,etiqueta\nmuy bueno,pos\nmuy malo,neg\nmal,neg\nbien hecho,pos\nasí así,neutro\nno sé,neg\n"
)


@pytest.mark.parametrize("given", [{}, {"text_column": 0, "label_columns": [1]}, {"text_column": 0}])
def test_a_header_is_asked_about_beside_rare_labels_and_given_indices(tmp_path, given):
    path = write(tmp_path, "a.csv", HEADER_OF_ANOTHER_LANGUAGE)
    with pytest.raises(ValueError, match="MTL-E125.*'etiqueta'"):
        list(read_table(path, **given))
    assert len(list(read_table(path, header=True, **given))) == 6
    assert len(list(read_table(path, header=False, **given))) == 7


def test_the_line_of_excel_that_names_the_delimiter_is_none_of_the_table(tmp_path):
    path = write(tmp_path, "a.csv", "sep=;\r\nText;Label\r\nGut, sehr;pos\r\nSchlecht\r\n")
    texts = read_table(path)
    assert next(texts)[1:4] == ("Gut, sehr", None, ["pos"])
    with pytest.raises(ValueError, match="MTL-E103.*line 4|line 4.*MTL-E103"):
        next(texts)


def test_truths_are_values(tmp_path):
    path = write(tmp_path, "a.csv", "text,calm,short\none,True,FALSE\ntwo,,1\n")
    texts = list(read_table(path, label_columns=["calm", "short"]))
    assert [text.values for text in texts] == [{"calm": 1.0, "short": 0.0}, {"short": 1.0}]


@pytest.mark.parametrize("cell", ["['x', 'y']", "['x']", "[]", "NaN"])
def test_lists_and_missing_values_are_no_labels(tmp_path, cell):
    path = write(tmp_path, "a.csv", f'text,label\none,"{cell}"\ntwo,x\n')
    with pytest.raises(ValueError, match="MTL-E126.*line 2.*--separator"):
        list(read_table(path))
    assert next(read_table(path, label_names={cell: "y"})).chosen == ["y"]


def test_several_labels_in_a_cell_are_warned_of(tmp_path):
    path = write(tmp_path, "a.csv", 'text,label\none,x\ntwo,"x, y"\n')
    with pytest.warns(UserWarning, match="W171.*line 3.*'x, y'"):
        read_table_docs(path, NLP)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        read_table_docs(path, NLP, separator=",")
        read_table_docs(write(tmp_path, "b.csv", 'text,label\none,"food, drink"\ntwo,travel\n'), NLP)


def test_a_first_row_names_the_columns_if_two_columns_say_so(tmp_path):
    words = ["hot", "wet", "dry", "dull"] * 2
    rows = "".join(f"Is it {word} today?\t{'xy'[i % 2]}\n" for i, word in enumerate(words))
    assert [text.text for text in read_table(write(tmp_path, "a.tsv", "question\tintent\n" + rows))][:1] == [
        "Is it hot today?"
    ]
    numbered = "".join(f"{i}\t{row}\n" for i, row in enumerate(rows.splitlines()))
    first, *others = read_table(write(tmp_path, "a.tsv", "id\tquestion\tintent\n" + numbered))
    assert (first.id, first.text, first.chosen, len(others)) == ("0", "Is it hot today?", ["x"], 7)
    # one sign is not enough
    assert len(list(read_table(write(tmp_path, "a.tsv", "question\tx\n" + rows)))) == 9
    with pytest.raises(ValueError, match="MTL-E125"):
        list(read_table(write(tmp_path, "a.tsv", "Is it cold?\tintent\n" + rows)))


COUNTED = "text,joy,anger,fear\nBoats!,3,1,0\nRain,,2,\nHm,0,0,0\n"
LISTED = "text,label\nBoats!,joy;joy;anger;joy\nRain,anger; anger\nHm,\n"


@pytest.mark.parametrize(
    "content,settings", [(COUNTED, {"label_columns": ["joy", "anger", "fear"]}), (LISTED, {"separator": ";"})]
)
def test_votes_become_shares(tmp_path, content, settings):
    docs = list(read_table_docs(write(tmp_path, "a.csv", content), NLP, votes=True, **settings))
    labels = ["anger", "fear", "joy"] if content == COUNTED else ["anger", "joy"]
    shares = [{"joy": 0.75, "anger": 0.25}, {"anger": 1.0}]
    assert [doc.cats for doc in docs] == [*({label: one.get(label, 0.0) for label in labels} for one in shares), {}]


def test_the_names_of_votes(tmp_path):
    path = write(tmp_path, "a.csv", "text,label\nBoats!,0 1 1 1\n")
    (doc,) = read_table_docs(path, NLP, votes=True, separator=" ", label_names={"0": "bad", "1": "good"})
    assert doc.cats == {"bad": 0.25, "good": 0.75}


@pytest.mark.parametrize(
    "content,settings,code",
    [
        ("text,joy,anger\nBoats!,0.5,1\n", {"label_columns": ["joy", "anger"]}, "E154.*line 2.*'joy'.*'0.5'"),
        ("text,joy,anger\nBoats!,-1,1\n", {"label_columns": ["joy", "anger"]}, "E154.*'-1'"),
        ("text,label\nBoats!,joy\n", {}, "E144.*line 2.*--separator"),
    ],
)
def test_what_is_no_vote(tmp_path, content, settings, code):
    with pytest.raises(ValueError, match=code):
        list(read_table(write(tmp_path, "a.csv", content), votes=True, **settings))
