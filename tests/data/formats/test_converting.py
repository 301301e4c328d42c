import gzip
import inspect

import pytest
import spacy
from spacy.tokens import DocBin

from spacy_mtl.data.formats.converting import convert, convert_in_parts, read_docs
from spacy_mtl.data.formats.counting import Counts
from spacy_mtl.data.formats.formats import FORMATS, find_inputs, guess_format
from spacy_mtl.frames import read_frame_spans

from ..corpora import GIVE, iob2
from .texts.test_markup import TEXT

NLP = spacy.blank("en")


def write(folder, name, text):
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf8")
    return path


def read(path):
    return list(DocBin().from_disk(path).get_docs(NLP.vocab))


def test_markup_is_written_and_counted(tmp_path):
    output = tmp_path / "new" / "mail.spacy"
    counts = convert([write(tmp_path, "mail.txt", TEXT)], output, "markup", NLP)
    assert counts == Counts(
        docs=3,
        tokens=12 + 4 + 5,
        with_categories=3,
        with_entities=3,
        entities=3,
        with_frames=3,
        frames=3,
        rolesets=3,
        roles=6,
    )
    docs = read(output)
    assert [len(doc) for doc in docs] == [12, 4, 5]
    assert [frame.sense for doc in docs for frame in read_frame_spans(doc)] == ["pick_up.04", "be.01", "close.01"]
    assert docs[0].user_data["doc_id"] == "mail-01"


def test_what_is_unannotated_is_not_counted(tmp_path):
    text = '{"text": "one", "spans": []}\n{"text": "two", "label": "x"}\n'
    counts = convert([write(tmp_path, "a.jsonl", text)], tmp_path / "a.spacy", None, NLP)
    assert counts == Counts(2, 2, 1, 1, 0, 0, 0, 0, 0)


def test_labels_are_those_of_all_inputs_in_their_order(tmp_path):
    first, second = write(tmp_path, "b.tsv", "one\tgood\n"), write(tmp_path, "a.tsv", "two\tbad\n")
    convert([first, second], tmp_path / "x.spacy", None, NLP)
    docs = read(tmp_path / "x.spacy")
    assert [doc.text for doc in docs] == ["one", "two"]
    assert [doc.cats for doc in docs] == [{"bad": 0.0, "good": 1.0}, {"bad": 1.0, "good": 0.0}]


def test_labels_that_are_given_and_names_for_them(tmp_path):
    path = write(tmp_path, "a.tsv", "one\t0\n")
    names = {"0": "bad", "1": "good"}
    convert([path], tmp_path / "x.spacy", "tsv", NLP, labels=["good", "bad", "odd"], label_names=names)
    assert read(tmp_path / "x.spacy")[0].cats == {"good": 0.0, "bad": 1.0, "odd": 0.0}


def test_folders_are_searched_by_ending(tmp_path):
    write(tmp_path, "c/2.csv", "text,label\ntwo,x\n")
    (tmp_path / "c" / "1.csv.gz").write_bytes(gzip.compress(b"text,label\none,x\n"))
    write(tmp_path, "c/deep/3.csv", "text,label\nthree,x\n")
    write(tmp_path, "c/.hidden/4.csv", "text,label\nfour,x\n")
    write(tmp_path, "c/README.txt", "not a table")
    assert guess_format([tmp_path / "c"]) == "csv"
    convert([tmp_path / "c"], tmp_path / "x.spacy", None, NLP)
    assert [doc.text for doc in read(tmp_path / "x.spacy")] == ["one", "two", "three"]


def test_folders_of_intents(tmp_path):
    for name, words in (("train", "play it"), ("test", "stop")):
        write(tmp_path, f"snips/{name}/seq.in", words)
        write(tmp_path, f"snips/{name}/seq.out", "O " * len(words.split()))
        write(tmp_path, f"snips/{name}/label", name.title())
    assert find_inputs(tmp_path / "snips", "intents") == [tmp_path / "snips" / "test", tmp_path / "snips" / "train"]
    convert([tmp_path / "snips" / "train"], tmp_path / "x.spacy", None, NLP)
    assert read(tmp_path / "x.spacy")[0].cats == {"Train": 1.0}
    convert([tmp_path / "snips"], tmp_path / "x.spacy", None, NLP)
    assert [doc.cats for doc in read(tmp_path / "x.spacy")] == [
        {"Test": 1.0, "Train": 0.0},
        {"Test": 0.0, "Train": 1.0},
    ]


