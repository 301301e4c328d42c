from pathlib import Path

import pytest

from spacy_mtl.recipes.inputs import parse_inputs


@pytest.fixture(autouse=True)
def files(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in (
        "reviews.csv",
        "other/reviews.csv",
        "train.spacy",
        "dev.spacy",
        "test.spacy",
        "news-train.csv.gz",
        "news_valid.csv",
        "2024 mails.tsv",
        "ewt/train.spacy",
        "ewt/Test.spacy",
        "ewt/notes.md",
        "snips/train/seq.in",
        "snips/valid/seq.in",
        "plain/a.iob2",
        "a=b.csv",
    ):
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_text("x")


def parse(*given):
    return {
        corpus.name: ({part: path.as_posix() for part, path in corpus.parts.items()}, corpus.tasks)
        for corpus in parse_inputs(given)
    }


@pytest.mark.parametrize(
    "given,expected",
    [
        (["reviews.csv"], {"reviews": ({"train": "reviews.csv"}, ())}),
        (
            ["test.spacy", "train.spacy", "dev.spacy"],
            {"corpus": ({"train": "train.spacy", "dev": "dev.spacy", "test": "test.spacy"}, ())},
        ),
        (
            ["news_valid.csv", "reviews.csv", "news-train.csv.gz"],
            {
                "news": ({"train": "news-train.csv.gz", "dev": "news_valid.csv"}, ()),
                "reviews": ({"train": "reviews.csv"}, ()),
            },
        ),
        (["2024 mails.tsv"], {"corpus_2024_mails": ({"train": "2024 mails.tsv"}, ())}),
        (["ewt"], {"ewt": ({"train": "ewt/train.spacy", "test": "ewt/Test.spacy"}, ())}),
        (["snips"], {"snips": ({"train": "snips/train", "dev": "snips/valid"}, ())}),
        (["plain"], {"plain": ({"train": "plain"}, ())}),
        (["a=b.csv"], {"a_b": ({"train": "a=b.csv"}, ())}),
        (
            ["reviews.csv", "n=dev.spacy"],
            {"reviews": ({"train": "reviews.csv"}, ()), "n": ({"train": "dev.spacy"}, ())},
        ),
        (["dev.spacy"], {"corpus": ({"train": "dev.spacy"}, ())}),
        (
            ["n=train.spacy,,test.spacy:ner,srl", "reviews.csv:mood"],
            {
                "n": ({"train": "train.spacy", "test": "test.spacy"}, ("ner", "srl")),
                "reviews": ({"train": "reviews.csv"}, ("mood",)),
            },
        ),
        (
            ["one=reviews.csv", "two=other/reviews.csv"],
            {"one": ({"train": "reviews.csv"}, ()), "two": ({"train": "other/reviews.csv"}, ())},
        ),
    ],
)
def test_files_become_corpora(given, expected):
    assert list(parse(*given).items()) == list(expected.items())


@pytest.mark.parametrize(
    "given,code",
    [
        ([], "E785"),
        ([" "], "E785"),
        (["a=1,2,3,4"], "E785"),
        (["reviews.csv", "other/reviews.csv"], "E786"),
        (["reviews.csv", "./reviews.csv"], "E786"),
        (["reviews=train.spacy", "reviews.csv"], "E786"),
        (["news_valid.csv", "reviews.csv"], "E787"),
        (["dev.spacy", "test.spacy"], "E787"),
        (["none.csv"], "E101"),
        (["n=none.csv:ner"], "E101"),
    ],
)
def test_what_makes_no_corpora_is_refused(given, code):
    with pytest.raises((ValueError, FileNotFoundError), match=f"MTL-{code}"):
        parse(*given)
