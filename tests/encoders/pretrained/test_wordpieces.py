"""Wordpieces are counted as the tokenizer cuts them, and texts are cut and put together by them."""

import itertools
import sys

import numpy
import pytest
from hypothesis import given
from hypothesis import strategies as st
from spacy.tokens import Doc
from spacy.training import Example
from spacy.util import registry
from spacy.vocab import Vocab

from spacy_mtl.encoders.pretrained import wordpieces
from spacy_mtl.encoders.pretrained.wordpieces import (
    Passage,
    PieceCounter,
    batch_passages,
    cut_passages,
    make_passage_doc,
    make_piece_count,
)
from spacy_mtl.encoders.windows import SHORTEST_SHARE

URL = "/x" * 168 + "/"
WORD = st.text(alphabet="abosl/.:!é字 \n", min_size=1, max_size=40)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    pytest.importorskip("spacy_transformers")
    from .tiny_transformer import write_bert

    return write_bert(tmp_path_factory.mktemp("wordpieces") / "bert")


@pytest.fixture(scope="module", params=["bert", "roberta"])
def tokenizer(request, tmp_path_factory):
    pytest.importorskip("spacy_transformers")
    from transformers import AutoTokenizer

    from . import tiny_transformer

    write = getattr(tiny_transformer, f"write_{request.param}")
    return AutoTokenizer.from_pretrained(write(tmp_path_factory.mktemp("wordpieces") / request.param))


class Letters:
    """A tokenizer whose pieces are letters and that remembers what it was given."""

    def __init__(self):
        self.words = []

    def __call__(self, words, **settings):
        self.words.extend(words)
        return {"attention_mask": [[1] * len(word.strip()) + [0] for word in words]}


def count_as_cut(tokenizer, word):
    return len(tokenizer.tokenize(" " + word))


@st.composite
def cuts(draw, can_be_long):
    window = draw(st.integers(1, 12))
    overlap = draw(st.integers(0, window - 1))
    longest = 2 * window if can_be_long else window - overlap
    return draw(st.lists(st.integers(0, longest), max_size=30)), window, overlap


def make_cut(cut):
    pieces, window, overlap = cut
    return cut_passages(3, numpy.array(pieces, dtype="int64"), window, overlap), pieces, window, overlap


def make_passages(pieces):
    return [Passage(i, 0, 1, 0, 1, count) for i, count in enumerate(pieces)]


def assert_batches_are_right(batches, passages, limit):
    assert sorted(itertools.chain.from_iterable(batches)) == sorted(passages)
    for batch in batches:
        lengths = [passage.pieces + 2 for passage in batch]
        assert len(batch) == 1 or len(batch) * max(lengths) <= limit
        assert min(lengths) >= SHORTEST_SHARE * max(lengths)
    lengths = [passage.pieces for batch in batches for passage in batch]
    assert lengths == sorted(lengths, reverse=True)


@given(words=st.lists(WORD, max_size=8))
def test_counts_are_those_of_the_tokenizer(tokenizer, words):
    counter = PieceCounter(tokenizer)
    for _ in range(2):
        assert counter.count(words).tolist() == [count_as_cut(tokenizer, word) for word in words]
    assert counter.count(words).dtype == "int64"


def test_counts_known_pieces(folder):
    from transformers import AutoTokenizer

    counter = PieceCounter(AutoTokenizer.from_pretrained(folder))
    words = ["Mira", "MIRA", "boating", "a.b", " ", "\n", URL]
    assert counter.count(words).tolist() == [1, 1, 5, 3, 0, 0, 337]


def test_counts_of_a_spaced_text_add_up(folder):
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(folder)
    words = ["Mira", "paints", "boats", ",", "and", "x.y", "sleeps", URL]
    pieces = tokenizer(" ".join(words), add_special_tokens=False)["input_ids"]
    assert PieceCounter(tokenizer).count(words).sum() == len(pieces)


def test_each_word_is_cut_once():
    letters = Letters()
    counter = PieceCounter(letters)
    letters.words.clear()
    assert counter.count(["on", "a", "on"]).tolist() == [2, 1, 2]
    assert counter.count(["a", "sea"]).tolist() == [1, 3]
    assert counter.count([]).tolist() == []
    assert sorted(letters.words) == [" a", " on", " sea"]


