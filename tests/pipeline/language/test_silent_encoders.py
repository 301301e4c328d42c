"""A head whose encoder does not read is named: spaCy would give it zeros without a word."""

import pickle
import warnings

import pytest

from ..shared_encoder import ENCODER, ENCODER_MODEL, OURS, STOCK, build

TEXT = "Mira paints boats in Oslo."


@pytest.fixture
def nlp():
    return build()


def annotate(nlp, **settings):
    """What is said of one text, in each way to have it annotated."""
    ways = [
        lambda: nlp(TEXT, **settings),
        lambda: list(nlp.pipe([TEXT, TEXT], **settings)),
        lambda: list(nlp.pipe([(TEXT, 1)], as_tuples=True, **settings)),
        lambda: list(nlp.pipe([TEXT, TEXT], n_process=2, batch_size=1, **settings)),
        lambda: list(nlp.pipe([(TEXT, 1)], as_tuples=True, n_process=2, **settings)),
    ]
    said = []
    for way in ways:
        nlp.__dict__.pop("_silence_check", None)
        with warnings.catch_warnings(record=True) as found:
            warnings.simplefilter("always")
            way()
        said.append([str(one.message) for one in found if "W424" in str(one.message)])
    return said


def assert_named(said, heads, encoder=ENCODER):
    assert all(len(one) == 1 for one in said)
    assert all(f"listen: {heads}. " in one[0] and f"'{encoder}'" in one[0] for one in said)


def test_nothing_is_said_where_the_encoder_reads(nlp):
    assert not any(annotate(nlp))
    assert not any(annotate(nlp, disable=["ner"]))
    with nlp.select_pipes(disable=["tagger"]):
        assert not any(annotate(nlp))
    with nlp.select_pipes(enable=[]):
        assert not any(annotate(nlp))


def test_a_disabled_encoder(nlp):
    with nlp.select_pipes(enable=["ner"]):
        assert_named(annotate(nlp), "ner", "*")
    with nlp.select_pipes(disable=[ENCODER]):
        assert_named(annotate(nlp), "tagger, ner", "*")
    assert_named(annotate(nlp, disable=[ENCODER, "tagger"]), "ner", "*")


def test_a_removed_encoder(nlp):
    nlp.remove_pipe(ENCODER)
    assert_named(annotate(nlp), "tagger, ner", "*")


def test_an_encoder_behind_its_head(nlp):
    encoder = nlp.get_pipe(ENCODER)
    nlp._components.remove((ENCODER, encoder))
    nlp._components.insert(1, (ENCODER, encoder))
    assert_named(annotate(nlp), "tagger", "*")


def listen_to(nlp, head, upstream):
    for node in nlp.get_pipe(head).model.walk():
        if hasattr(node, "upstream_name"):
            node.upstream_name = upstream
    nlp._link_components()


def test_an_encoder_in_between(nlp):
    """A Doc has room for the vectors of one encoder."""
    listen_to(nlp, "ner", ENCODER)
    nlp.add_pipe(OURS, name="other", before="ner", config={"model": ENCODER_MODEL})
    nlp.get_pipe("other").model.initialize(X=[nlp.make_doc(TEXT)])
    assert_named(annotate(nlp), "ner")
    assert not any(annotate(nlp, disable=["other"]))
    read = nlp(TEXT).tensor
    assert (read == nlp.get_pipe("other").predict([nlp.make_doc(TEXT)])[0]).all()


def test_an_encoder_under_another_name(nlp):
    listen_to(nlp, "ner", "gone")
    assert not any(annotate(nlp))
    with nlp.select_pipes(enable=["ner"]):
        assert_named(annotate(nlp), "ner", "gone")
    listen_to(nlp, "ner", ENCODER)
    with nlp.select_pipes(enable=["ner"]):
        assert_named(annotate(nlp), "ner")


def test_docs_that_were_read_before_need_no_encoder(nlp):
    doc = nlp(TEXT)
    with nlp.select_pipes(enable=["ner"]), warnings.catch_warnings():
        warnings.simplefilter("error")
        nlp(doc)
        list(nlp.pipe([doc]))
    empty = nlp("")
    with nlp.select_pipes(enable=["ner"]), warnings.catch_warnings():
        warnings.simplefilter("error")
        list(nlp.pipe([empty]))
    with nlp.select_pipes(enable=["ner"]), pytest.warns(UserWarning, match="W424"):
        list(nlp.pipe([doc, TEXT]))


def test_it_is_said_once_of_each_selection(nlp):
    def count(disabled):
        with warnings.catch_warnings(record=True) as found, nlp.select_pipes(disable=disabled):
            warnings.simplefilter("always")
            nlp(TEXT)
            list(nlp.pipe([TEXT]))
        return sum("W424" in str(one.message) for one in found)

    assert [count([ENCODER]), count([ENCODER]), count([]), count([ENCODER, "ner"])] == [1, 0, 0, 1]
    assert len(pickle.loads(pickle.dumps(nlp))(TEXT)) == 6


def test_a_head_with_an_encoder_of_its_own_again(nlp):
    nlp.replace_listeners(ENCODER, "ner", ["model.tok2vec"])
    with nlp.select_pipes(enable=["ner"]):
        assert not any(annotate(nlp))


def test_a_stock_encoder_beside_one_of_our_heads():
    nlp = build(STOCK)
    nlp.add_pipe(OURS, name="unheard")
    with nlp.select_pipes(disable=[ENCODER, "unheard"]):
        assert_named(annotate(nlp), "tagger, ner", "*")
