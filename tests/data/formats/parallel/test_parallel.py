import gzip
import json

import pytest
import spacy
from hypothesis import given, settings
from hypothesis import strategies as st

from spacy_mtl.data.formats.converting import convert, guess_format, read_docs
from spacy_mtl.data.formats.remarks import Remarks
from spacy_mtl.translations import get_translations

NLP = spacy.blank("en")
# a byte order mark is none of a line's characters
WORDS = st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufeff"), max_size=8)
ENGLISH = ["A dog runs.", "Two men talk.", "", "It rains."]
GERMAN = ["Ein Hund rennt.", "Zwei Männer reden.", "Leer.", "  "]
READ = [("A dog runs.", {"de": "Ein Hund rennt."}), ("Two men talk.", {"de": "Zwei Männer reden."})]


def write(path, text):
    data = text.encode("utf8")
    path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)
    return path


def write_lines(path, lines):
    return write(path, "".join(f"{line}\n" for line in lines))


def read(path, format="parallel", remarks=None, **options):
    docs = read_docs([path], format, NLP, remarks=remarks or Remarks(), **options)
    return [(doc.text, get_translations(doc)) for doc in docs]


def to_tmx(units, head=""):
    tuvs = ["".join(f'<tuv xml:lang="{lang}"><seg>{seg}</seg></tuv>' for lang, seg in unit) for unit in units]
    body = "".join(f"<tu>{tuv}</tu>\n" for tuv in tuvs)
    return f"{head}<tmx version='1.4'><header/><body>{body}</body></tmx>"


@pytest.mark.parametrize("ending", ["", ".gz", ".txt.gz"])
def test_two_files_of_lines(tmp_path, ending):
    write_lines(tmp_path / f"de.train.de{ending}", GERMAN)
    path = write_lines(tmp_path / f"de.train.en{ending}", ENGLISH)
    remarks = Remarks()
    assert read(path, remarks=remarks, target_lang="de") == READ
    assert dict(remarks.left_out) == {"no text to translate": 1, "no translation": 1}
    assert "line 3" in remarks.first["no text to translate"][0]


def test_named_targets(tmp_path):
    path, targets = write_lines(tmp_path / "a.txt", ENGLISH[:1]), write_lines(tmp_path / "b.txt", GERMAN[:1])
    assert read(path, target_lang="de", targets=targets) == READ[:1]
    with pytest.raises(ValueError, match="E172.*'.en'.*--targets"):
        read(path, target_lang="de")


@pytest.mark.parametrize("lines", [GERMAN[:3], [*GERMAN, "Mehr."], []])
def test_sides_of_unequal_length_write_nothing(tmp_path, lines):
    path = write_lines(tmp_path / "a.en", ENGLISH)
    write_lines(tmp_path / "a.de", lines)
    with pytest.raises(ValueError, match=f"E171.*a.de: expected 4 lines.*a.en has, found {len(lines)}"):
        convert([path], tmp_path / "x.spacy", "parallel", NLP, target_lang="de", skip_bad=True)
    assert not (tmp_path / "x.spacy").exists()


def test_a_language_is_asked_for(tmp_path):
    with pytest.raises(ValueError, match="E172.*--target-lang"):
        read(write_lines(tmp_path / "a.en", ENGLISH))
    with pytest.raises(FileNotFoundError, match="E101.*a.de"):
        read(tmp_path / "a.en", target_lang="de")
    with pytest.raises(FileNotFoundError, match="E116.*one by one"):
        read(tmp_path, target_lang="de")


def test_only_empty_pairs_are_no_corpus(tmp_path):
    write_lines(tmp_path / "a.de", [" ", "x"])
    with pytest.raises(ValueError, match="E148"):
        read(write_lines(tmp_path / "a.en", ["x", ""]), target_lang="de")


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(WORDS, WORDS), max_size=5))
def test_lines_come_back_one_by_one(tmp_path_factory, pairs):
    folder = tmp_path_factory.mktemp("lines")
    path = write_lines(folder / "a.en", [source for source, _ in pairs])
    write_lines(folder / "a.de", [target for _, target in pairs])
    cleaned = [(" ".join(source.split()), {"de": " ".join(target.split())}) for source, target in pairs]
    kept = [(source, texts) for source, texts in cleaned if source and texts["de"]]
    if kept:
        assert read(path, target_lang="de") == kept
    else:
        with pytest.raises(ValueError, match="E148"):
            read(path, target_lang="de")


HEAD = "no\ten\tde\tnote"
ROWS = "".join(f"{i}\t{source}\t{target}\tx\n" for i, (source, target) in enumerate(zip(ENGLISH, GERMAN)))
TABLES = [
    ("a.tsv", f"{HEAD}\n{ROWS}", {}),
    ("a.tsv", ROWS, {"text_column": "1", "target_column": 2}),
    ("a.tsv", f"{HEAD}\n{ROWS}", {"text_column": "en", "target_column": "de"}),
    ("a.tsv.gz", f"{HEAD.replace('en', 'source').replace('de', 'Target')}\n{ROWS}", {}),
    ("a.tsv", f"{HEAD.replace('en', 'en-GB').replace('de', 'de_AT')}\n{ROWS}", {}),
    ("a.tsv", "".join(f"{source}\t{target}\n" for source, target in zip(ENGLISH, GERMAN)), {}),
    ("a.csv", "".join(f'"{source}","{target}"\n' for source, target in zip(ENGLISH, GERMAN)), {}),
    ("a.tsv", f"x\ty\n{READ[0][0]}\tEin Hund rennt.\n{READ[1][0]}\tZwei Männer reden.\n", {"header": True}),
]


