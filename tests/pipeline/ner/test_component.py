import pickle
import sys

import numpy
import pytest
import spacy
from spacy.lang.en import English
from spacy.tokens import Doc, Span
from spacy.tokens.underscore import Underscore
from spacy.training import Example
from spacy.util import fix_random_seed
from thinc.api import Config

from spacy_mtl.pipeline.ner.component import MultiTaskNER
from spacy_mtl.scorers.ner import make_ner_scorer

TRAIN = [
    ("Ida Holm lives in Tromsø .", [(0, 8, "PERSON"), (18, 24, "PLACE")]),
    ("Yesterday Omar left for Nova Gorica by train .", [(10, 14, "PERSON"), (24, 35, "PLACE")]),
    ("Nobody spoke .", []),
    ("Tromsø and Nova Gorica are far apart .", [(0, 6, "PLACE"), (11, 22, "PLACE")]),
    ("They asked Omar and Ida Holm twice .", [(11, 15, "PERSON"), (20, 28, "PERSON")]),
    ("The train was late .", []),
]
MODEL = """
[model]
@architectures = "spacy-mtl.CRFTagger.v1"

[model.tok2vec]
@architectures = "spacy.HashEmbedCNN.v2"
pretrained_vectors = null
width = 32
depth = 1
embed_size = 200
window_size = 1
maxout_pieces = 2
subword_features = true
"""
SHARED = """
[nlp]
lang = "en"
pipeline = ["tok2vec", "mtl_ner"]

[components]

[components.tok2vec]
factory = "tok2vec"

[components.tok2vec.model]
@architectures = "spacy.HashEmbedCNN.v2"
pretrained_vectors = null
width = 32
depth = 1
embed_size = 200
window_size = 1
maxout_pieces = 2
subword_features = true

[components.mtl_ner]
factory = "mtl_ner"

[components.mtl_ner.model]
@architectures = "spacy-mtl.CRFTagger.v1"

[components.mtl_ner.model.tok2vec]
@architectures = "spacy.Tok2VecListener.v1"
width = 32
"""


def make_nlp(scheme="biluo"):
    fix_random_seed(0)
    nlp = English()
    nlp.add_pipe("mtl_ner", config={"scheme": scheme, **Config().from_str(MODEL)})
    return nlp


def make_examples(nlp, data=TRAIN):
    return [Example.from_dict(nlp.make_doc(text), {"entities": entities}) for text, entities in data]


def train(nlp, examples, steps=40):
    optimizer = nlp.initialize(lambda: examples)
    optimizer.learn_rate = 0.01
    losses = {}
    for _ in range(steps):
        losses = {}
        nlp.update(examples, sgd=optimizer, losses=losses, drop=0.0)
    return losses


def read(doc):
    return [(ent.start_char, ent.end_char, ent.label_) for ent in doc.ents]


def discard(key, weights, gradient):
    """An optimizer that learns nothing and clears the gradients."""
    gradient.fill(0)
    return weights, gradient


def single_thread():
    if "torch" in sys.modules:
        sys.modules["torch"].set_num_threads(1)


@pytest.fixture(scope="module")
def trained():
    nlp = make_nlp()
    train(nlp, make_examples(nlp))
    return nlp


@pytest.fixture
def ner(trained):
    return trained.get_pipe("mtl_ner")


def test_add_pipe_with_defaults():
    nlp = spacy.blank("en")
    ner = nlp.add_pipe("mtl_ner")
    assert isinstance(ner, MultiTaskNER)
    assert ner.labels == () and ner.cfg["scheme"] == "biluo"
    assert nlp.get_pipe_meta("mtl_ner").assigns == ["doc.ents", "token.ent_iob", "token.ent_type"]
    assert nlp.config["training"]["score_weights"]["ents_f"] == 1.0
    ner.add_label("THING")
    assert ner.add_label("THING") == 0
    nlp.initialize(lambda: make_examples(nlp))
    assert ner.labels == ("THING", "PERSON", "PLACE")
    assert ner.model.get_dim("nO") == 13


