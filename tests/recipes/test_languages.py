import warnings

import pytest
import spacy
from spacy.tokens import Doc
from thinc.api import Config

from spacy_mtl.data.writing import write_docs
from spacy_mtl.recipes.choices import choose
from spacy_mtl.recipes.languages import parse_languages, read_languages
from spacy_mtl.recipes.sources import Source
from spacy_mtl.recipes.tasks import parse_tasks
from spacy_mtl.recipes.writing import write_config
from spacy_mtl.translations import set_translations


@pytest.fixture
def corpora(tmp_path):
    """By name, a corpus with a translation of one text into each of these languages."""
    languages = {
        "both": ["de", "fr"],
        "german": ["de"],
        "french": ["fr"],
        "austrian": ["de-AT"],
        "own": ["xyz"],
        "none": [],
    }
    for name, own in languages.items():
        doc = Doc(spacy.blank("en").vocab, words=["Good", "day"])
        doc.cats = {"polite": 1.0}
        if own:
            set_translations(doc, dict.fromkeys(own, "..."))
        write_docs([doc], tmp_path / f"{name}.spacy")
    return {name: str(tmp_path / f"{name}.spacy") for name in languages}


def make(corpora, tasks, *sources, **settings):
    """The sources are named as their corpora, with tasks behind a colon."""
    named = [source.partition(":") for source in sources]
    made = [Source(name, tuple(filter(None, own.split(","))), corpora.get(name)) for name, _, own in named]
    return choose(parse_tasks(tasks), made, **settings)


def test_languages_are_read():
    assert parse_languages("german=de, brazilian=pt-BR") == {"german": "de", "brazilian": "pt-BR"}
    assert parse_languages("") == {}


def test_languages_of_settings_go_before_the_option():
    settings = {"components.german.lang": "nl", "components.german.beam": 3, "training.lang": "pt", "paths.train": "x"}
    assert read_languages("german=de,french=fr", settings) == {"german": "nl", "french": "fr"}
    assert read_languages("", {"components.german.lang": None}) == {}
    with pytest.raises(ValueError, match="MTL-E1008"):
        read_languages("german", settings)


@pytest.mark.parametrize("text", ["german", "german=", "=de", "a=de,a=fr", "german:de"])
def test_languages_that_cannot_be_read(text):
    with pytest.raises(ValueError, match="MTL-E1008"):
        parse_languages(text)


@pytest.mark.parametrize(
    "tasks,sources,given,expected",
    [
        # said
        ("translate:a,translate:b", [], "a=fr,b=de", {"a": "fr", "b": "de"}),
        ("translate:de", [], "de=nl", {"de": "nl"}),
        # the name
        ("translate:de,translate:fr", [], "", {"de": "de", "fr": "fr"}),
        ("translate:translate_de,translate:pt-BR", [], "", {"translate_de": "de", "pt-BR": "pt-BR"}),
        ("translate:de,translate:b", [], "b=fr", {"de": "de", "b": "fr"}),
        # the corpora
        ("translate", ["german"], "", {"translate": "de"}),
        ("translate:tr", ["german"], "", {"tr": "de"}),
        ("translate:a,translate:b", ["german:a", "french:b"], "", {"a": "de", "b": "fr"}),
        ("translate:fr,translate:de", ["both"], "", {"fr": "fr", "de": "de"}),
        ("translate:a,translate:b", ["both"], "b=de", {"a": "fr", "b": "de"}),
        ("translate:fr,translate:other", ["both"], "", {"fr": "fr", "other": "de"}),
        # nobody knows, nor has to
        ("translate", [], "", {"translate": None}),
        ("translate,ner", ["later"], "", {"translate": None}),
        ("translate:mt", [], "", {"mt": None}),
    ],
)
def test_each_translator_has_its_language(corpora, tasks, sources, given, expected):
    found = make(corpora, tasks, *sources, languages=parse_languages(given)).tasks
    assert {task.name: task.lang for task in found if task.kind == "translate"} == expected


@pytest.mark.parametrize("sources", [[], ["later"]])
def test_a_language_that_nothing_is_known_of_is_told(corpora, sources):
    with pytest.warns(UserWarning, match="MTL-W1004.*'xyz'.*'german'.*E1001.*--source"):
        (task,) = make(corpora, "translate:german", *sources, languages={"german": "xyz"}).tasks
    assert task.lang == "xyz"
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        make(corpora, "translate:german", *sources, languages={"german": "pt-BR"})
        make(corpora, "translate:german", "own", languages={"german": "xyz"})


@pytest.mark.parametrize(
    "tasks,sources,given,code",
    [
        ("translate:a,ner", [], "ner=de", "E1008.*'ner=de'"),
        ("ner", [], "translate=de", "E1008.*none"),
        ("translate", [], "translate=german", "E1009.*'german'"),
        ("translate", ["both"], "translate=nl", "E1009.*'nl'.*de, fr"),
        ("translate:a,translate:b", ["german:a", "french:b"], "b=de", "E1009.*'de'.*fr"),
        ("translate:a", ["none:a"], "a=de", "E1009.*none"),
        ("translate:a,translate:b", [], "a=de,b=de", "E1010.*a, b.*'de'"),
        ("translate:de,translate:b", [], "b=de", "E1010"),
        ("translate:a,translate:b", ["german:a,b"], "", "E1010"),
        ("translate:german,translate:french", [], "", "E1011.*german=.*french="),
        ("translate:german,translate:french", ["both"], "", "E1011.*'german'.*de, fr"),
        ("translate:german,translate:french", ["later"], "german=de", "E1011.*'french'"),
        ("translate", ["both"], "", "E1011.*de, fr"),
    ],
)
def test_languages_that_do_not_fit(corpora, tasks, sources, given, code):
    with pytest.raises(ValueError, match=f"MTL-{code}"):
        make(corpora, tasks, *sources, languages=parse_languages(given))


def test_corpora_in_which_nobody_names_tasks_have_a_translator_for_each_language(corpora):
    assert [(task.name, task.lang) for task in make(corpora, "", "german").tasks if task.kind == "translate"] == [
        ("translate", "de")
    ]
    found = make(corpora, "", "french", "both", "austrian")
    translators = [(task.name, task.lang) for task in found.tasks if task.kind == "translate"]
    assert translators == [("translate_fr", "fr"), ("translate_de", "de"), ("translate_de-AT", "de-AT")]
    assert [source.tasks for source in found.sources] == [
        ("textcat", "translate_fr"),
        ("textcat", "translate_fr", "translate_de"),
        ("textcat", "translate_de-AT"),
    ]


def test_a_source_teaches_the_languages_that_it_has(corpora):
    found = make(corpora, "translate:de,translate:fr", "german", "both")
    assert [source.tasks for source in found.sources] == [("de",), ("de", "fr")]
    # names that a source gives its tasks are read as well
    found = make(corpora, "", "german:translate_de", "french:fr")
    assert [(task.name, task.kind, task.lang) for task in found.tasks] == [
        ("translate_de", "translate", "de"),
        ("fr", "translate", "fr"),
    ]
    with pytest.raises(ValueError, match="MTL-E768"):
        make(corpora, "translate:de", "german", "french")


def test_the_config_has_the_languages():
    choices = choose(parse_tasks("translate:de,translate:b,ner"), (), languages={"b": "fr"})
    components = Config().from_str(write_config(choices))["components"]
    assert (components["de"]["lang"], components["b"]["lang"]) == ("de", "fr")
