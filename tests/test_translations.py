import json
import pickle
import subprocess
import sys

import catalogue
import pytest
import spacy
from hypothesis import given, settings
from hypothesis import strategies as st
from spacy.language import Language
from spacy.tokens import Doc, DocBin, Span
from spacy.training import Corpus, Example
from spacy.util import registry

from spacy_mtl.annotation import has_translation
from spacy_mtl.data.corpus import make_corpus
from spacy_mtl.data.inspection import Coverage, inspect_corpora
from spacy_mtl.data.layers.joining import Outcomes, join_corpora
from spacy_mtl.data.layers.silver import Silver, choose_layers
from spacy_mtl.data.masking import SPANS, mask
from spacy_mtl.data.texts import join_sentences, join_texts
from spacy_mtl.frames import join_docs, slice_doc
from spacy_mtl.pipeline.language.wire import pack, unpack
from spacy_mtl.retokenization import renew_spans
from spacy_mtl.translations import (
    TRANSLATIONS_KEY,
    Candidate,
    add_translations,
    get_candidates,
    get_translations,
    is_known_language,
    join_translations,
    register_translations,
    set_translations,
)

NLP = spacy.blank("en")
VOCAB = NLP.vocab
TEXTS = {"de": "Guten Tag, Welt.", "fr": "Bonjour 🌍 !"}
CANDIDATES = {"de": [("Guten Tag, Welt.", -0.5), ("Hallo Welt.", -1.25)]}


def make_doc(texts=TEXTS, words=("Hello", "world", "."), candidates=None):
    doc = Doc(VOCAB, words=list(words))
    if texts is not None:
        set_translations(doc, texts, candidates)
    return doc


def from_docbin(doc):
    return next(DocBin().from_bytes(DocBin(docs=[doc]).to_bytes()).get_docs(VOCAB))


def from_corpus(doc, folder):
    DocBin(docs=[doc]).to_disk(folder / "one.spacy")
    return next(make_corpus(folder / "one.spacy")(NLP)).reference


def from_stock_corpus(doc, folder):
    DocBin(docs=[doc]).to_disk(folder / "one.spacy")
    return next(Corpus(folder / "one.spacy")(NLP)).reference


