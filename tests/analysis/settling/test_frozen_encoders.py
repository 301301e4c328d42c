"""Encoders that only read for the heads that are trained."""

from spacy.training import Example

from spacy_mtl.analysis.settling import frozen_encoders
from spacy_mtl.analysis.settling.frozen_encoders import FrozenEncoders
from spacy_mtl.analysis.settling.settling import settle

from ..joint_configs import NER, NER_AND_TOPIC, TAGGER, TEXTCAT, make_docs, make_head
from .trainings import read_models, start


def test_each_text_is_encoded_once_while_there_is_room(tmp_path, monkeypatch):
    nlp, _ = start(tmp_path)
    read = []
    encoder = nlp.get_pipe("tok2vec")
    predict = encoder.predict
    monkeypatch.setattr(encoder, "predict", lambda docs: read.extend(docs) or predict(docs))
    examples = [Example(nlp.make_doc(doc.text), doc) for doc in make_docs()]
    encoders = FrozenEncoders(nlp, ["ner"], [])
    assert encoders.annotates == []
    for _ in range(2):
        encoders.prepare(examples)
    assert [id(doc) for doc in read] == [id(example.predicted) for example in examples]
    assert all(example.predicted.tensor.shape == (len(example.predicted), 16) for example in examples)
    # 5 tokens of 16 numbers of 4 bytes are the first text, 4 the second
    monkeypatch.setattr(frozen_encoders, "MAX_BYTES", (5 + 4) * 16 * 4)
    encoders = FrozenEncoders(nlp, ["ner"], [])
    for _ in range(2):
        encoders.prepare(examples)
    assert len(read) == 6 + 6 + 4


def test_encoders_annotate_where_vectors_are_not_kept(tmp_path):
    nlp, _ = start(tmp_path, {**NER_AND_TOPIC, "tagger": make_head(TAGGER, "tagger")})
    assert FrozenEncoders(nlp, ["ner"], [], keep=False).annotates == ["tok2vec"]
    assert FrozenEncoders(nlp, ["ner"], ["tagger"]).annotates == ["tok2vec", "tagger"]
    heads = {"ner": make_head(NER, "ner", "first"), "topic": make_head(TEXTCAT, "topic", "second")}
    order = ["first", "ner", "second", "topic"]
    (tmp_path / "two").mkdir()
    nlp, config = start(tmp_path / "two", heads, encoders=("first", "second"), pipeline=order)
    assert FrozenEncoders(nlp, ["ner", "topic"], []).annotates == ["first", "second"]
    before = read_models(nlp)
    found = settle(nlp, config, steps=20, eval_every=10, learn_rate=0.02)
    assert all(head.after > head.before for head in found.heads)
    assert [read_models(nlp)[name] == before[name] for name in ("first", "second")] == [True, True]
