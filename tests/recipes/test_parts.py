import pytest
import spacy
from spacy.tokens import DocBin

from spacy_mtl.recipes.inputs import parse_inputs
from spacy_mtl.recipes.parts import check_options, find_format, prepare
from spacy_mtl.translations import get_translations

NLP = spacy.blank("en")


def write(folder, name, text):
    path = folder / name
    path.write_text(text, encoding="utf8")
    return path


def rows(n):
    return "text,label\n" + "".join(f"a text number {i},{'xy'[i % 2]}\n" for i in range(n))


def read(path):
    return [doc.text for doc in DocBin().from_disk(path).get_docs(NLP.vocab)]


@pytest.mark.parametrize("size,share,counts", [(50, 0.2, [30, 10, 10]), (1000, 0.1, [800, 100, 100])])
def test_missing_parts_are_held_out(tmp_path, size, share, counts):
    (corpus,) = parse_inputs([str(write(tmp_path, "a.csv", rows(size)))])
    found = prepare(corpus, tmp_path, tmp_path, NLP, prefix="a-", seed=1)
    (conversion,) = found.conversions
    assert conversion.share == share and [n.docs for n in conversion.counts.values()] == counts
    parts = [read(path) for path in found.corpus.parts.values()]
    assert list(map(len, parts)) == counts and len(set(sum(parts, []))) == size


def test_parts_that_are_there_stay_and_files_of_spacy_stay_where_they_are(tmp_path):
    docs = DocBin(docs=[NLP(f"Text {i}.") for i in range(3)])
    for name in ("train", "test"):
        docs.to_disk(tmp_path / f"{name}.spacy")
    dev = write(tmp_path, "dev.csv", rows(4))
    (corpus,) = parse_inputs([str(tmp_path)])
    found = prepare(corpus, tmp_path / "out", tmp_path / "later", NLP)
    assert found.corpus.parts["train"] == str(tmp_path / "train.spacy")
    assert found.corpus.parts["dev"] == str(tmp_path / "later" / "dev.spacy")
    assert [(c.path, c.share) for c in found.conversions] == [(dev, 0.0)]
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["dev.spacy"]


def test_a_corpus_too_small_to_be_split(tmp_path):
    (corpus,) = parse_inputs([str(write(tmp_path, "a.csv", rows(5)))])
    with pytest.raises(ValueError, match="MTL-E788.*5 texts"):
        prepare(corpus, tmp_path, tmp_path, NLP)


@pytest.mark.parametrize(
    "name,text,expected",
    [
        ("a.csv", "text,label\n", ("csv", False)),
        ("a.spacy", "", ("spacy", False)),
        ("a.conllu", "1\tAna\t_\t_\t_\t_\t0\troot\t_\t_\n", ("conllu", True)),
        ("a.txt", "good | Fine.\n", ("markup", True)),
        ("a.txt", "Ana B-PER\nran O\n", ("conll2003", True)),
        ("a.data", '{"text": "x"}\n', ("jsonl", True)),
    ],
)
def test_formats_are_told_by_endings_and_else_by_lines(tmp_path, name, text, expected):
    assert find_format(write(tmp_path, name, text)) == expected


def test_a_format_that_is_said_and_what_has_none(tmp_path):
    path = write(tmp_path, "a.txt", "x")
    assert find_format(path, "markup") == ("markup", True)
    assert find_format(write(tmp_path, "a.spacy", "x"), "csv") == ("spacy", False)
    for wrong, format, code in ((path, "word", "E149"), (path, None, "E149"), (tmp_path / "a.xlsx", None, "E789")):
        with pytest.raises(ValueError, match=f"MTL-{code}"):
            find_format(wrong, format)


def test_options_go_to_the_formats_that_have_them(tmp_path):
    table = write(tmp_path, "a.csv", rows(30).replace("text,", "body,"))
    lines = write(tmp_path, "b.jsonl", "".join(f'{{"text": "no {i}", "label": "x"}}\n' for i in range(30)))
    corpora = parse_inputs([str(table), str(lines)])
    check_options(corpora, None, {"text_column": "body"})
    used = [prepare(c, tmp_path, tmp_path, NLP, options={"text_column": "body"}).conversions[0] for c in corpora]
    assert [conversion.options for conversion in used] == [{"text_column": "body"}, {}]
    with pytest.raises(ValueError, match="MTL-E149.*word_column"):
        check_options(corpora, None, {"word_column": 1})


def test_translations_are_found_by_the_header_or_beside_the_texts(tmp_path):
    pairs = [(f"Text {i}.", f"Satz {i}.") for i in range(30)]
    table = write(tmp_path, "a.tsv", "en\tde\n" + "".join(f"{text}\t{target}\n" for text, target in pairs))
    texts = write(tmp_path, "b.txt", "".join(f"{text}\n" for text, _ in pairs))
    other = write(tmp_path, "c.txt", "".join(f"{target}\n" for _, target in pairs))
    said = {"target_lang": "de", "targets": str(other)}
    check_options(parse_inputs([str(texts)]), "parallel", said, "en")
    for path, format, options in ((table, None, {}), (texts, "parallel", said)):
        (corpus,) = parse_inputs([str(path)])
        found = prepare(corpus, tmp_path, tmp_path, NLP, format=format, options=options)
        assert found.conversions[0].options["target_lang"] == "de"
        docs = [doc for part in found.corpus.parts.values() for doc in DocBin().from_disk(part).get_docs(NLP.vocab)]
        assert {(doc.text, get_translations(doc)["de"]) for doc in docs} == set(pairs)
    # such a table is one of categories for who reads texts in another language
    assert find_format(table, None, "fr") == ("tsv", False) and find_format(table, "csv", "en") == ("csv", True)
