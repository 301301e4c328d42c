"""The pretrained encoder of a pipeline as a folder of transformers."""

import numpy
import pytest
import spacy
from spacy.tokens import Doc
from typer.testing import CliRunner

from spacy_mtl.cli.app import app
from spacy_mtl.pipeline.extraction.encoder import export_encoder

from ..toy_pipeline import build

torch = pytest.importorskip("torch")
pytest.importorskip("spacy_transformers")

from transformers import AutoModel, AutoTokenizer  # noqa: E402

from spacy_mtl.encoders.pretrained.model import get_transformer  # noqa: E402

from ...encoders.pretrained.tiny_transformer import encoder_config, get_shim, stock_config, write_bert, write_roberta  # noqa: E402

WORDS = ["Mira", "paints", "boats", "in", "Oslo", "zq", "."]


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A folder with a trained pipeline, and its transformer as it was before."""
    folder = tmp_path_factory.mktemp("trained")
    before = write_bert(folder / "bert")
    build(encoder_config(before), steps=3).to_disk(folder / "pipeline")
    return folder / "pipeline", before


def read_pieces(folder, doc):
    """The vectors of a Doc's wordpieces by transformers alone, and which characters each stands for."""
    tokenizer, model = AutoTokenizer.from_pretrained(folder), AutoModel.from_pretrained(folder)
    assert all(weights.dtype == torch.float32 for weights in model.parameters())
    inputs = tokenizer(doc[:].text, return_tensors="pt", return_offsets_mapping=True)
    places = inputs.pop("offset_mapping")[0].tolist()
    with torch.no_grad():
        return model.eval()(**inputs).last_hidden_state[0].numpy(), places


@pytest.mark.parametrize("write,config", [(write_roberta, encoder_config), (write_bert, stock_config)])
def test_transformers_give_what_the_pipeline_computes(write, config, tmp_path):
    build(config(write(tmp_path / "before")), steps=2).to_disk(tmp_path / "pipeline")
    nlp = spacy.load(tmp_path / "pipeline")
    doc = Doc(nlp.vocab, words=WORDS)
    expected = get_transformer(nlp.get_pipe("tok2vec").model).predict([doc]).model_output.last_hidden_state[0].numpy()
    assert export_encoder(nlp, tmp_path / "out") == "tok2vec"
    numpy.testing.assert_allclose(read_pieces(tmp_path / "out", doc)[0], expected, atol=1e-5)
    assert numpy.abs(read_pieces(tmp_path / "before", doc)[0] - expected).max() > 1e-3
    # nothing of the pipeline points at the folder
    nlp.to_bytes()


def test_a_token_has_the_mean_of_its_wordpieces(trained, tmp_path):
    nlp = spacy.load(trained[0])
    doc = Doc(nlp.vocab, words=WORDS)
    (expected,) = nlp.get_pipe("tok2vec").model.predict([doc])
    export_encoder(nlp, tmp_path / "out")
    pieces, places = read_pieces(tmp_path / "out", doc)
    of_tokens = [
        [i for i, (a, b) in enumerate(places) if token.idx <= a < b <= token.idx + len(token)] for token in doc
    ]
    assert max(map(len, of_tokens)) > 1
    numpy.testing.assert_allclose([pieces[rows].mean(axis=0) for rows in of_tokens], expected, atol=1e-5)


def test_what_was_exported_is_trained_on(trained, tmp_path):
    nlp = spacy.load(trained[0])
    export_encoder(nlp, tmp_path / "out")
    again = build(encoder_config(str(tmp_path / "out")), steps=0)
    doc = Doc(nlp.vocab, words=WORDS)
    (expected,), (found,) = (each.get_pipe("tok2vec").model.predict([doc]) for each in (nlp, again))
    numpy.testing.assert_allclose(found, expected, atol=1e-5)


def test_an_encoder_among_several(trained, tmp_path):
    nlp = spacy.load(trained[0])
    nlp.replace_listeners("tok2vec", "ner", ["model.tok2vec"])
    with pytest.raises(ValueError, match="MTL-E443.*tok2vec, ner"):
        export_encoder(nlp, tmp_path / "out")
    assert not (tmp_path / "out").exists()
    assert export_encoder(nlp, tmp_path / "out", "ner") == "ner"
    with pytest.raises(ValueError, match="MTL-E442.*no component 'srl'"):
        export_encoder(nlp, tmp_path / "other", "srl")


def test_pipelines_without_one(tmp_path):
    with pytest.raises(ValueError, match="MTL-E442.*nothing"):
        export_encoder(spacy.blank("en"), tmp_path / "out")
    nlp = spacy.blank("en")
    nlp.add_pipe("mtl_tok2vec", config={"model": encoder_config(write_bert(tmp_path / "bert"))})
    with pytest.raises(ValueError, match="MTL-E442.*initialized"):
        export_encoder(nlp, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_tokenizer_whose_vocabulary_was_elsewhere(trained, tmp_path):
    """Those of sentencepiece copy their vocabulary from the file that they were loaded from."""
    nlp = spacy.load(trained[0])
    shim = get_shim(nlp.get_pipe("tok2vec").model)
    shim._hfmodel.tokenizer.vocab_file = "gone/vocab.txt"
    shim._hfmodel.vocab_file_contents = b"[PAD]\n[UNK]"
    export_encoder(nlp, tmp_path / "out")
    assert (tmp_path / "out" / "tokenizer.json").exists()
    assert shim._hfmodel.tokenizer.vocab_file == "gone/vocab.txt"


def test_a_write_that_fails_leaves_nothing(trained, tmp_path, monkeypatch):
    def fail(self, folder):
        raise OSError("the disk is full")

    nlp = spacy.load(trained[0])
    monkeypatch.setattr(type(get_shim(nlp.get_pipe("tok2vec").model)._hfmodel.tokenizer), "save_pretrained", fail)
    with pytest.raises(OSError, match="the disk is full"):
        export_encoder(nlp, tmp_path / "out")
    assert list(tmp_path.iterdir()) == []


def test_the_command(trained, tmp_path):
    def run():
        return CliRunner().invoke(app, ["export-encoder", str(trained[0]), str(tmp_path / "out")])

    result = run()
    assert result.exit_code == 0, result.output
    assert "encoder of tok2vec" in result.output
    files = {path.name for path in (tmp_path / "out").iterdir()}
    assert {"config.json", "model.safetensors", "tokenizer.json", "vocab.txt"} <= files
    result = run()
    assert result.exit_code == 1 and "MTL-E604" in result.output
    assert {path.name for path in (tmp_path / "out").iterdir()} == files
