"""`spacy train` with the shared encoder."""

import pytest
import spacy
from spacy.cli.train import train as spacy_train
from spacy.tokens import DocBin

from spacy_mtl.pipeline.tok2vec.component import MultiTaskTok2Vec

from ..shared_encoder import ENCODER, build, make_examples, parameters


@pytest.mark.parametrize(
    "frozen, annotating, accumulate",
    [([], [], 1), ([], [], 2), (["ner"], [], 2), ([ENCODER], [ENCODER], 1), ([], [ENCODER, "ner"], 2)],
)
def test_spacy_train(tmp_path, frozen, annotating, accumulate):
    heads = ("tagger", "textcat_multilabel", "ner")
    source = build(heads=heads)
    source.to_disk(tmp_path / "source")
    DocBin(docs=[example.reference for example in make_examples(source) * 4]).to_disk(tmp_path / "train.spacy")
    config = source.config.copy()
    for name in frozen:
        config["components"][name] = {"source": str(tmp_path / "source")}
    config["paths"].update(train=str(tmp_path / "train.spacy"), dev=str(tmp_path / "train.spacy"))
    config["training"].update(
        max_steps=6,
        eval_frequency=3,
        accumulate_gradient=accumulate,
        frozen_components=frozen,
        annotating_components=annotating,
    )
    config["training"]["batcher"] = {"@batchers": "spacy.batch_by_sequence.v1", "size": 4}
    config["training"]["optimizer"]["use_averages"] = True
    config.to_disk(tmp_path / "config.cfg")
    spacy_train(tmp_path / "config.cfg", tmp_path / "output")
    nlp = spacy.load(tmp_path / "output" / "model-last")
    assert isinstance(nlp.get_pipe(ENCODER), MultiTaskTok2Vec)
    for name in (ENCODER, *heads):
        same = (parameters(nlp, name) == parameters(source, name)).all()
        assert same == (name in frozen), name
    doc = nlp("Mira paints boats in Oslo .")
    assert doc.tensor.any()