WAYS = {
    "docbin": lambda doc, _: from_docbin(doc),
    "bytes": lambda doc, _: Doc(VOCAB).from_bytes(doc.to_bytes()),
    "copy": lambda doc, _: doc.copy(),
    "pickle": lambda doc, _: pickle.loads(pickle.dumps(doc)),
    "wire": lambda doc, _: next(unpack(pickle.loads(pickle.dumps(pack([doc]))), VOCAB)),
    "mask": lambda doc, _: mask(doc, [SPANS], span_groups=frozenset({TRANSLATIONS_KEY})),
    "slice": lambda doc, _: slice_doc(doc, 0, len(doc)),
    "corpus": from_corpus,
    "stock corpus": from_stock_corpus,
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("texts", [TEXTS, {}, None])
def test_translations_survive(way, texts, tmp_path):
    candidates = CANDIDATES if texts else None
    got = WAYS[way](make_doc(texts, candidates=candidates), tmp_path)
    assert get_translations(got) == texts
    if way != "slice":
        assert get_candidates(got) == ({"de": (*(Candidate(*c) for c in CANDIDATES["de"]),)} if texts else {})


def test_json_keeps_what_is_asked_for():
    register_translations()
    written = json.loads(json.dumps(make_doc().to_json(underscore=["translations"])))
    assert get_translations(Doc(VOCAB).from_json(written)) == TEXTS
    unannotated = json.loads(json.dumps(make_doc(None).to_json(underscore=["translations"])))
    assert get_translations(Doc(VOCAB).from_json(unannotated)) is None


def test_reading_by_extension():
    register_translations()
    assert make_doc({"de": "Ja."})._.translation == "Ja."
    assert make_doc()._.translation is None
    assert make_doc(None)._.translation is None
    assert make_doc()._.translations == TEXTS


@settings(max_examples=50, deadline=None)
@given(st.dictionaries(st.text(min_size=1, max_size=3), st.text(max_size=20), max_size=3))
def test_any_unicode_is_written_and_read(texts):
    surrogates = any("\ud800" <= c <= "\udfff" for pair in texts.items() for string in pair for c in string)
    doc = make_doc(None)
    if surrogates:
        with pytest.raises(ValueError, match="E016"):
            set_translations(doc, texts)
        assert get_translations(doc) is None
    else:
        set_translations(doc, texts)
        assert get_translations(from_docbin(doc)) == texts


@pytest.mark.parametrize("texts", ["Ja.", None, {"": "Ja."}, {3: "Ja."}, {"de": None}, {"de": 1}, {"de": "\ud83d"}])
def test_bad_translations_are_refused(texts):
    doc = make_doc()
    with pytest.raises(ValueError, match="E016"):
        set_translations(doc, texts)
    assert get_translations(doc) == TEXTS


@pytest.mark.parametrize("attrs", [{"texts": "Ja."}, {"texts": {"de": 1}}, {"texts": [1]}])
def test_groups_of_another_kind_are_refused(attrs):
    doc = make_doc()
    doc.spans[TRANSLATIONS_KEY].attrs.update(attrs)
    with pytest.raises(ValueError, match="E017"):
        get_translations(doc)


def test_bad_candidates_are_refused():
    doc = make_doc()
    doc.spans[TRANSLATIONS_KEY].attrs["candidates"] = {"de": ["Ja."]}
    with pytest.raises(ValueError, match="E017"):
        get_candidates(doc)


def test_other_languages_stay():
    doc = make_doc(candidates={**CANDIDATES, "fr": [("Bonjour.", -1.0)]})
    add_translations(doc, {"de": "Hallo."})
    assert get_translations(doc) == {**TEXTS, "de": "Hallo."}
    assert set(get_candidates(doc)) == {"fr"}


def test_absent_is_unknown():
    def example(texts, words=("Hello",)):
        return Example(Doc(VOCAB, words=words), make_doc(texts, words))

    assert has_translation(example({"de": "Hallo"})) and has_translation(example({"de": "Hallo"}), "de")
    assert not has_translation(example({"de": "Hallo"}), "fr")
    assert not has_translation(example({})) and not has_translation(example(None))
    assert not has_translation(example({"de": "Hallo"}, words=()))


def test_joined_docs_have_what_all_have():
    docs = [make_doc({"de": "Eins.", "fr": "Un."}), make_doc({"de": "Zwei."})]
    assert join_translations(docs) == {"de": "Eins. Zwei."}
    for join in (join_docs, join_sentences):
        joined = join(docs)
        assert get_translations(joined) == {"de": "Eins. Zwei."} and len(joined.spans[TRANSLATIONS_KEY]) == 0
    assert get_translations(join_docs([docs[0], make_doc(None)])) is None


def test_texts_are_joined_within_a_language():
    docs = [make_doc({"de": "Eins."}), make_doc({"de": "Zwei."}), make_doc({"fr": "Trois."}), make_doc(None)]
    assert [get_translations(doc) for doc in join_texts(docs, 4)] == [{"de": "Eins. Zwei."}, {"fr": "Trois."}, None]


def test_a_part_of_a_text_has_no_translation():
    assert get_translations(slice_doc(make_doc(), 0, 2)) is None


def test_retokenization_keeps_them():
    doc = make_doc(candidates=CANDIDATES)
    doc.spans["sc"] = [Span(doc, 1, 2, label="X")]
    with doc.retokenize() as retokenizer:
        retokenizer.merge(doc[0:2])
    assert get_translations(renew_spans(doc)) == TEXTS
    assert len(get_candidates(doc)["de"]) == 2


def test_augmented_texts_keep_them(tmp_path):
    DocBin(docs=[make_doc()]).to_disk(tmp_path / "one.spacy")
    augmenter = spacy.registry.augmenters.get("spacy.lower_case.v1")(level=1.0)
    (example,) = make_corpus(tmp_path / "one.spacy", augmenter=augmenter)(NLP)
    assert example.reference.text == "hello world . " and get_translations(example.reference) == TEXTS


def test_layers_are_joined_by_language():
    first, other = make_doc({"de": "Hallo."}), make_doc({"de": "Guten Tag.", "fr": "Bonjour."})
    (joined,) = join_corpora([first], {"other": [other]}, Outcomes(), layers=["translations"])
    assert get_translations(joined) == {"de": "Hallo.", "fr": "Bonjour."}


@pytest.mark.parametrize("overwrite, kept", [(False, "Hallo."), (True, "Guten Tag.")])
def test_silver_translations(overwrite, kept):
    silver = Silver(choose_layers(["translations"]), overwrite=overwrite)
    copies = [make_doc({"de": "Guten Tag."}, candidates=CANDIDATES), make_doc({"de": "Guten Tag."})]
    annotated = list(silver.annotate(zip(copies, [make_doc({"de": "Hallo.", "fr": "Salut."}), make_doc(None)])))
    assert [get_translations(doc) for doc in annotated] == [{"de": kept, "fr": "Salut."}, {"de": "Guten Tag."}]


def test_inspection_counts_them_by_language(tmp_path):
    broken = make_doc({"de": "Ja."})
    broken.spans[TRANSLATIONS_KEY].attrs["texts"] = 1
    docs = [make_doc(), make_doc({"de": "Hallo."}), make_doc(None), broken]
    DocBin(docs=docs).to_disk(tmp_path / "one.spacy")
    (report,) = inspect_corpora({"one": tmp_path / "one.spacy"}).sources
    assert report.tasks["translation 'de'"] == Coverage(2, 0, 2)
    assert report.tasks["translation 'fr'"] == Coverage(1, 0, 3)
    assert not any("spans" in task for task in report.tasks)


@pytest.mark.parametrize(
    "code, is_known", [("de", True), ("De", True), ("pt-BR", True), ("scc", True), ("zz", False), ("a", False)]
)
def test_languages_that_spacy_knows(code, is_known):
    assert is_known_language(code) == is_known


def test_a_language_is_not_loaded_to_know_that_it_is_there():
    program = (
        "import sys; from spacy_mtl.translations import is_known_language; "
        "assert is_known_language('fr') and is_known_language('fra') and 'spacy.lang.fr' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", program], check=True)


def test_a_language_of_ones_own(monkeypatch):
    assert not is_known_language("qaa")
    monkeypatch.setitem(catalogue.REGISTRY, (*registry.languages.namespace, "qaa"), Language)
    assert is_known_language("qaa")