def test_few_words_are_remembered(monkeypatch):
    monkeypatch.setattr(wordpieces, "COUNTED_WORDS", 4)
    letters = Letters()
    counter = PieceCounter(letters)
    letters.words.clear()
    for words in (["a", "bb", "ccc"], ["a", "dddd"], ["a", "bb", "e", "ff"], ["a"] * 3, list("klmnopq"), ["a"]):
        assert counter.count(words).tolist() == [len(word) for word in words]
        assert len(counter._counts) <= max(4, len(set(words)))
    assert letters.words.count(" a") == 3, "forgotten twice"


@given(word=WORD, limit=st.integers(1, 8))
def test_shortened_to_a_beginning_with_few_pieces(tokenizer, word, limit):
    counter = PieceCounter(tokenizer)
    found = counter.shorten(word, limit)
    assert found and word.startswith(found)
    assert len(found) == 1 or count_as_cut(tokenizer, found) <= limit
    if count_as_cut(tokenizer, word) <= limit:
        assert found == word


def test_shortened_no_more_than_needed():
    assert PieceCounter(Letters()).shorten("abcdefghij" * 30, 16) == "abcdefghijabcdef"
    assert PieceCounter(Letters()).shorten("ab", 1) == "a"


def test_address_is_shortened(folder):
    from transformers import AutoTokenizer

    assert PieceCounter(AutoTokenizer.from_pretrained(folder)).shorten(URL, 16) == "/x" * 8


@given(st.booleans().flatmap(cuts))
def test_every_token_is_kept_once_and_windows_hold(cut):
    passages, pieces, window, overlap = make_cut(cut)
    kept = [token for passage in passages for token in range(passage.kept_start, passage.kept_end)]
    assert kept == list(range(len(pieces)))
    for passage in passages:
        assert 0 <= passage.start <= passage.kept_start <= passage.kept_end <= passage.end <= len(pieces)
        assert passage.doc == 3
        assert passage.pieces == sum(pieces[passage.start : passage.end])
        assert passage.pieces <= window or passage.end == passage.start + 1
    for left, right in zip(passages, passages[1:]):
        assert left.start < right.start <= left.end <= right.end
        assert sum(pieces[right.start : left.end]) <= overlap


@given(cuts(can_be_long=False))
def test_passages_bound_and_progress(cut):
    passages, _, window, _ = make_cut(cut)
    assert all(passage.pieces <= window for passage in passages)
    assert all(left.end < right.end for left, right in zip(passages, passages[1:]))


@given(cuts(can_be_long=False))
def test_passages_and_overlaps_are_as_long_as_they_may(cut):
    passages, pieces, window, overlap = make_cut(cut)
    if not pieces:
        assert passages == []
        return
    expected, start = [], 0
    while True:
        end = start + 1
        while end < len(pieces) and sum(pieces[start : end + 1]) <= window:
            end += 1
        expected.append((start, end))
        if end == len(pieces):
            break
        start = next(i for i in range(start + 1, end + 1) if sum(pieces[i:end]) <= overlap)
    assert [(passage.start, passage.end) for passage in passages] == expected


@given(st.booleans().flatmap(cuts))
def test_tokens_are_kept_where_they_see_most(cut):
    passages, pieces, _, _ = make_cut(cut)

    def see(passage, token):
        """Tokens on the side of it where there are fewer, if the passage and not the text ends there."""
        before = token - passage.start if passage.start else len(pieces)
        after = passage.end - 1 - token if passage.end < len(pieces) else len(pieces)
        return min(before, after)

    for passage in passages:
        for token in range(passage.kept_start, passage.kept_end):
            assert see(passage, token) == max(see(p, token) for p in passages if p.start <= token < p.end)


def test_texts_without_pieces():
    assert cut_passages(0, numpy.zeros(0, dtype="int64"), 8, 4) == []
    assert cut_passages(0, numpy.zeros(50, dtype="int64"), 8, 4) == [Passage(0, 0, 50, 0, 50, 0)]
    assert cut_passages(0, numpy.full(8, 1), 8, 4) == [Passage(0, 0, 8, 0, 8, 8)]


@given(st.lists(st.integers(0, 60), max_size=40), st.integers(1, 200))
def test_passages_of_like_length_are_read_together(pieces, limit):
    passages = make_passages(pieces)
    assert_batches_are_right(batch_passages(passages, limit), passages, limit)