@pytest.mark.parametrize(
    "name, format",
    [
        ("a.csv", "csv"),
        ("a.tsv.gz", "tsv"),
        ("a.jsonl", "jsonl"),
        ("a.iob2", "iob2"),
        ("a.conllup", "propositions"),
        ("a.props.gz", "conll2005"),
        ("a.v4_gold_conll", "conll2012"),
        ("a.gold_skel", "propbank"),
        ("a.conll", "conll2003"),
    ],
)
def test_endings_that_tell_the_format(tmp_path, name, format):
    assert guess_format([tmp_path / name]) == format


@pytest.mark.parametrize(
    "names, shown",
    [
        (["a.conllu"], "conllu, propositions"),
        (["a.txt"], "conll2003, markup"),
        (["a.gold_conll"], "conll2012, propbank"),
        (["a.csv", "b.tsv"], "csv, tsv"),
        (["a.doc"], "intents"),
    ],
)
def test_endings_that_do_not_tell_the_format_ask_for_its_name(tmp_path, names, shown):
    with pytest.raises(ValueError, match="MTL-E149.*--format.*" + shown):
        guess_format([tmp_path / name for name in names])


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_takes_a_path_a_pipeline_and_options(name):
    path, nlp, *options = inspect.signature(FORMATS[name].docs).parameters.values()
    assert (path.name, nlp.name) in {("path", "nlp"), ("folder", "nlp")}
    assert FORMATS[name].options == {option.name for option in options} - {"remarks"}
    assert set(FORMATS[name].defaults) <= FORMATS[name].options
    assert (FORMATS[name].labelled is not None) == ("labels" in FORMATS[name].options)


@pytest.mark.parametrize("name", [name for name in FORMATS if name not in ("intents", "parallel", "spacy", "tmx")])
def test_an_empty_file_is_refused_in_every_format(tmp_path, name):
    path = write(tmp_path, "a.txt", "\n\n")
    with pytest.raises(ValueError, match=f"MTL-E148.*a.txt.*'{name}'"):
        convert([path], tmp_path / "x.spacy", name, NLP)
    assert not (tmp_path / "x.spacy").exists()


@pytest.mark.parametrize(
    "format, options, output, code, shown",
    [
        ("iob3", {}, "x.spacy", "MTL-E149", "one of markup, csv"),
        ("iob2", {"labels": ["x"]}, "x.spacy", "MTL-E149", "tag_column, word_column"),
        ("markup", {"words": "x"}, "x.spacy", "MTL-E149", "no option words.*labels"),
        ("iob2", {}, "x.bin", "MTL-E149", "x.bin.*a .spacy file"),
    ],
)
def test_what_does_not_fit_is_refused(tmp_path, format, options, output, code, shown):
    path = write(tmp_path, "a.iob2", iob2("a-1", GIVE))
    with pytest.raises(ValueError, match=f"{code}.*{shown}"):
        convert([path], tmp_path / output, format, NLP, **options)
    assert [file.name for file in tmp_path.iterdir()] == ["a.iob2"]


def test_inputs_that_are_not_there(tmp_path):
    with pytest.raises(FileNotFoundError, match="MTL-E101.*a.csv"):
        convert([tmp_path / "a.csv"], tmp_path / "x.spacy", None, NLP)
    write(tmp_path, "folder/a.csv", "one,x\n")
    with pytest.raises(FileNotFoundError, match=r"MTL-E116.*\*\.iob2.*folder"):
        convert([tmp_path / "folder"], tmp_path / "x.spacy", "iob2", NLP)


def test_a_fault_in_the_last_input_leaves_the_old_output(tmp_path):
    good, bad = write(tmp_path, "a.iob2", iob2("a-1", GIVE)), write(tmp_path, "b.iob2", "1\tMary\tI-PER\n")
    output = write(tmp_path, "x.spacy", "old")
    with pytest.raises(ValueError, match="MTL-E107.*b.iob2, line 1"):
        convert([good, bad], output, None, NLP)
    assert output.read_text() == "old"
    assert sorted(file.name for file in tmp_path.iterdir()) == ["a.iob2", "b.iob2", "x.spacy"]


