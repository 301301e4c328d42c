import numpy
import pytest
from spacy.tokens import Doc
from spacy.util import fix_random_seed
from spacy.vocab import Vocab

torch = pytest.importorskip("torch")
pytest.importorskip("spacy_transformers")

from spacy_mtl.analysis.affinity.shadow import switch_dropout_off  # noqa: E402
from spacy_mtl.encoders.pretrained.tokenizer import load_tokenizer  # noqa: E402
from spacy_mtl.encoders.pretrained.word_dropout import WordHider  # noqa: E402

from .tiny_transformer import get_shim, make_encoder, write_bert, write_roberta  # noqa: E402

# for each tokenizer a text and the wordpieces of each of its words
WRITERS = {
    "bert": (write_bert, "mira paints zebras, raining", [1, 1, 6, 1, 2]),
    "roberta": (write_roberta, "mira paints zebras, raining", [4, 7, 7, 1, 8]),
}
DOC = Doc(Vocab(), words=["mira", "paints", "boats", "in", "oslo", "zebra", "sleeps", "the", "rain", "otto"])


@pytest.fixture(scope="module", params=WRITERS)
def folder(request, tmp_path_factory):
    return WRITERS[request.param][0](tmp_path_factory.mktemp("words") / request.param)


@pytest.fixture(scope="module")
def bert(tmp_path_factory):
    return write_bert(tmp_path_factory.mktemp("words") / "bert_alone")


def cut(hider, ids, draws=200):
    """The groups of wordpieces that are hidden together."""
    hidden = [hider.hide(ids, 0.5, numpy.random.default_rng(seed))[0] != ids[0] for seed in range(draws)]
    columns = torch.stack(hidden).T.tolist()
    groups = {}
    for place, column in enumerate(columns):
        if any(column):
            groups.setdefault(tuple(column), []).append(place)
    return sorted(groups.values())


@pytest.mark.parametrize("name", WRITERS)
def test_whole_words_are_hidden(name, tmp_path):
    write, text, lengths = WRITERS[name]
    tokenizer = load_tokenizer(write(tmp_path / name))
    # beside a longer one the text is padded
    ids = tokenizer([text, text + " otto sleeps"], padding=True, return_tensors="pt")["input_ids"]
    assert ids[0, sum(lengths) + 2] == tokenizer.pad_token_id
    hider, generator = WordHider(tokenizer), numpy.random.default_rng(0)
    counts = numpy.zeros(len(lengths))
    for _ in range(400):
        hidden = hider.hide(ids, 0.3, generator)
        is_hidden = (hidden == tokenizer.mask_token_id)[0].numpy()
        assert torch.equal(hidden[0][~is_hidden], ids[0][~is_hidden])
        words = numpy.split(is_hidden[1 : 1 + sum(lengths)], numpy.cumsum(lengths)[:-1])
        assert all(word.all() or not word.any() for word in words)
        assert not is_hidden[0] and not is_hidden[1 + sum(lengths) :].any()
        counts += [word.all() for word in words]
    assert (abs(counts / 400 - 0.3) < 0.08).all()
    assert torch.equal(hider.hide(ids, 0.0, generator), ids)


# bytes: three for a character of Chinese, two for an accented letter
@pytest.mark.parametrize(
    "text,groups",
    [
        ("mira paints", [4, 7]),
        ("mira\npaints", [4, 1, 6]),
        # a quote is no part of the word behind it, nor is the space before the quote
        ('said "mira".', [4, 1, 1, 4, 1, 1]),
        ("it's", [4]),
        ("été", [5]),
    ],
)
def test_what_goes_with_a_word_in_bytes(text, groups, tmp_path):
    tokenizer = load_tokenizer(write_roberta(tmp_path / "roberta"))
    ids = tokenizer([text], return_tensors="pt")["input_ids"]
    assert [len(group) for group in cut(WordHider(tokenizer), ids)] == groups


def test_pieces_that_only_look_marked(tmp_path):
    tokenizer = load_tokenizer(write_bert(tmp_path / "bert"))
    for odd in ("Ġ", "▁", "##Ġ"):
        tokenizer.add_tokens([odd])
    ids = tokenizer(["mira paints zebra, otto"], return_tensors="pt")["input_ids"]
    assert [len(group) for group in cut(WordHider(tokenizer), ids)] == [1, 1, 5, 1, 1]


class Odd:
    """A vocabulary with a gap, and of Chinese and Latin characters without marks."""

    mask_token_id, all_special_ids, name_or_path = 9, [0, 9], "odd"

    def __init__(self, pieces):
        self._pieces = pieces

    def __len__(self):
        return len(self._pieces)

    def get_vocab(self):
        return self._pieces


def test_ids_with_a_gap_and_no_marks():
    others = {chr(300 + i): 20 + i for i in range(2000)}
    hider = WordHider(Odd({"<s>": 0, "a": 1, "b": 2, "▁": 3, "<mask>": 9, **others}))
    assert cut(hider, torch.tensor([[0, 1, 2, 3, 2019]])) == [[1], [2], [3], [4]]


def test_scripts_without_spaces():
    hider = WordHider(Odd({"<s>": 0, "<mask>": 9, "中": 1, "##国": 2, "##人": 3, "do": 4, "##g": 5, "-": 6}))
    assert cut(hider, torch.tensor([[0, 1, 2, 3, 4, 5, 6, 5]])) == [[1], [2], [3], [4, 5], [6], [7]]


def test_without_a_mask(bert):
    model = make_encoder(bert, word_dropout=0.1)
    model.initialize(X=[DOC])
    get_shim(model)._hfmodel.tokenizer.mask_token = None
    get_shim(model)._of_tokenizer.clear()
    for use in (model.begin_update, lambda docs: model.initialize(X=docs)):
        with pytest.raises(ValueError, match="E409.*has no mask"):
            use([DOC])


def test_words_are_hidden_while_the_transformer_learns_alone(folder):
    model, plain = make_encoder(folder, word_dropout=0.5), make_encoder(folder)
    for one in (model, plain):
        one.initialize(X=[DOC])
    expected = plain.predict([DOC])[0]
    numpy.testing.assert_allclose(model.predict([DOC])[0], expected, atol=1e-5)
    numpy.testing.assert_allclose(plain.begin_update([DOC])[0][0], expected, atol=1e-5)
    found = []
    for seed in (0, 0, 1):
        fix_random_seed(seed)
        vectors, backprop = model.begin_update([DOC])
        backprop([numpy.ones_like(vectors[0])])
        found.append(vectors[0])
    numpy.testing.assert_array_equal(found[0], found[1])
    assert abs(found[0] - found[2]).max() > 1e-3
    assert abs(found[0] - expected).max() > 1e-3
    switch_dropout_off(model)
    numpy.testing.assert_allclose(model.begin_update([DOC])[0][0], expected, atol=1e-5)


def test_a_frozen_transformer_reads_all_words(bert):
    model = make_encoder(bert, word_dropout=0.5, frozen_steps=1)
    model.initialize(X=[DOC])
    numpy.testing.assert_allclose(model.begin_update([DOC])[0][0], model.predict([DOC])[0], atol=1e-5)
