import sys

import numpy
import pytest
import spacy
from spacy.tokens import Doc
from thinc.api import get_array_module
from typer.testing import CliRunner

from spacy_mtl.cli.app import app
from spacy_mtl.data.writing import write_docs
from spacy_mtl.encoders.embed import build_multi_hash_embed
from spacy_mtl.scale.records import record_of
from spacy_mtl.scale.subword_vectors import VectorSettings, learn_vectors

SMALL = VectorSettings(width=8, rows=500, epochs=40, min_count=1)
TOWNS = ["Oslo", "Bergen", "Tromso", "Molde"]
FOODS = ["soup", "bread", "cheese", "honey"]
TEXTS = [f"she travels to {town} by train" for town in TOWNS] + [f"they eat warm {food} for supper" for food in FOODS]


@pytest.fixture(autouse=True)
def needs_floret():
    pytest.importorskip("floret")


def learn(texts=TEXTS, settings=SMALL, nlp=None):
    nlp = nlp or spacy.blank("en")
    counts = learn_vectors(nlp, [record_of(text, line) for line, text in enumerate(texts, start=1)], settings)
    return nlp, counts


def test_a_word_that_was_never_seen_has_the_vector_of_its_parts(tmp_path):
    floret = pytest.importorskip("floret")
    nlp, counts = learn()
    assert counts == (8, 48, 0)
    (tmp_path / "texts.txt").write_text("".join(f"{text}\n" for text in TEXTS))
    options = {"mode": "floret", "hashCount": 2, "minCount": 1, "epoch": 40, "thread": 1, "verbose": 0}
    corpus = str(tmp_path / "texts.txt")
    model = floret.train_unsupervised(corpus, model="skipgram", dim=8, bucket=500, minn=3, maxn=5, **options)
    for word in ("Oslo", "Osloite", "unheard", "x"):
        # written with five digits
        numpy.testing.assert_allclose(nlp.vocab.get_vector(word), model.get_word_vector(word), atol=1e-4)


def test_two_runs_learn_the_same(tmp_path):
    (one, _), (other, _) = learn(), learn()
    assert (one.vocab.vectors.data == other.vocab.vectors.data).all()
    one.to_disk(tmp_path / "vectors")
    loaded = spacy.load(tmp_path / "vectors")
    assert (loaded.vocab.get_vector("bread") == other.vocab.get_vector("bread")).all()


def test_an_embedding_reads_them():
    nlp, _ = learn()
    model = build_multi_hash_embed(4, ["NORM"], [50], None)
    docs = [Doc(nlp.vocab, words=["Oslo", "unheard"])]
    model.initialize(X=docs)
    before = model.predict(docs)[0]
    nlp.vocab.vectors.data[:] = 0
    xp = get_array_module(before)
    assert (xp.abs(before - model.predict(docs)[0]).max(axis=1) > 1e-6).all()


def test_what_is_no_text_is_counted_and_white_space_is_no_word():
    doc = Doc(spacy.blank("en").vocab, words=["New York", "\n", "is", "big"])
    _, counts = learn([*TEXTS, "  ", b"no text", doc, {"text": "a b"}])
    assert counts == (len(TEXTS) + 3, 6 * len(TEXTS) + 3 + 2, 1)


@pytest.mark.parametrize(
    "setting, value",
    [("width", 0), ("rows", 0), ("hashes", 5), ("longest", 2), ("min_count", 0), ("epochs", -1), ("model", "glove")],
)
def test_settings_out_of_range_are_refused(setting, value):
    with pytest.raises(ValueError, match=f"E471.*{setting} = {value}"):
        learn(settings=SMALL._replace(**{setting: value}))


@pytest.mark.parametrize("texts", [[], ["", " "], ["once is not enough"]])
def test_without_words_that_occur_often_enough_there_are_none(texts):
    with pytest.raises(ValueError, match="E472"):
        learn(texts, SMALL._replace(min_count=2))


def test_without_the_library_it_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "floret", None)
    with pytest.raises(ImportError, match="E470.*vectors"):
        learn()


def test_the_command_reads_files_of_several_kinds_and_leaves_nothing_behind_when_it_fails(tmp_path):
    (tmp_path / "texts.jsonl").write_text("".join(f'{{"text": "{text}"}}\n' for text in TEXTS) + "{no JSON\n")
    nlp = spacy.blank("en")
    write_docs([Doc(nlp.vocab, words=["They", "eat", "Oslo"])], tmp_path / "more.spacy")
    output = tmp_path / "out" / "vectors"
    small = ["--width", "8", "--rows", "500", "--min-count", "1"]
    inputs = ["pretrain-vectors", str(tmp_path / "texts.jsonl"), str(tmp_path / "more.spacy"), str(output)]
    result = CliRunner().invoke(app, [*inputs, *small, "--hashes", "7"])
    assert result.exit_code == 1 and "E471" in result.output and not output.parent.exists()
    result = CliRunner().invoke(app, [*inputs, *small])
    assert result.exit_code == 0, result.output
    assert "51 words in 9 texts" in result.output and "1 texts" in result.output
    assert spacy.load(output).vocab.vectors.shape == (500, 8)
    assert list(output.parent.iterdir()) == [output]
    assert CliRunner().invoke(app, [*inputs, *small]).exit_code == 1
