import zlib

import pytest
import spacy
from hypothesis import given, settings
from hypothesis import strategies as st
from spacy.tokens import Doc, DocBin, Span
from spacy.training import Example
from spacy.training.augment import create_lower_casing_augmenter
from spacy.training.loop import create_train_batches
from spacy.util import registry
from spacy.vocab import Vocab

from spacy_mtl.data.corpus import make_corpus
from spacy_mtl.data.splitting import split_doc
from spacy_mtl.data.writing import write_docs
from spacy_mtl.frames import read_frame_spans, set_frames
from spacy_mtl.types import FrameSpans, RoleSpan

WORDS = ["Do", "n't", "run", "!", "Ann", "sang", "."]
SPACES = [False, True, False, True, True, False, False]
FRAMES = [
    FrameSpans(2, 3, "run.02", (RoleSpan("ARGM-NEG", 1, 2),)),
    FrameSpans(5, 6, "sing.01", (RoleSpan("ARG0", 4, 5),)),
]


@pytest.fixture(scope="module")
def nlp():
    return spacy.blank("en")


def make_doc(vocab, sentences=True):
    starts = [i in (0, 4) for i in range(7)] if sentences else None
    doc = Doc(vocab, words=WORDS, spaces=SPACES, sent_starts=starts)
    doc.ents = [Span(doc, 4, 5, label="PER")]
    doc.cats = {"GOOD": 1.0, "BAD": 0.0}
    set_frames(doc, FRAMES)
    return doc


def numbered(vocab, numbers):
    return [Doc(vocab, words=["number", str(n)]) for n in numbers]


def texts(examples):
    return [example.reference.text.strip() for example in examples]


@pytest.fixture
def path(tmp_path, nlp):
    write_docs([make_doc(nlp.vocab)], tmp_path / "a.spacy")
    return tmp_path / "a.spacy"


@pytest.fixture
def many(tmp_path, nlp):
    write_docs(numbered(nlp.vocab, range(10)), tmp_path / "b" / "a.spacy")
    write_docs([Doc(nlp.vocab), *numbered(nlp.vocab, range(10, 20))], tmp_path / "b" / "sub" / "c.spacy")
    (tmp_path / "b" / ".hidden.spacy").write_bytes(b"no DocBin")
    return tmp_path / "b"


def test_is_registered_under_its_name(path, nlp):
    reader = registry.readers.get("spacy-mtl.Corpus.v1")(path)
    assert len(list(reader(nlp))) == 1


def test_frames_entities_and_categories_arrive(path, nlp):
    (example,) = make_corpus(path)(nlp)
    assert read_frame_spans(example.reference) == FRAMES
    assert [e.text for e in example.reference.ents] == ["Ann"]
    assert example.reference.cats == {"GOOD": 1.0, "BAD": 0.0}
    assert [frame.sense for frame in example.reference._.frames] == ["run.02", "sing.01"]
    assert "srl" not in example.predicted.spans
    assert not example.predicted.has_annotation("ENT_IOB")


def test_gold_tokens_are_the_references(path, nlp):
    (example,) = make_corpus(path)(nlp)
    assert [t.text for t in example.predicted] == WORDS
    assert example.predicted.text == example.reference.text == "Don't run! Ann sang."
    assert example.predicted is not example.reference


def test_the_pipelines_tokens_on_request(tmp_path, nlp):
    write_docs([Doc(nlp.vocab, words=["Do", "n't!"], spaces=[False, False])], tmp_path / "a.spacy")
    (gold,) = make_corpus(tmp_path)(nlp)
    (own,) = make_corpus(tmp_path, gold_tokens=False)(nlp)
    assert [t.text for t in gold.predicted] == ["Do", "n't!"]
    assert [t.text for t in own.predicted] == ["Do", "n't", "!"]


@pytest.mark.parametrize("gold_tokens", [True, False])
def test_unknown_spaces_mean_gold_tokens(tmp_path, nlp, gold_tokens):
    write_docs([Doc(nlp.vocab, words=["Do", "n't"])], tmp_path / "a.spacy")
    (example,) = make_corpus(tmp_path, gold_tokens=gold_tokens)(nlp)
    assert [t.text for t in example.predicted] == ["Do", "n't"]
    assert example.predicted.has_unknown_spaces


def test_a_folder_is_read_in_order_without_hidden_files_and_empty_docs(many, nlp):
    assert texts(make_corpus(many)(nlp)) == [f"number {n}" for n in range(20)]


