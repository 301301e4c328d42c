import random

import pytest
import spacy
from spacy.tokens import Doc, Span
from spacy.training import Example

from spacy_mtl.data.corpus import make_corpus
from spacy_mtl.data.sources import make_source
from spacy_mtl.data.texts import join_sentences, join_texts
from spacy_mtl.data.writing import write_docs
from spacy_mtl.frames import read_frame_spans, set_frames
from spacy_mtl.types import FrameSpans, RoleSpan

NLP = spacy.blank("en")
FRAME = FrameSpans(1, 2, "see.01", (RoleSpan("ARG0", 0, 1), RoleSpan("ARG1", 2, 3)))


def sentence(words="Ana saw it", *, document=None, cats=None, frames=(FRAME,), ents=("B-PER", "O", "O"), starts=None):
    words = words.split()
    spaces = [True] * (len(words) - 1) + [False]
    doc = Doc(NLP.vocab, words=words, spaces=spaces, ents=ents and list(ents), sent_starts=starts)
    doc.cats = dict(cats or {})
    if frames is not None:
        set_frames(doc, frames)
    if document is not None:
        doc.user_data.update({"doc_id": document, "sent_id": f"{document}-{id(doc)}"})
    return doc


def sizes(docs, size, **settings):
    return [len(list(doc.sents)) for doc in join_texts(docs, size, **settings)]


def test_a_text_has_all_annotation_and_borders():
    text = join_sentences(
        [sentence(document="a", cats={"x": 1.0}), sentence("Tom left us", document="a", cats={"x": 1.0})]
    )
    assert text.text == "Ana saw it Tom left us"
    assert [found.text for found in text.sents] == ["Ana saw it", "Tom left us"]
    assert [token.is_sent_start for token in text] == [True, False, False, True, False, False]
    assert [(entity.text, entity.label_) for entity in text.ents] == [("Ana", "PER"), ("Tom", "PER")]
    moved = FrameSpans(4, 5, "see.01", (RoleSpan("ARG0", 3, 4), RoleSpan("ARG1", 5, 6)))
    assert read_frame_spans(text) == [FRAME, moved]
    assert text.cats == {"x": 1.0}
    assert text.user_data == {"doc_id": "a"}


def test_every_group_of_spans_moves():
    docs = [sentence(), sentence()]
    for doc in docs:
        doc.spans["others"] = [Span(doc, 1, 3, label="PART"), Span(doc, 2, 3, label="PART")]
        set_frames(doc, [FRAME], "second")
        set_frames(doc, [], "none")
    text = join_sentences(docs)
    assert [(span.start, span.end) for span in text.spans["others"]] == [(1, 3), (2, 3), (4, 6), (5, 6)]
    assert [frame.start for frame in read_frame_spans(text, "second")] == [1, 4]
    assert len(text.spans["none"]) == 0


def test_borders_and_trees_of_the_docs_stay():
    text = join_sentences([sentence(starts=[1, 0, 1]), sentence(starts=[1, -1, -1])])
    assert [token.i for token in text if token.is_sent_start] == [0, 2, 3]
    trees = [Doc(NLP.vocab, words=["Ana", "left", "Stay"], heads=[1, 1, 2], deps=["a", "b", "b"]) for _ in range(2)]
    text = join_sentences(trees)
    assert [token.i for token in text if token.is_sent_start] == [0, 2, 3, 5]
    assert [token.head.i for token in text] == [1, 1, 2, 4, 4, 5]


def test_what_is_not_known_stays_unknown():
    text = join_sentences([sentence(ents=None, frames=None), sentence(ents=None, frames=None)])
    assert not text.has_annotation("ENT_IOB")
    assert "srl" not in text.spans
    bare = Doc(NLP.vocab, words=["a", "b"])
    assert join_sentences([bare, bare]).has_unknown_spaces


def test_texts_have_no_more_than_their_size():
    docs = [sentence() for _ in range(7)]
    assert sizes(docs, 3) == [3, 3, 1]
    assert sizes(docs, 3, max_length=7) == [2, 2, 2, 1]
    assert sizes(docs, 1) == [1] * 7
    drawn = sizes([sentence() for _ in range(60)], 3, share=0.5, rng=random.Random(0))
    assert set(drawn) == {1, 3} and sum(drawn) == 60
    assert drawn == sizes([sentence() for _ in range(60)], 3, share=0.5, rng=random.Random(0))
    assert sizes(docs, 3, share=0.0, rng=random.Random(0)) == [1] * 7
    assert sizes(docs, 3, share=1.0, rng=random.Random(0)) == [3, 3, 1]