def test_overfitting_and_io(tmp_path):
    nlp = make_nlp()
    losses = train(nlp, make_examples(nlp))
    assert losses["mtl_ner"] < 0.05
    gold = [sorted(entities) for _, entities in TRAIN]
    assert [read(nlp(text)) for text, _ in TRAIN] == gold
    scores = nlp.evaluate(make_examples(nlp))
    assert scores["ents_f"] == 1.0 and set(scores["ents_per_type"]) == {"PERSON", "PLACE"}
    nlp.to_disk(tmp_path)
    copies = [
        spacy.load(tmp_path),
        spacy.blank("en").from_config(nlp.config).from_bytes(nlp.to_bytes()),
        pickle.loads(pickle.dumps(nlp)),
    ]
    for copy in copies:
        assert copy.get_pipe("mtl_ner").labels == nlp.get_pipe("mtl_ner").labels
        for text, _ in TRAIN:
            mine, theirs = nlp(text), copy(text)
            assert read(theirs) == read(mine)
            assert [e._.confidence for e in theirs.ents] == [e._.confidence for e in mine.ents]
    scratch = make_nlp().get_pipe("mtl_ner").from_bytes(nlp.get_pipe("mtl_ner").to_bytes())
    assert scratch.labels == nlp.get_pipe("mtl_ner").labels


def test_bio_overfits():
    nlp = make_nlp("bio")
    train(nlp, make_examples(nlp))
    assert nlp.get_pipe("mtl_ner").model.get_dim("nO") == 5
    assert [read(nlp(text)) for text, _ in TRAIN] == [sorted(entities) for _, entities in TRAIN]


def test_two_processes(trained):
    single_thread()
    texts = [text for text, _ in TRAIN]
    docs = list(trained.pipe(texts, n_process=2, batch_size=2))
    expected = list(trained.pipe(texts))
    assert [read(doc) for doc in docs] == [read(doc) for doc in expected]
    for doc, other in zip(docs, expected):
        assert [e._.confidence for e in doc.ents] == pytest.approx([e._.confidence for e in other.ents], abs=1e-4)


def test_batch_equals_single(ner, trained):
    texts = ["Omar", "", *(text for text, _ in TRAIN), "\n", "Ida Holm and Omar left Tromsø for Nova Gorica . " * 5]
    together = ner.predict([trained.make_doc(text) for text in texts])
    for text, entities in zip(texts, together):
        (alone,) = ner.predict([trained.make_doc(text)])
        assert [e[:3] for e in alone] == [e[:3] for e in entities]
        assert [e.probability for e in alone] == pytest.approx([e.probability for e in entities], abs=1e-4)
    assert sum(map(len, together)) > 8


@pytest.mark.parametrize("text", ["", "Omar", " ", "\n\n", " \n "])
def test_texts_without_much(trained, text):
    doc = trained(text)
    assert doc.text == text
    assert [ent.text for ent in doc.ents] == (["Omar"] if text == "Omar" else [])
    assert all(token.ent_iob_ for token in doc)
    reference = doc.copy()
    loss = trained.update([Example(trained.make_doc(text), reference)], sgd=False)["mtl_ner"]
    trained.get_pipe("mtl_ner").finish_update(discard)
    assert 0 <= loss < 0.1
    assert (loss > 0) == (text == "Omar")


def test_confidence(trained):
    assert Span.get_extension("confidence") == (None, None, None, None)
    doc = trained("Ida Holm lives in Tromsø .")
    assert [ent.text for ent in doc.ents] == ["Ida Holm", "Tromsø"]
    assert all(0.9 < ent._.confidence <= 1.0 for ent in doc.ents)
    assert isinstance(doc.ents[0]._.confidence, float)
    assert doc[2:3]._.confidence is None


def test_confidence_of_the_user_stays(monkeypatch):
    monkeypatch.setattr(Underscore, "span_extensions", {"confidence": ("high", None, None, None)})
    nlp = make_nlp()
    assert Span.get_extension("confidence")[0] == "high"
    assert nlp.make_doc("so it is")[:1]._.confidence == "high"


@pytest.mark.parametrize("scheme", ["biluo", "bio"])
def test_whitespace(scheme):
    nlp = make_nlp(scheme)
    data = [
        ("Nova\n\nGorica is far", [(0, 12, "PLACE")]),
        ("they saw  Omar \n again", [(10, 14, "PERSON")]),
    ]
    examples = make_examples(nlp, data)
    # A gold entity with whitespace at its ends is read as the entity within.
    words = ["they", "met", "\n", "Ida", " ", "today"]
    reference = Doc(nlp.vocab, words=words, ents=["O", "O", "B-PERSON", "I-PERSON", "I-PERSON", "O"])
    examples.append(Example(Doc(nlp.vocab, words=words), reference))
    losses = train(nlp, examples)
    assert losses["mtl_ner"] < 0.05
    assert [read(nlp(text)) for text, _ in data] == [entities for _, entities in data]
    doc = nlp(Doc(nlp.vocab, words=words))
    assert [(ent.start, ent.end) for ent in doc.ents] == [(3, 4)]
    for text in ("\n\nNova\n\nGorica\n", "Omar \n\n\n Omar  "):
        for ent in nlp(text).ents:
            assert not ent[0].is_space and not ent[-1].is_space