@pytest.mark.parametrize("limit", [1, 10, 11, 20, 99])
def test_limit_counts_over_all_files(many, nlp, limit):
    assert texts(make_corpus(many, limit=limit)(nlp)) == [f"number {n}" for n in range(min(limit, 20))]


def test_a_shuffle_is_decided_by_its_seed(many, nlp):
    plain = texts(make_corpus(many)(nlp))
    reader = make_corpus(many, shuffle=True, seed=1)
    shuffled = texts(reader(nlp))
    assert shuffled == texts(reader(nlp)) == texts(make_corpus(many, shuffle=True, seed=1)(nlp))
    assert shuffled != plain and sorted(shuffled) == sorted(plain)
    assert shuffled != texts(make_corpus(many, shuffle=True, seed=2)(nlp))
    assert sorted(texts(make_corpus(many, shuffle=True, limit=5)(nlp))) == plain[:5]


def test_long_docs_are_left_out_with_a_warning(tmp_path, nlp):
    write_docs([make_doc(nlp.vocab), *numbered(nlp.vocab, [1])], tmp_path / "a.spacy")
    with pytest.warns(UserWarning, match="MTL-W101.*1 Docs.*more than 6"):
        assert texts(make_corpus(tmp_path, max_length=6)(nlp)) == ["number 1"]


def test_max_length_is_inclusive(path, nlp):
    assert len(list(make_corpus(path, max_length=7)(nlp))) == 1
    assert len(list(make_corpus(path, max_length=7, split="sentences")(nlp))) == 1


def test_split_by_sentences_keeps_frames_categories_and_entities(path, nlp):
    first, second = make_corpus(path, max_length=6, split="sentences")(nlp)
    assert [t.text for t in first.predicted] == WORDS[:4]
    assert read_frame_spans(first.reference) == FRAMES[:1]
    assert read_frame_spans(second.reference) == [FrameSpans(1, 2, "sing.01", (RoleSpan("ARG0", 0, 1),))]
    assert [e.text for e in second.reference.ents] == ["Ann"]
    assert first.reference.cats == second.reference.cats == {"GOOD": 1.0, "BAD": 0.0}


def test_split_without_a_limit_splits_nothing(path, nlp):
    assert len(list(make_corpus(path, split="sentences")(nlp))) == 1


def test_docs_without_sentences_are_cut_in_pieces():
    doc = make_doc(Vocab(), sentences=False)
    parts = list(split_doc(doc, 3))
    assert [[t.text for t in part] for part in parts] == [WORDS[:3], WORDS[3:6], WORDS[6:]]
    assert [len(read_frame_spans(part)) for part in parts] == [1, 1, 0]
    assert all("srl" in part.spans for part in parts)


def test_a_cut_through_a_frame_warns():
    doc = make_doc(Vocab(), sentences=False)
    with pytest.warns(UserWarning, match="MTL-W001"):
        parts = list(split_doc(doc, 5))
    assert read_frame_spans(parts[1]) == [FrameSpans(0, 1, "sing.01")]


@settings(max_examples=50)
@given(st.integers(1, 30), st.integers(0, 12), st.sets(st.integers(1, 29)))
def test_parts_are_short_and_together_the_doc(length, max_length, starts):
    sent_starts = [i == 0 or i in starts for i in range(length)]
    doc = Doc(Vocab(), words=[str(i) for i in range(length)], sent_starts=sent_starts)
    parts = list(split_doc(doc, max_length))
    assert [t.text for part in parts for t in part] == [t.text for t in doc]
    if max_length == 0 or length <= max_length:
        assert parts == [doc]
    else:
        assert all(0 < len(part) <= max_length for part in parts)
        # No part crosses the start of a sentence.
        assert all(int(t.text) not in starts for part in parts for t in part if t.i > 0)


def test_an_augmenter_of_spacy_keeps_the_frames(path, nlp):
    reader = make_corpus(path, augmenter=create_lower_casing_augmenter(1.0))
    (example,) = reader(nlp)
    assert example.reference.text == "don't run! ann sang."
    assert read_frame_spans(example.reference) == FRAMES


def test_an_augmenter_may_give_several_examples(path, nlp):
    def twice(nlp, example):
        yield example
        yield Example(nlp.make_doc("short"), Doc(nlp.vocab, words=["short"]))

    first, second = make_corpus(path, augmenter=twice)(nlp)
    assert read_frame_spans(first.reference) == FRAMES
    assert "srl" not in second.reference.spans