@pytest.mark.parametrize(
    "other", [{"document": "b"}, {"cats": {"x": 0.0}}, {"frames": None}, {"ents": None}, {"document": "b", "cats": {}}]
)
def test_only_docs_with_the_same_annotation_are_joined(other):
    same = {"document": "a", "cats": {"x": 1.0}}
    assert sizes([sentence(**same), sentence(**same), sentence(**{**same, **other}), sentence(**same)], 4) == [2, 1, 1]


def test_categories_that_differ_are_left_out_if_it_is_wished():
    docs = [sentence(cats={"x": 1.0}), sentence(cats={"x": 0.0})]
    (text,) = join_texts(docs, 4, categories="any")
    assert text.cats == {} and len(list(text.sents)) == 2


def test_categories_that_differ_come_apart():
    docs = [sentence(cats={"x": 1.0}), sentence(cats={"x": 0.0}), sentence(cats={"x": 1.0}), sentence(cats={"x": 1.0})]
    text, *alone, same = join_texts(docs, 2, categories="apart")
    assert text.cats == {} and len(read_frame_spans(text)) == 2
    assert [doc.cats for doc in alone] == [{"x": 1.0}, {"x": 0.0}]
    assert not any(doc.has_annotation("ENT_IOB") or "srl" in doc.spans for doc in alone)
    assert same.cats == {"x": 1.0} and len(read_frame_spans(same)) == 2


def test_whole_documents():
    docs = [sentence(document=document) for document in "aaabbc"]
    assert sizes(docs, 0) == [3, 2, 1]
    with pytest.raises(ValueError, match="E511.*number 2"):
        sizes([docs[0], sentence()], 0)


@pytest.fixture
def path(tmp_path):
    docs = [sentence(document="a"), sentence("Tom left us", document="a"), sentence("We saw her", document="b")]
    write_docs(docs, tmp_path / "corpus.spacy")
    return tmp_path / "corpus.spacy"


@pytest.mark.parametrize("keep", [True, False])
@pytest.mark.parametrize("make", [make_corpus, lambda path, **settings: make_source(path, **settings).corpus])
def test_readers_join(path, make, keep):
    reader = make(path, join=2, join_share=1.0, keep_in_memory=keep)
    for _ in range(2):
        examples = list(reader(NLP))
        assert [example.reference.text for example in examples] == ["Ana saw it Tom left us", "We saw her"]
        assert [len(read_frame_spans(example.reference)) for example in examples] == [2, 1]
        assert not any(example.predicted.has_annotation("SENT_START") for example in examples)


def test_readers_draw_the_same_sizes_each_time(tmp_path):
    write_docs([sentence() for _ in range(40)], tmp_path / "corpus.spacy")
    reader = make_corpus(tmp_path / "corpus.spacy", join=4, keep_in_memory=False)
    first, second = ([len(example.reference) for example in reader(NLP)] for _ in range(2))
    assert first == second and len(set(first)) > 1
    assert len(list(make_corpus(tmp_path / "corpus.spacy", join=4, join_share=1.0, limit=8)(NLP))) == 2


def test_a_source_joins_and_keeps_its_tasks(path):
    nlp = spacy.blank("en")
    nlp.add_pipe("mtl_srl")
    source = make_source(path, tasks=["mtl_srl"], join=2, join_share=1.0)
    assert source.count(nlp, "roles") == 2
    examples = [example for found in source.read(nlp, "roles", None) for example in found]
    assert all(isinstance(example, Example) for example in examples)
    assert [len(list(example.reference.sents)) for example in examples] == [2, 1]
    assert not examples[0].reference.has_annotation("ENT_IOB")


@pytest.mark.parametrize("settings", [{"join": -1}, {"join_share": 1.5}, {"join_categories": "some"}])
def test_settings_out_of_range(path, settings):
    with pytest.raises(ValueError, match="E124"):
        make_corpus(path, **settings)


def test_docs_of_several_sentences_keep_them_apart():
    text = join_sentences([sentence("One . Two .", frames=[], ents=None), sentence("Three .", frames=[], ents=None)])
    assert [found.text for found in text.sents] == ["One .", "Two .", "Three ."]