def test_missing_tokens_teach_nothing_and_do_not_harm():
    nlp = make_nlp()
    examples = []
    for i, example in enumerate(make_examples(nlp) * 2):
        reference = example.reference.copy()
        half = len(reference) // 2
        # Cut between entities, once leaving the first half open and once the second.
        while any(ent.start < half < ent.end for ent in reference.ents):
            half += 1
        first, second = reference[:half], reference[half:]
        missing = first if i < len(TRAIN) else second
        kept = [ent for ent in reference.ents if not missing.start <= ent.start < missing.end]
        reference.set_ents(kept, missing=[missing], default="outside")
        examples.append(Example(example.predicted, reference))
    train(nlp, examples, steps=60)
    assert [read(nlp(text)) for text, _ in TRAIN] == [sorted(entities) for _, entities in TRAIN]


def gradients(nlp):
    return {
        (node.name, name): numpy.abs(node.get_grad(name)).sum()
        for pipe in ("tok2vec", "mtl_ner")
        if nlp.has_pipe(pipe)
        for node in nlp.get_pipe(pipe).model.walk()
        for name in node.param_names
        if node.has_grad(name)
    }


def test_unannotated_doc_gives_zero_gradient_and_reports_it():
    nlp = English.from_config(Config().from_str(SHARED))
    nlp.initialize(lambda: make_examples(nlp))
    open_examples = [Example.from_dict(nlp.make_doc(text), {}) for text, _ in TRAIN]
    losses = nlp.update(open_examples, sgd=False)
    assert losses["mtl_ner"] == 0.0
    found = gradients(nlp)
    assert any("embed" in key[0] for key in found), "the listener passed nothing on to the encoder"
    assert set(found.values()) == {0.0}
    half = make_examples(nlp)[:2]
    nlp.update(half, sgd=False)
    alone = gradients(nlp)
    nlp.get_pipe("tok2vec").finish_update(discard)
    nlp.get_pipe("mtl_ner").finish_update(discard)
    nlp.update([*half, *open_examples], sgd=False)
    assert gradients(nlp) == {key: pytest.approx(value, rel=1e-3, abs=1e-4) for key, value in alone.items()}
    assert max(alone.values()) > 0


def test_listens_to_stock_tok2vec():
    fix_random_seed(0)
    nlp = English.from_config(Config().from_str(SHARED))
    losses = train(nlp, make_examples(nlp))
    assert losses["mtl_ner"] < 0.1
    assert [read(nlp(text)) for text, _ in TRAIN] == [sorted(entities) for _, entities in TRAIN]


def test_label_unknown_to_the_component_is_left_open():
    nlp = make_nlp()
    nlp.initialize(lambda: make_examples(nlp))
    ner = nlp.get_pipe("mtl_ner")
    example = Example.from_dict(nlp.make_doc("Omar"), {"entities": [(0, 4, "ALIEN")]})
    scores, _ = ner.begin_update([example])
    loss, gradient = ner.get_loss([example], scores)
    assert loss == 0.0 and not gradient.emissions.any()


def test_tokens_that_do_not_align_are_left_open(ner, trained):
    predicted = Doc(trained.vocab, words=["Ida", "HolmTromsø", "rains"])
    reference = Doc(trained.vocab, words=["Ida", "Holm", "Tromsø", "rains"], spaces=[True, False, True, False])
    reference.set_ents([Span(reference, 0, 2, label="PERSON")])
    scores, _ = ner.begin_update([Example(predicted, reference)])
    _, gradient = ner.get_loss([Example(predicted, reference)], scores)
    assert numpy.isfinite(gradient.emissions).all()
    assert gradient.emissions[2].any()


def test_entities_of_earlier_components_stay(ner, trained):
    words = ["Ida", "Holm", "lives", "in", "Tromsø", "and", "Omar", "too"]
    doc = Doc(trained.vocab, words=words)
    doc.set_ents(
        [Span(doc, 1, 2, label="ALIEN", kb_id="Q1"), Span(doc, 5, 7, label="PLACE")],
        blocked=[doc[4:5]],
        default="missing",
    )
    (entities,) = ner.predict([doc])
    assert ("PLACE", 5, 7) in [e[:3] for e in entities]
    doc = ner(doc)
    assert [(e.start, e.end, e.label_) for e in doc.ents if e.start > 0] == [(1, 2, "ALIEN"), (5, 7, "PLACE")]
    assert [e.kb_id_ for e in doc.ents if e.label_ == "ALIEN"] == ["Q1"]
    assert (doc[4].ent_iob, doc[4].ent_type) == (3, 0)
    assert all(ent.start == 0 or ent._.confidence is None for ent in doc.ents)
    assert doc[7].ent_iob_ == "O"