def test_what_a_reader_has_not_foreseen_has_a_code_too(tmp_path, monkeypatch):
    def read(path, nlp):
        yield nlp.make_doc("one")
        raise KeyError("x")

    monkeypatch.setitem(FORMATS, "iob2", FORMATS["iob2"]._replace(docs=read))
    with pytest.raises(ValueError, match="MTL-E183.*a.iob2, after 1 Docs.*KeyError"):
        list(read_docs([write(tmp_path, "a.iob2", "x")], "iob2", NLP))


def test_a_share_of_the_documents_is_held_out(tmp_path):
    path = write(tmp_path, "a.tsv", "".join(f"text {i}\t{'xy'[i % 2]}\n" for i in range(50)))
    train, dev = tmp_path / "train.spacy", tmp_path / "dev.spacy"
    counts = convert_in_parts([path], train, [(dev, 0.1)], None, NLP)
    assert (counts[0].docs, counts[1].docs) == (45, 5)
    parts = [doc.text for doc in read(train)], [doc.text for doc in read(dev)]
    assert len(parts[0]) == 45 and sorted(parts[0] + parts[1]) == sorted(f"text {i}" for i in range(50))
    assert read(dev)[0].cats.keys() == {"x", "y"}
    with pytest.raises(ValueError, match="MTL-E149.*two parts"):
        convert_in_parts([path], train, [(train, 0.1)], None, NLP)
    (tmp_path / "b.tsv").write_text("one\tx\n")
    with pytest.raises(ValueError, match="MTL-E182"):
        convert_in_parts([tmp_path / "b.tsv"], tmp_path / "c.spacy", [(tmp_path / "d.spacy", 0.1)], None, NLP)
    assert not (tmp_path / "c.spacy").exists() and not (tmp_path / "d.spacy").exists()


def test_several_parts_are_held_out_of_a_docbin(tmp_path):
    rows = "".join(f"text {i}\t{'xy'[i % 2]}\n" for i in range(50))
    whole = tmp_path / "whole.spacy"
    convert([write(tmp_path, "a.tsv", rows)], whole, None, NLP)
    outputs = [tmp_path / f"{part}.spacy" for part in ("train", "dev", "test")]
    counts = convert_in_parts([whole], outputs[0], [(outputs[1], 0.1), (outputs[2], 0.2)], None, NLP, seed=3)
    assert [found.docs for found in counts] == [35, 5, 10]
    parts = [[doc.text for doc in read(path)] for path in outputs]
    assert sorted(sum(parts, [])) == sorted(f"text {i}" for i in range(50))
    # one part is held out alike with another and without
    convert_in_parts([whole], tmp_path / "b.spacy", [(tmp_path / "c.spacy", 0.1)], None, NLP, seed=3)
    assert [doc.text for doc in read(tmp_path / "c.spacy")] == parts[1]
    with pytest.raises(ValueError, match="MTL-E181"):
        convert_in_parts([whole], outputs[0], [(outputs[1], 0.5), (outputs[2], 0.5)], None, NLP)


def test_a_docbin_is_read_as_it_is_or_refused(tmp_path):
    doc = NLP("Oslo rains.")
    doc.cats = {"x": 2.0}
    DocBin(docs=[NLP("Fine."), doc, NLP("")], store_user_data=True).to_disk(tmp_path / "a.spacy")
    with pytest.raises(ValueError, match="MTL-E190"):
        list(read_docs([tmp_path / "a.spacy"], None, NLP))
    with pytest.warns(UserWarning, match="MTL-W111"):
        assert [doc.text for doc in read_docs([tmp_path / "a.spacy"], None, NLP, skip_bad=True)] == ["Fine."]
    with pytest.raises(ValueError, match="MTL-E122"):
        list(read_docs([write(tmp_path, "b.spacy", "no")], None, NLP))
    # what a conversion left in the folder of its inputs does not make the format unclear
    write(tmp_path, "c.csv", "text,label\nx,y\n")
    assert guess_format([tmp_path]) == "csv"