def test_frames_that_an_augmenter_made_stay(path, nlp):
    made = [FrameSpans(0, 1, "new.01")]

    def augment(nlp, example):
        reference = example.reference.copy()
        set_frames(reference, made)
        yield Example(example.predicted, reference)

    (example,) = make_corpus(path, augmenter=augment)(nlp)
    assert read_frame_spans(example.reference) == made


def test_serves_the_training_loop(many, nlp):
    def batcher(examples):
        yield list(examples)

    batches = create_train_batches(nlp, make_corpus(many), batcher, 1)
    assert [(epoch, len(batch)) for epoch, batch in batches] == [(0, 20)]


def test_no_path():
    with pytest.raises(FileNotFoundError, match="MTL-E120"):
        make_corpus(None)


@pytest.mark.parametrize("name", ["missing.spacy", "missing"])
def test_missing_path(tmp_path, nlp, name):
    with pytest.raises(FileNotFoundError, match=f"MTL-E120.*{name}"):
        list(make_corpus(tmp_path / name)(nlp))


def test_no_docbin_in_the_folder(tmp_path, nlp):
    (tmp_path / "a.conllu").write_text("")
    for path in (tmp_path, tmp_path / "a.conllu"):
        with pytest.raises(FileNotFoundError, match="MTL-E121"):
            list(make_corpus(path)(nlp))


@pytest.mark.parametrize("data", [b"", b"# text", zlib.compress(b"text"), zlib.compress(b"\x93\x01\x02\x03")])
def test_a_file_that_is_no_docbin(tmp_path, nlp, data):
    (tmp_path / "a.spacy").write_bytes(data)
    with pytest.raises(ValueError, match="MTL-E122.*a.spacy"):
        list(make_corpus(tmp_path)(nlp))


def test_a_truncated_docbin(path, nlp):
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(ValueError, match="MTL-E122"):
        list(make_corpus(path)(nlp))


@pytest.mark.parametrize("docs", [[], [Doc(Vocab())]])
def test_a_corpus_without_docs(tmp_path, nlp, docs):
    DocBin(docs=docs).to_disk(tmp_path / "a.spacy")
    with pytest.raises(ValueError, match="MTL-E123"):
        list(make_corpus(tmp_path)(nlp))


@pytest.mark.parametrize("argument", [{"split": "pages"}, {"max_length": -1}, {"limit": -5}])
def test_arguments_out_of_range(tmp_path, argument):
    with pytest.raises(ValueError, match=f"MTL-E124.*{next(iter(argument))}"):
        make_corpus(tmp_path, **argument)


def test_an_augmenter_of_spacy_keeps_the_annotation_of_no_predicate(tmp_path, nlp):
    doc = Doc(nlp.vocab, words=["Oslo", "!"], spaces=[False, False])
    set_frames(doc, [])
    write_docs([doc], tmp_path / "a.spacy")
    (example,) = make_corpus(tmp_path, augmenter=create_lower_casing_augmenter(1.0))(nlp)
    assert example.reference.text == "oslo!"
    assert "srl" in example.reference.spans and len(example.reference.spans["srl"]) == 0


def test_docs_are_kept_after_the_first_whole_reading(many, nlp):
    reader = make_corpus(many)
    next(iter(reader(nlp)))
    first = [example.reference for example in reader(nlp)]
    assert all(one is example.reference for one, example in zip(first, reader(nlp), strict=True))
    predicted = [[example.predicted for example in reader(nlp)] for _ in range(2)]
    assert all(one is not other for one, other in zip(*predicted)), "training writes on predicted Docs"
    other = spacy.blank("en")
    assert all(example.reference.vocab is other.vocab for example in reader(other)), "another pipeline reads anew"


def test_docs_are_not_kept_on_request(many, nlp):
    reader = make_corpus(many, keep_in_memory=False)
    first, second = ([example.reference for example in reader(nlp)] for _ in range(2))
    assert len(first) == len(second) and all(one is not other for one, other in zip(first, second))


def test_a_text_that_the_pipeline_cannot_tokenize_has_a_code(tmp_path):
    nlp = spacy.blank("en")
    nlp.max_length = 20
    doc = Doc(nlp.vocab, words=["word"] * 9, spaces=[True] * 9)
    DocBin(docs=[doc]).to_disk(tmp_path / "a.spacy")
    assert len(list(make_corpus(tmp_path)(nlp))) == 1
    with pytest.raises(ValueError, match="MTL-E126.*word word.*nlp.max_length"):
        list(make_corpus(tmp_path, gold_tokens=False)(nlp))