@pytest.mark.parametrize("name, text, options", TABLES)
def test_tables(tmp_path, name, text, options):
    assert read(write(tmp_path / name, text), target_lang="de", **options) == READ


@pytest.mark.parametrize(
    "text, options",
    [
        (ROWS, {}),
        (f"{HEAD}\n{ROWS}", {"text_column": "en", "target_column": "en"}),
        (f"{HEAD}\n{ROWS}", {"text_column": "en", "target_column": "fr"}),
        (f"{HEAD}\n{ROWS}", {"text_column": "9"}),
        ("only\none\n", {}),
    ],
)
def test_columns_that_cannot_be_told(tmp_path, text, options):
    with pytest.raises(ValueError, match="E172.*--target-column"):
        read(write(tmp_path / "a.tsv", text), target_lang="de", **options)


def test_a_bad_row(tmp_path):
    path = write(tmp_path / "a.tsv", "A dog runs.\tEin Hund rennt.\nalone\nTwo men talk.\tZwei Männer reden.\n")
    with pytest.raises(ValueError, match="E103.*line 2"):
        read(path, target_lang="de")
    remarks = Remarks(skip_bad=True)
    assert read(path, target_lang="de", remarks=remarks) == READ and sum(remarks.left_out.values()) == 1


OBJECTS = [
    lambda source, target: {"en": source, "de": target},
    lambda source, target: {"id": 7, "translation": {"en": source, "de": target}},
    lambda source, target: {"text": source, "translations": {"de": target, "fr": "Non."}},
    lambda source, target: {"source": source, "target": target or None},
    lambda source, target: {"text": source, "translation": target},
]


@pytest.mark.parametrize("make", OBJECTS)
def test_objects(tmp_path, make):
    lines = [json.dumps(make(source, target)) for source, target in zip(ENGLISH, GERMAN)]
    assert read(write_lines(tmp_path / "a.jsonl", lines), target_lang="de") == READ


@pytest.mark.parametrize("line, code", [("[1]", "E140"), ('{"en": "x"}', "E172"), ('{"en": "x", "de": 1}', "E141")])
def test_bad_objects(tmp_path, line, code):
    with pytest.raises(ValueError, match=f"{code}.*line 1"):
        read(write_lines(tmp_path / "a.jsonl", [line]), target_lang="de")


def test_translations_beside_labels(tmp_path):
    line = json.dumps({"text": "A dog runs.", "label": "animal", "translations": {"de": "Ein Hund.", "fr": None}})
    (doc,) = read_docs([write_lines(tmp_path / "a.jsonl", [line])], "jsonl", NLP)
    assert doc.cats == {"animal": 1.0} and get_translations(doc) == {"de": "Ein Hund."}
    with pytest.raises(ValueError, match="E141.*translations"):
        read(write_lines(tmp_path / "a.jsonl", ['{"text": "x", "translations": ["y"]}']), "jsonl")


UNITS = [
    [("en-US", "A <ph x='1'>&lt;b></ph>dog <hi>runs</hi>."), ("de-DE", "Ein Hund\n   rennt."), ("fr", "Un chien.")],
    [("DE", "Zwei Männer reden."), ("en", "Two men talk."), ("de", "Andere.")],
    [("en", "Alone.")],
    [("fr", "Seul."), ("de", "Allein.")],
]


@pytest.mark.parametrize("name", ["a.tmx", "a.tmx.gz"])
def test_tmx(tmp_path, name):
    path = write(tmp_path / name, to_tmx(UNITS, '<?xml version="1.0"?><!DOCTYPE tmx SYSTEM "tmx14.dtd">'))
    remarks = Remarks()
    assert guess_format([path]) == "tmx"
    assert read(path, "tmx", target_lang="de", remarks=remarks) == READ
    assert dict(remarks.left_out) == {"no translation": 1, "no text in 'en'": 1}
    assert read(path, "tmx")[0] == ("A dog runs.", {"de": "Ein Hund rennt.", "fr": "Un chien."})


def test_tmx_in_utf16(tmp_path):
    path = tmp_path / "a.tmx"
    path.write_bytes(to_tmx(UNITS[:2], '<?xml version="1.0" encoding="UTF-16"?>').encode("utf-16"))
    assert read(path, "tmx", target_lang="de") == READ


@pytest.mark.parametrize(
    "text, line",
    [("", 1), ("no xml", 1), (to_tmx(UNITS)[:-20], 5), (to_tmx(UNITS).replace("</hi>", ""), 1), ("<html/>", 1)],
)
def test_broken_tmx_writes_nothing(tmp_path, text, line):
    path = write(tmp_path / "a.tmx", text)
    with pytest.raises(ValueError, match=f"E173.*a.tmx, line {line}"):
        convert([path], tmp_path / "x.spacy", "tmx", NLP, target_lang="de", skip_bad=True)
    assert not (tmp_path / "x.spacy").exists()


def test_damaged_gzip(tmp_path):
    path = write(tmp_path / "a.tmx.gz", to_tmx(UNITS))
    path.write_bytes(path.read_bytes()[:-30])
    with pytest.raises(ValueError, match="E130"):
        read(path, "tmx")


def test_entities_do_not_explode(tmp_path):
    entities = "".join(f'<!ENTITY e{i} "' + 20 * f"&e{i - 1};" + '">' for i in range(1, 9))
    path = write(tmp_path / "a.tmx", to_tmx([[("en", "&e8;")]], f'<!DOCTYPE tmx [<!ENTITY e0 "x">{entities}]>'))
    with pytest.raises(ValueError, match="E173"):
        read(path, "tmx")