@pytest.mark.parametrize("seed", range(5))
def test_little_padding(seed):
    rng = numpy.random.default_rng(seed)
    lengths = numpy.minimum(rng.lognormal(3.2, 0.7, size=300), 192).astype(int)
    passages = make_passages(lengths.tolist())
    batches = batch_passages(passages, 4096)
    assert_batches_are_right(batches, passages, 4096)
    slots = sum(len(batch) * (max(passage.pieces for passage in batch) + 2) for batch in batches)
    assert 1 - (lengths + 2).sum() / slots < 0.15
    assert len(batches) < 20 + slots / 2048, "and few batches"


def test_nothing_to_read():
    assert batch_passages([], 100) == []


def read_passage(doc, start, end, limit=16):
    counter = PieceCounter(Letters())
    pieces = counter.count([token.text for token in doc])
    return make_passage_doc(doc, Passage(0, start, end, start, end, 0), pieces, limit, counter)


def test_doc_that_fits_is_read_as_it_is():
    doc = Doc(Vocab(), words=["on", "a", "sea"])
    assert read_passage(doc, 0, 3) is doc
    assert read_passage(doc, 0, 3, limit=3) is doc
    assert read_passage(doc, 0, 3, limit=2) is not doc
    assert read_passage(doc, 0, 2) is not doc


@given(
    st.lists(
        st.tuples(st.text("abé字.", min_size=1, max_size=9) | st.just("\n"), st.booleans()), min_size=1, max_size=9
    ),
    st.data(),
)
def test_passages_have_the_text_of_the_doc(tokens, data):
    words, spaces = zip(*tokens)
    doc = Doc(Vocab(), words=list(words), spaces=list(spaces))
    end = data.draw(st.integers(1, len(words)))
    start = data.draw(st.integers(0, end - 1))
    assert read_passage(doc, start, end).text_with_ws == doc[start:end].text_with_ws
    cut = read_passage(doc, start, end, limit=4)
    assert [token.text for token in cut] == [word[:4] for word in words[start:end]]
    assert [bool(token.whitespace_) for token in cut] == list(spaces[start:end])
    assert [token.text for token in doc] == list(words)


def resolve(folder, **settings):
    get_length = {"@misc": "spacy-mtl.count_wordpieces.v1", "name": folder, **settings}
    batcher = {"@batchers": "spacy.batch_by_words.v1", "size": 30, "tolerance": 0.2, "discard_oversize": False,
               "get_length": get_length}  # fmt: skip
    resolved = registry.resolve({"batcher": batcher, "count": get_length})
    return resolved["batcher"], resolved["count"]


def test_counts_for_spacys_batchers(folder):
    batcher, count = resolve(folder)
    rng = numpy.random.default_rng(0)
    words = ["Mira", "paints", "abc", ".", " ", URL]
    docs = [Doc(Vocab(), words=rng.choice(words, size=rng.integers(0, 8)).tolist()) for _ in range(60)]
    pieces = {"Mira": 1, "paints": 1, "abc": 3, ".": 1, " ": 0, URL: 16}
    expected = [sum(pieces[token.text] for token in doc) for doc in docs]
    assert [count(doc) for doc in docs] == expected
    assert all(type(count(doc)) is int for doc in docs)
    examples = [Example(doc, Doc(Vocab(), words=["other"])) for doc in docs]
    assert [count(example) for example in examples] == expected
    batches = list(batcher(examples))
    assert sorted(id(example) for batch in batches for example in batch) == sorted(map(id, examples))
    lengths = [[count(example) for example in batch] for batch in batches]
    assert all(sum(batch) <= 36 or len(batch) == 1 for batch in lengths)
    assert len(batches) < sum(expected) / 18, "batches are full"


def test_counts_up_to_the_length_of_a_token(folder):
    doc = Doc(Vocab(), words=["abc", URL])
    assert [resolve(folder, max_token_pieces=limit)[1](doc) for limit in (2, 5, 500)] == [4, 8, 340]


def test_counting_without_a_tokenizer(tmp_path):
    pytest.importorskip("spacy_transformers")
    count = make_piece_count(str(tmp_path / "missing"))
    with pytest.raises(ValueError, match="E414") as raised:
        count(Doc(Vocab(), words=["a"]))
    assert str(tmp_path / "missing") in str(raised.value)


def test_counting_without_spacy_transformers(monkeypatch):
    monkeypatch.setitem(sys.modules, "spacy_transformers", None)
    with pytest.raises(ImportError, match="E411") as raised:
        make_piece_count("any")
    assert "spacy-mtl[transformers]" in str(raised.value)
