"""Which components are needed by others."""

import pytest
import spacy
from spacy.language import Language

from spacy_mtl.pipeline.extraction.dependencies import find_dependencies

from ..toy_pipeline import CNN, build, head_config


@pytest.fixture(scope="module")
def untrained():
    return build(steps=0, first=("sentencizer",))


@Language.component("undeclared_component")
def do_nothing(doc):
    return doc


@Language.component("declared_component", assigns=["token.is_sent_start"])
def set_no_sentence(doc):
    return doc


def add_tasks(nlp, *names, upstream="tok2vec"):
    for name in names:
        factory = {"srl": "mtl_srl", "ner": "mtl_ner", "sentiment": "mtl_textcat", "tagger": "tagger"}[name]
        nlp.add_pipe(factory, name=name, config=head_config(name, upstream))


def make_pipeline(*steps):
    """A pipeline of factories, or of functions that add what is more than a factory."""
    nlp = spacy.blank("en")
    for step in steps:
        if isinstance(step, str):
            nlp.add_pipe(step)
        else:
            step(nlp)
    return nlp


def encoder(name="tok2vec", attrs=("NORM",)):
    embed = {**CNN["embed"], "attrs": list(attrs), "rows": [50] * len(attrs)}
    return lambda nlp: nlp.add_pipe("mtl_tok2vec", name=name, config={"model": {**CNN, "embed": embed}})


def tasks(*names, upstream="tok2vec"):
    return lambda nlp: add_tasks(nlp, *names, upstream=upstream)


def ruler(factory, **settings):
    def add(nlp):
        patterns = [{"label": "PER", "pattern": [{"TAG": "N"}]}]
        nlp.add_pipe(factory, config=settings).add_patterns(patterns)

    return add


def attribute_ruler(nlp):
    nlp.add_pipe("attribute_ruler").add([[{"TAG": "N"}]], {"POS": "NOUN"})


def roles_of_given_predicates(nlp):
    nlp.add_pipe("mtl_srl", name="srl", config={**head_config("srl"), "predicates": "doc"})


DEPENDENCIES = [
    # sentences: only from before, not for categories and entities
    (["sentencizer", encoder(), tasks("sentiment", "ner", "srl")], "srl", "sentencizer tok2vec srl"),
    (["sentencizer", encoder(), tasks("sentiment", "ner", "srl")], "sentiment", "tok2vec sentiment"),
    (["sentencizer", encoder(), tasks("sentiment", "ner", "srl")], "ner", "sentencizer tok2vec ner"),
    ([encoder(), tasks("srl"), "sentencizer"], "srl", "tok2vec srl"),
    ([encoder(), "parser", tasks("srl")], "srl", "tok2vec parser srl"),
    (["declared_component", encoder(), tasks("srl")], "srl", "declared_component tok2vec srl"),
    # what is needed needs other things in turn: spaCy's own ner asks for sentences, and so does a parser
    (["senter", "sentencizer", "ner"], "ner", "senter sentencizer ner"),
    # a component that declares nothing may do anything
    ([tasks("tagger"), "undeclared_component", encoder(), tasks("ner")], "ner",
     "tagger undeclared_component tok2vec ner"),
    ([encoder(), tasks("ner"), "undeclared_component"], "ner", "tok2vec ner"),
    # entities are built upon
    (["entity_ruler", encoder(), tasks("sentiment", "ner")], "ner", "entity_ruler tok2vec ner"),
    (["entity_ruler", encoder(), tasks("sentiment", "ner")], "sentiment", "tok2vec sentiment"),
    ([encoder(), tasks("tagger"), ruler("entity_ruler"), tasks("ner")], "ner", "tok2vec tagger entity_ruler ner"),
    ([encoder(), tasks("ner"), ruler("span_ruler", annotate_ents=True)], "span_ruler", "tok2vec ner span_ruler"),
    # tokens that are merged
    ([encoder(), tasks("ner"), "merge_entities", tasks("sentiment")], "sentiment",
     "tok2vec ner merge_entities sentiment"),
    # span groups: those of the same name, if they are read
    ([encoder(), ruler("span_ruler", spans_key="srl"), roles_of_given_predicates], "srl", "tok2vec span_ruler srl"),
    ([encoder(), ruler("span_ruler", spans_key="sc"), roles_of_given_predicates], "srl", "tok2vec srl"),
    ([encoder(), ruler("span_ruler", spans_key="srl"), tasks("srl")], "srl", "tok2vec srl"),
    (["span_finder", "spancat"], "spancat", "span_finder spancat"),
    # lemmas help to tell rolesets; rules for lemmas ask for the part of speech
    ([encoder(), tasks("tagger"), attribute_ruler, "lemmatizer", tasks("srl", "ner")], "srl",
     "tok2vec tagger attribute_ruler lemmatizer srl"),
    ([encoder(), tasks("tagger"), attribute_ruler, "lemmatizer", tasks("srl", "ner")], "ner", "tok2vec ner"),
    ([encoder(), tasks("tagger"), "trainable_lemmatizer", tasks("srl")], "srl", "tok2vec trainable_lemmatizer srl"),
    # features of an encoder
    (["tagger", encoder(attrs=("NORM", "TAG")), tasks("ner")], "ner", "tagger tok2vec ner"),
    (["sentencizer", encoder(attrs=("NORM", "SENT_START")), tasks("ner")], "ner", "sentencizer tok2vec ner"),
    # several encoders
    ([encoder("a"), encoder("b"), tasks("ner", upstream="*")], "ner", "b ner"),
    ([encoder("a"), tasks("ner", upstream="*"), encoder("b"), tasks("srl", upstream="*")], "ner", "a ner"),
    ([encoder("a"), tasks("ner", upstream="a"), encoder("b"), tasks("srl", upstream="b")], "srl", "b srl"),
    # who listens to the first reads in prediction what the second has written
    ([encoder("a"), encoder("b"), tasks("ner", upstream="a")], "ner", "a b ner"),
    (["tok2vec", tasks("ner")], "ner", "tok2vec ner"),
    ([tasks("ner")], "ner", "ner"),
]  # fmt: skip


@pytest.mark.parametrize("steps,task,expected", DEPENDENCIES)
def test_what_is_needed(steps, task, expected):
    nlp = make_pipeline(*steps)
    assert list(find_dependencies(nlp, [task])) == expected.split()


@pytest.mark.parametrize(
    "upstream,expected", [("a", ["a", "ner"]), ("b", ["b", "ner"]), ("*", ["b", "ner"]), ("c", ["ner"])]
)
def test_only_the_encoder_that_is_listened_to(upstream, expected):
    nlp = make_pipeline(encoder("a"), "entity_ruler", encoder("b"), tasks("ner", upstream=upstream))
    assert list(find_dependencies(nlp, ["ner"], only=True)) == expected


@pytest.mark.parametrize("upstream,expected", [("*", ["a", "ner"]), ("b", ["b", "ner"])])
def test_a_disabled_encoder_is_kept_if_it_is_listened_to_by_name(upstream, expected):
    nlp = make_pipeline(encoder("a"), encoder("b"), tasks("ner", upstream=upstream))
    nlp.disable_pipe("b")
    assert list(find_dependencies(nlp, ["ner"], only=True)) == expected


def test_who_needs_it(untrained):
    assert find_dependencies(untrained, ["sentiment", "srl"]) == {
        "sentencizer": ["srl"],
        "tok2vec": ["sentiment", "srl"],
        "sentiment": [],
        "srl": [],
    }
