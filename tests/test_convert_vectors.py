"""Text files of word vectors as static vectors."""

import gzip
import importlib.util
from pathlib import Path

import numpy
import pytest
import spacy
import typer
from typer.testing import CliRunner

ROOT = Path(__file__).parents[1]
LINES = ["the 1 2 3", "oslo 4 5 6", "US 7 8 9", "us 0.5 0 -1e-2"]


@pytest.fixture(scope="module")
def command():
    spec = importlib.util.spec_from_file_location("convert_vectors", ROOT / "scripts" / "convert_vectors.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    app = typer.Typer()
    app.command()(module.main)
    return lambda *arguments: CliRunner().invoke(app, [str(argument) for argument in arguments])


def get_vector(nlp, word):
    return nlp.vocab.get_vector(word).tolist() if nlp.vocab.has_vector(word) else None


@pytest.mark.parametrize("header", [[], ["4 3"]])
@pytest.mark.parametrize("suffix", [".txt", ".txt.gz"])
def test_every_spelling_has_the_vector_of_its_word(command, tmp_path, header, suffix):
    path = tmp_path / f"vectors{suffix}"
    content = "\n".join([*header, *LINES]).encode("utf8")
    path.write_bytes(gzip.compress(content) if suffix == ".txt.gz" else content)
    result = command(path, tmp_path / "out")
    assert result.exit_code == 0 and "4 vectors of width 3" in result.output
    nlp = spacy.load(tmp_path / "out")
    for word in ("oslo", "Oslo", "OSLO"):
        assert get_vector(nlp, word) == [4, 5, 6]
    assert get_vector(nlp, "US") == [7, 8, 9], "a spelling of its own goes before one that is made"
    assert get_vector(nlp, "Us") == pytest.approx([0.5, 0, -0.01])
    assert get_vector(nlp, "oSlo") is None
    assert nlp.vocab.vectors.shape == (4, 3)


def test_spellings_as_they_are(command, tmp_path):
    (tmp_path / "vectors.txt").write_text("\n".join(LINES), encoding="utf8")
    assert command(tmp_path / "vectors.txt", tmp_path / "out", "--no-uncased", "--limit", 2).exit_code == 0
    nlp = spacy.load(tmp_path / "out")
    assert get_vector(nlp, "Oslo") is None and get_vector(nlp, "US") is None
    assert get_vector(nlp, "oslo") == [4, 5, 6]


@pytest.mark.parametrize(
    "text,found",
    [
        ("the 1 2\noslo 1\n", "line 2: expected 2 finite numbers"),
        ("the 1 2\noslo 1 x\n", "line 2: expected a word and numbers, found 'oslo 1 x'"),
        ("the 1 nan\n", "line 1"),
        ("", "has no vectors"),
        ("2 2\n", "has no vectors"),
    ],
)
def test_files_that_are_no_vectors(command, tmp_path, text, found):
    (tmp_path / "vectors.txt").write_text(text, encoding="utf8")
    result = command(tmp_path / "vectors.txt", tmp_path / "out")
    assert result.exit_code == 1 and found in " ".join(result.output.split())
    assert not (tmp_path / "out").exists()


def test_a_training_with_them(command, tmp_path):
    (tmp_path / "vectors.txt").write_text("\n".join(LINES), encoding="utf8")
    command(tmp_path / "vectors.txt", tmp_path / "out")
    nlp = spacy.load(tmp_path / "out")
    embed = {"@architectures": "spacy-mtl.MultiHashEmbed.v1", "width": 8, "attrs": ["NORM"], "rows": [50],
             "include_static_vectors": None}  # fmt: skip
    encode = {"@architectures": "spacy.MaxoutWindowEncoder.v2", "width": 8, "depth": 1, "window_size": 1,
              "maxout_pieces": 2}  # fmt: skip
    model = {"@architectures": "spacy.Tok2Vec.v2", "embed": embed, "encode": encode}
    encoder = nlp.add_pipe("mtl_tok2vec", config={"model": model})
    encoder.initialize(lambda: [spacy.training.Example(nlp.make_doc("the"), nlp.make_doc("the"))])
    lower, title, other = encoder.predict([nlp.make_doc(word) for word in ("oslo", "OSLO", "the")])
    assert numpy.abs(lower - title).max() < numpy.abs(lower - other).max()
