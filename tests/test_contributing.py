"""The examples for contributors are run as they stand."""

import re
from pathlib import Path

import numpy
import pytest
import spacy
from spacy.training import Example
from thinc.api import fix_random_seed

from spacy_mtl.data.formats import converting, formats

TEXT = (Path(__file__).parents[1] / "CONTRIBUTING.md").read_text(encoding="utf8")


def run(section):
    names = {}
    exec(re.search(rf"## {section}\n.*?```python\n(.*?)```", TEXT, re.DOTALL).group(1), names)
    return names


def test_a_balancer():
    run("A balancer")
    balancer = spacy.registry.resolve({"x": {"@misc": "my.MedianOfTasks.v1"}})["x"]
    rows = {"a": [[1.0, -2.0]], "b": [[3.0, 5.0]], "c": [[8.0, 4.0]]}
    found = balancer({name: numpy.asarray(row, dtype="float32") for name, row in rows.items()})
    assert found.tolist() == [[9.0, 12.0]]


@pytest.fixture
def polarity():
    run("An encoder")
    run("A head")
    fix_random_seed(0)
    nlp = spacy.blank("en")
    embed = {"@architectures": "spacy.MultiHashEmbed.v2", "width": 8, "attrs": ["NORM"], "rows": [50]}
    embed["include_static_vectors"] = False
    encode = {"@architectures": "my.WideWindowEncoder.v1", "width": 8, "depth": 1}
    nlp.add_pipe(
        "mtl_tok2vec", config={"model": {"@architectures": "spacy.Tok2Vec.v2", "embed": embed, "encode": encode}}
    )
    nlp.add_pipe("polarity")
    nlp.add_pipe("mtl_ner")
    return nlp


def test_an_encoder_and_a_head_that_listens_to_it(polarity):
    nlp = polarity
    assert nlp.get_pipe("mtl_tok2vec").listening_components == ["polarity", "mtl_ner"]
    texts = {"what a fine day": 1.0, "what a foul day": 0.0, "nobody says": None}
    examples = []
    for text, value in texts.items():
        gold = {"entities": []} if value is None else {"cats": {"polarity": value}}
        examples.append(Example.from_dict(nlp.make_doc(text), gold))
    entity = {"entities": [(0, 3, "PER")]}
    examples.append(Example.from_dict(nlp.make_doc("Ana says"), entity))
    optimizer = nlp.initialize(lambda: examples)
    optimizer.learn_rate = 0.02
    for _ in range(60):
        nlp.update(examples, sgd=optimizer)
    fine, foul = (nlp(text).cats["polarity"] for text in list(texts)[:2])
    assert fine > 0.9 and foul < 0.1
    assert nlp.evaluate(examples)["polarity_error"] < 0.01


def test_a_format(tmp_path, monkeypatch):
    known = formats.FORMATS.copy()
    for module in (formats, converting):
        monkeypatch.setattr(module, "FORMATS", known)
    names = run("A format")
    (tmp_path / "a.slashed").write_text("Ana/PER lives in Oslo/LOC\n", encoding="utf8")
    (doc,) = converting.read_docs([tmp_path / "a.slashed"], "slashed", spacy.blank("en"))
    assert [(entity.text, entity.label_) for entity in doc.ents] == [("Ana", "PER"), ("Oslo", "LOC")]
    (tmp_path / "a.slashed").write_text("/PER\n", encoding="utf8")
    with pytest.raises(ValueError, match="a.slashed, line 1"):
        list(names["read_slashed_docs"](tmp_path / "a.slashed", spacy.blank("en")))
