"""Components that are trained and not saved."""

from io import StringIO

import pytest
import spacy
from spacy.training.initialize import init_nlp
from spacy.training.loop import train as train_loop
from thinc.api import Config

from spacy_mtl.data.writing import write_docs
from spacy_mtl.pipeline.extraction.scaffold import WithoutScaffold

from ..toy_pipeline import CNN, FACTORIES, HEADS, build, head_config, make_docs, predictions

SCAFFOLD = (*HEADS, "tagger")


def block(*names):
    return {"@callbacks": "spacy-mtl.without_scaffold.v1", "components": list(names)}


@pytest.fixture(scope="module")
def trained():
    nlp = build(heads=SCAFFOLD, steps=10)
    return nlp, predictions(nlp)


@pytest.fixture
def untrained():
    nlp = spacy.blank("en")
    nlp.add_pipe("mtl_tok2vec", name="tok2vec", config={"model": CNN})
    for name in SCAFFOLD:
        nlp.add_pipe(FACTORIES[name], name=name, config=head_config(name))
    return nlp


def test_what_is_saved_predicts_the_same_to_the_last_bit(trained, tmp_path):
    nlp, expected = trained
    config = nlp.config.to_str()
    WithoutScaffold(["tagger"])(nlp).to_disk(tmp_path / "pipeline")
    saved = spacy.load(tmp_path / "pipeline")
    assert saved.pipe_names == ["tok2vec", *HEADS]
    found = predictions(saved)
    assert {name: found[name] for name in HEADS} == {name: expected[name] for name in HEADS}
    assert (nlp.config.to_str(), predictions(nlp)) == (config, expected)


def test_disabled_components_stay_disabled():
    nlp = build(heads=SCAFFOLD, steps=0)
    nlp.disable_pipe("ner")
    saved = WithoutScaffold(["tagger"])(nlp)
    assert saved.disabled == ["ner"] and saved.component_names == ["tok2vec", *HEADS]


def test_spacy_train(untrained, tmp_path):
    write_docs(make_docs(spacy.blank("en")), tmp_path / "corpus.spacy")
    reader = {"@readers": "spacy-mtl.Corpus.v1", "path": str(tmp_path / "corpus.spacy")}
    config = Config(untrained.config.copy())
    config["corpora"] = {"train": reader, "dev": reader}
    config["training"].update(max_steps=4, eval_frequency=2, before_to_disk=block("tagger"))
    config["training"]["score_weights"].update(tag_acc=0.0, ents_f=1.0)
    config["training"]["logger"] = {"@loggers": "spacy-mtl.ConsoleLogger.v1"}
    nlp = init_nlp(config)
    out = StringIO()
    (tmp_path / "out").mkdir()
    train_loop(nlp, tmp_path / "out", stdout=out)
    assert "tagger" in out.getvalue()
    for name in ("model-best", "model-last"):
        saved = spacy.load(tmp_path / "out" / name)
        assert saved.pipe_names == ["tok2vec", *HEADS]
        assert saved.config["training"]["before_to_disk"] is None
        assert "tag_acc" not in saved.config["training"]["score_weights"]
        assert "tag_acc" not in saved.meta["performance"] and "ents_f" in saved.meta["performance"]
    assert predictions(saved)["ner"] == predictions(nlp)["ner"]


@pytest.mark.parametrize(
    "names,code",
    [(["parser"], "E733.*'parser'"), (["tok2vec"], "E733.*'tok2vec'"), (list(SCAFFOLD), "E734")],
)
def test_names_that_do_not_fit_are_refused_before_training(untrained, names, code):
    untrained.config["training"]["before_to_disk"] = block(*names)
    with pytest.raises(ValueError, match=code):
        untrained.initialize(lambda: pytest.fail("nothing is read"))


def test_a_scaffold_that_another_component_needs(untrained):
    untrained.add_pipe("sentencizer", first=True)
    untrained.config["training"]["before_to_disk"] = block("sentencizer")
    with pytest.raises(ValueError, match="E735.*'sentencizer'.*srl"):
        untrained.initialize(lambda: pytest.fail("nothing is read"))


def test_a_scaffold_whose_score_has_a_weight(untrained):
    untrained.config["training"]["before_to_disk"] = block("tagger")
    untrained.config["training"]["score_weights"] = {"tag_acc": 0.5, "ents_f": 0.5}
    with pytest.raises(ValueError, match="E736.*'tag_acc'.*'tagger'"):
        untrained.initialize(lambda: pytest.fail("nothing is read"))
