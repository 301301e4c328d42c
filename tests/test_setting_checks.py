"""Settings that cannot be are refused where they are given, by name, and never by the arrays they lead to."""

import pytest
import spacy
from spacy.tokens import Doc
from spacy.training import Example
from spacy.util import registry

from spacy_mtl.frames import set_frames
from spacy_mtl.types import FrameSpans

TOK2VEC = {
    "@architectures": "spacy.HashEmbedCNN.v2",
    "pretrained_vectors": None,
    "width": 8,
    "depth": 1,
    "embed_size": 50,
    "window_size": 1,
    "maxout_pieces": 2,
    "subword_features": False,
}
CONCAT = {"@architectures": "spacy-mtl.ConcatArguments.v1"}
EMBED = {"width": 8, "attrs": ["NORM", "SHAPE"], "rows": [10, 10], "include_static_vectors": False}
LAYERS = {
    "spacy-mtl.CRFTagger.v1": ({"tok2vec": TOK2VEC}, {"hidden_width": [-1], "hidden_pieces": [0, -2], "nO": [0, -1]}),
    "spacy-mtl.TextCat.v1": (
        {"tok2vec": TOK2VEC},
        {
            "hidden_width": [-1],
            "attention_width": [0, -1],
            "dropout": [-0.1, 1.0, 5.0, float("nan"), float("inf")],
            "nO": [0, -1],
        },
    ),
    "spacy-mtl.SRL.v1": ({"tok2vec": TOK2VEC, "arguments": CONCAT}, {"predicate_width": [0, -1]}),
    "spacy-mtl.ConcatArguments.v1": (
        {},
        {"hidden_width": [0], "max_distance": [-1], "between": [-1], "nO": [0], "nI": [-1]},
    ),
    "spacy-mtl.BiaffineArguments.v1": ({}, {"hidden_width": [0], "max_distance": [-1], "nO": [0], "nI": [-1]}),
    "spacy-mtl.MultiHashEmbed.v1": (
        EMBED,
        {"width": [0, -1], "attrs": [["NORM", "FOO"], [], ["NORM"]], "rows": [[10], [10, 0], [10, -4], []]},
    ),
}


@pytest.mark.parametrize(
    "layer,setting,value",
    [
        (layer, name, value)
        for layer, (_, wrong) in LAYERS.items()
        for name, values in wrong.items()
        for value in values
    ],
)
def test_layers(layer, setting, value):
    settings = {**LAYERS[layer][0], setting: value}
    shown = "rows" if (setting, value) == ("attrs", ["NORM"]) else setting
    with pytest.raises(ValueError, match=f"MTL-E409.*{layer}: {shown} = "):
        registry.resolve({"model": {"@architectures": layer, **settings}})


@pytest.mark.parametrize(
    "factory,settings",
    [
        ("mtl_textcat", {"threshold": 5.0}),
        ("mtl_textcat", {"threshold": -0.01}),
        ("mtl_srl", {"spans_key": ""}),
        ("mtl_srl", {"spans_key": "  "}),
    ],
)
def test_components(factory, settings):
    (setting,) = settings
    with pytest.raises(ValueError, match=f"MTL-E435.*'{factory}': {setting} = "):
        spacy.blank("en").add_pipe(factory, config=settings)


@pytest.mark.parametrize(
    "factory,model,code",
    [
        ("mtl_textcat", {"nO": 5}, "E436.*nO = 5.*need 2"),
        ("mtl_textcat", {"nO": 5, "linear_model": None}, "E436"),
        ("mtl_srl", {"arguments": {**CONCAT, "nO": 50}}, "E436.*concat_arguments"),
        ("mtl_srl", {"arguments": {**CONCAT, "nI": 5}}, "E409.*nI = 5"),
    ],
)
def test_sizes_that_labels_and_vectors_do_not_have(factory, model, code):
    nlp = spacy.blank("en")
    nlp.add_pipe(factory, config={"model": {"tok2vec": TOK2VEC, **model}})
    doc = Doc(nlp.vocab, words=["It", "rains"])
    doc.cats = {"wet": 1.0, "dry": 0.0}
    set_frames(doc, [FrameSpans(1, 2, "rain.01")])
    with pytest.raises(ValueError, match=f"MTL-{code}"):
        nlp.initialize(lambda: [Example(nlp.make_doc(doc.text), doc)])


def test_a_trained_component_takes_no_other_labels():
    nlp = spacy.blank("en")
    nlp.add_pipe("mtl_srl", config={"model": {"tok2vec": TOK2VEC}})
    nlp.add_pipe("mtl_dependency", config={"model": {"tok2vec": TOK2VEC}})
    tree = {"heads": [1, 1], "deps": ["expl", "ROOT"]}

    def initialize(names, sense, tag):
        doc = Doc(nlp.vocab, words=["It", "rains"], tags=["P", tag], **tree)
        set_frames(doc, [FrameSpans(1, 2, sense)])
        example = Example(nlp.make_doc(doc.text), doc)
        with nlp.select_pipes(enable=names):
            nlp.initialize(lambda: [example])

    initialize(nlp.pipe_names, "rain.01", "V")
    initialize(nlp.pipe_names, "rain.01", "V")
    with pytest.raises(ValueError, match="MTL-E436.*'senses'.*nlp.replace_pipe"):
        initialize(["mtl_srl"], "", "V")
    with pytest.raises(ValueError, match="MTL-E436.*nT = 2"):
        initialize(["mtl_dependency"], "rain.01", "P")
