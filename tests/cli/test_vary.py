import numpy
import pytest
import spacy
from spacy.tokens import Doc, DocBin
from typer.testing import CliRunner

from spacy_mtl.cli.app import app


def run(*words):
    return CliRunner().invoke(app, ["vary", *map(str, words)])


def read(path):
    return [doc.text for doc in DocBin().from_disk(path).get_docs(spacy.blank("en").vocab)]


@pytest.fixture
def corpus(tmp_path):
    nlp = spacy.blank("en")
    docs = [
        Doc(nlp.vocab, words=f"{name} sees dogs".split(), tags=["NNP", "VBZ", "NNS"]) for name in ("Kim", "Ana", "Bo")
    ]
    DocBin(docs=docs).to_disk(tmp_path / "train.spacy")
    return tmp_path / "train.spacy"


def test_words_of_the_same_tag(corpus, tmp_path):
    output = tmp_path / "variants.spacy"
    done = run(corpus, output, "--copies", 5, "--share", 1)
    texts = read(output)
    assert done.exit_code == 0 and f"{len(texts)} variants" in done.output
    assert 5 < len(texts) < 15, "a name is exchanged for itself one time in three"
    assert all(text.endswith(" sees dogs ") for text in texts)
    again = tmp_path / "again.spacy"
    run(corpus, again, "--copies", 5, "--share", 1)
    assert read(again) == texts
    run(corpus, again, "--copies", 5, "--share", 1, "--seed", 1)
    assert read(again) != texts


def test_neighbours_of_vectors(corpus, tmp_path):
    nlp = spacy.blank("en")
    for name, vector in zip(("dogs", "cats"), numpy.eye(2, dtype="float32") + 0.5):
        nlp.vocab.set_vector(name, vector)
    nlp.to_disk(tmp_path / "vectors")
    assert run(corpus, tmp_path / "out.spacy", "--vectors", tmp_path / "vectors", "--share", 1).exit_code == 0
    assert any("cats" in text for text in read(tmp_path / "out.spacy"))


@pytest.mark.parametrize(
    "settings, code", [(["--copies", 0], "E196"), (["--share", 0], "E196"), (["--share", 1.5], "E196")]
)
def test_bad_settings(corpus, tmp_path, settings, code):
    done = run(corpus, tmp_path / "out.spacy", *settings)
    assert done.exit_code == 1 and code in done.output and not (tmp_path / "out.spacy").exists()


def test_bad_inputs(corpus, tmp_path):
    assert "E149" in run(corpus, tmp_path / "out.txt").output
    assert "E153" in run(corpus, corpus).output
    nlp = spacy.blank("en")
    DocBin(docs=[nlp("Kim sees dogs")]).to_disk(tmp_path / "plain.spacy")
    assert "E195" in run(tmp_path / "plain.spacy", tmp_path / "out.spacy").output
    nlp.to_disk(tmp_path / "blank")
    done = run(corpus, tmp_path / "out.spacy", "--vectors", tmp_path / "blank")
    assert done.exit_code == 1 and "E195" in done.output