def test_twenty_thousand_tokens(ner, trained):
    doc = Doc(trained.vocab, words=["Ida", "Holm", "met", "Omar", "in", "Tromsø", "."] * 2858)
    short = trained.make_doc(TRAIN[0][0])
    entities, few = ner.predict([doc, short])
    assert len(doc) > 20000 and len(entities) > 5000 and len(few) == 2
    ner.set_annotations([doc], [entities])
    assert len(doc.ents) == len(entities)
    example = Example(Doc(trained.vocab, words=[t.text for t in doc]), doc)
    scores, _ = ner.begin_update([example])
    loss, gradient = ner.get_loss([example], scores)
    assert numpy.isfinite(loss) and numpy.isfinite(gradient.emissions).all()


def test_not_initialized():
    nlp = make_nlp()
    with pytest.raises(ValueError, match="MTL-E206"):
        nlp("Omar left .")
    nlp.get_pipe("mtl_ner").add_label("PERSON")
    with pytest.raises(ValueError, match="MTL-E206"):
        nlp("Omar left .")


def test_initialize_needs_labels():
    nlp = make_nlp()
    with pytest.raises(ValueError, match="MTL-E204.*0 of 1 examples"):
        nlp.initialize()
    with pytest.raises(ValueError, match="MTL-E204.*2 of 2 examples"):
        nlp.initialize(lambda: make_examples(nlp, [TRAIN[2], TRAIN[5]]))
    with pytest.raises(ValueError, match="MTL-E204.*list of labels is empty"):
        nlp.get_pipe("mtl_ner").initialize(lambda: make_examples(nlp), labels=[])
    with pytest.raises(ValueError, match="MTL-E205"):
        nlp.get_pipe("mtl_ner").initialize(lambda: make_examples(nlp), labels=["PERSON", " "])
    with pytest.raises(ValueError, match="MTL-E208"):
        nlp.get_pipe("mtl_ner").initialize(lambda: make_examples(nlp, [("", [])]), labels=["PERSON"])


def test_initialize_with_labels_and_again():
    nlp = make_nlp()
    ner = nlp.get_pipe("mtl_ner")
    ner.initialize(lambda: make_examples(nlp), nlp=nlp, labels=("PLACE", "PERSON", "WORK"))
    assert ner.labels == ner.label_data == ("PLACE", "PERSON", "WORK")
    ner.initialize(lambda: make_examples(nlp), nlp=nlp, labels=ner.label_data)
    assert ner.model.get_dim("nO") == 13
    with pytest.raises(ValueError, match="MTL-E207"):
        ner.add_label("EVENT")


def test_scheme_and_label_errors():
    with pytest.raises(ValueError, match="MTL-E201"):
        spacy.blank("en").add_pipe("mtl_ner", config={"scheme": "iob"})
    for label in ("", "  ", 7):
        with pytest.raises(ValueError, match="MTL-E205"):
            make_nlp().get_pipe("mtl_ner").add_label(label)


def test_loss_that_is_not_a_number(ner, trained):
    example = make_examples(trained)[0]
    scores, _ = ner.begin_update([example])
    broken = scores._replace(emissions=scores.emissions * numpy.nan)
    assert numpy.isnan(ner.get_loss([example], broken)[0])
    assert numpy.isnan(ner.get_loss([Example.from_dict(trained.make_doc(TRAIN[0][0]), {})], broken)[0])


def test_scorer_leaves_out_unannotated_docs():
    nlp = English()
    scorer = make_ner_scorer()
    examples = make_examples(nlp)[:1]
    examples[0].predicted.set_ents([Span(examples[0].predicted, 0, 2, label="PERSON")])
    expected = scorer(examples)
    assert (expected["ents_p"], expected["ents_r"]) == (1.0, 0.5)
    unannotated = Example.from_dict(nlp.make_doc("Omar left ."), {})
    unannotated.predicted.set_ents([Span(unannotated.predicted, 0, 1, label="PERSON")])
    assert scorer([*examples, unannotated]) == expected
    assert scorer([unannotated])["ents_f"] is None
