import pytest
import spacy
from spacy.tokens import Doc, Span
from spacy.vocab import Vocab

from spacy_mtl.data.formats.converting import read_docs
from spacy_mtl.data.layers.joining import Outcome, Outcomes, join_corpora, split_sentences
from spacy_mtl.data.layers.layers import LAYERS
from spacy_mtl.frames import read_frame_spans, set_frames
from spacy_mtl.translations import get_translations, set_translations
from spacy_mtl.types import FrameSpans, RoleSpan

from ..corpora import GIVE, RUN, conllu, iob2

VOCAB = Vocab()
WORDS = ["Ana", "gave", "hope", "."]
FRAME = FrameSpans(1, 2, "give.01", (RoleSpan("ARG0", 0, 1), RoleSpan("ARG1", 2, 3)))


def bare(words=WORDS, **ids):
    doc = Doc(VOCAB, words=words)
    doc.user_data.update(ids)
    return doc


def full(words=WORDS, **ids):
    """A Doc with every layer."""
    heads, deps = [1, 1, 1, 1], ["nsubj", "ROOT", "obj", "punct"]
    tags, pos = ["NNP", "VBD", "NN", "."], ["PROPN", "VERB", "NOUN", "PUNCT"]
    lemmas, morphs = ["Ana", "give", "hope", "."], ["Number=Sing", "Tense=Past", "Number=Sing", ""]
    doc = Doc(
        VOCAB, words=words, tags=tags, pos=pos, lemmas=lemmas, morphs=morphs, heads=heads, deps=deps,
        ents=["B-PER", "O", "O", "O"],
    )  # fmt: skip
    set_frames(doc, [FRAME])
    set_translations(doc, {"de": "Ana gab Hoffnung."})
    doc.spans["more"] = [Span(doc, 1, 3, label="X")]
    doc.cats = {"good": 1.0}
    doc.user_data.update(ids)
    return doc


def join(first, others, **options):
    outcomes = Outcomes()
    return list(join_corpora(first, {"other": others}, outcomes, **options)), outcomes.counts


def outcome(layer, result):
    return Outcome("other", layer, result)


def test_every_layer_comes_along():
    (doc,), counts = join([bare()], [full()])
    for layer in LAYERS:
        # the parse has brought the borders along
        result = "the same" if layer.name == "borders" else "joined"
        assert counts[outcome(layer.name, result)] == 1, layer.name
    expected = full()
    attributes = ["TAG", "POS", "MORPH", "LEMMA", "HEAD", "DEP", "SENT_START", "ENT_IOB", "ENT_TYPE"]
    assert doc.to_array(attributes).tolist() == expected.to_array(attributes).tolist()
    assert read_frame_spans(doc) == [FRAME]
    assert [(s.start, s.end, s.label_) for s in doc.spans["more"]] == [(1, 3, "X")]
    assert get_translations(doc) == {"de": "Ana gab Hoffnung."}
    assert doc.cats == {"good": 1.0}


def test_layers_can_be_chosen():
    (doc,), counts = join([bare()], [full()], layers=["entities"])
    assert [e.text for e in doc.ents] == ["Ana"] and "srl" not in doc.spans and not doc.cats
    assert set(counts) == {outcome("texts", "found"), outcome("entities", "joined")}


def test_the_earlier_is_kept_and_disagreement_counted():
    ours, theirs = full(), full()
    theirs.set_ents([Span(theirs, 2, 3, label="X")], default="outside")
    theirs.cats = {"good": 0.0, "new": 1.0}
    theirs.spans["yet"] = [Span(theirs, 0, 1, label="Y")]
    (doc,), counts = join([ours], [theirs])
    assert [e.label_ for e in doc.ents] == ["PER"]
    assert doc.cats == {"good": 1.0, "new": 1.0}
    assert sorted(doc.spans) == ["more", "srl", "translation", "yet"]
    assert counts[outcome("entities", "disagree, the earlier is kept")] == 1
    assert counts[outcome("categories", "disagree, the earlier is kept")] == 1
    assert counts[outcome("frames", "the same")] == counts[outcome("tags", "the same")] == 1
    assert counts[outcome("spans", "joined")] == 1


def test_other_tokens_are_reached_through_the_characters():
    (doc,), counts = join([bare(["Ana", "ga", "ve", "hope."])], [full()], layers=["entities", "frames", "tags"])
    assert [(e.start, e.end, e.label_) for e in doc.ents] == [(0, 1, "PER")]
    # "hope" is no token here, and the frame needs it
    assert "srl" not in doc.spans and counts[outcome("frames", "do not fit the tokens")] == 1
    assert not doc.has_annotation("TAG") and counts[outcome("tags", "do not fit the tokens")] == 1
    (doc,), counts = join([bare(["An", "a", "gave", "hope", "."])], [full()], layers=["frames", "borders"])
    roles = (RoleSpan("ARG0", 0, 2), RoleSpan("ARG1", 3, 4))
    assert read_frame_spans(doc) == [FrameSpans(2, 3, "give.01", roles)]
    assert [token.is_sent_start for token in doc] == [True, False, False, False, False]


def test_entities_that_are_annotated_in_part_stay_so():
    part = bare()
    part.set_ents([Span(part, 0, 1, label="PER")], missing=[part[2:4]], default="outside")
    (doc,), _ = join([bare(["Ana", "gave", "hope."])], [part])
    assert [token.ent_iob for token in doc] == [3, 2, 0]


def test_texts_that_come_several_times_are_joined_in_their_order():
    others = [bare(), bare(), bare()]
    for number, doc in enumerate(others):
        doc.cats = {"n": number / 2}
    docs, counts = join([bare(), bare(["x"]), bare()], others)
    assert [doc.cats for doc in docs] == [{"n": 0.0}, {}, {"n": 0.5}]
    assert counts[outcome("texts", "found")] == 2
    assert counts[outcome("texts", "not in this corpus")] == counts[outcome("texts", "not in the first corpus")] == 1


def test_joining_by_id():
    first = [bare(sent_id="a"), bare(sent_id="b"), bare(doc_id="c")]
    others = [full(sent_id="b"), full(["An", "gave", "hope", "."], sent_id="a")]
    docs, counts = join(first, others, by="id")
    assert [bool(doc.cats) for doc in docs] == [False, True, False]
    assert counts[outcome("texts", "same id, other characters")] == 1
    with pytest.raises(ValueError, match="MTL-E191.*Doc 1 of other.*has no id"):
        join(first, [bare()], by="id")
    with pytest.raises(ValueError, match="MTL-E191.*Doc 2 of other.*'a', as Doc 1"):
        join(first, [bare(sent_id="a"), bare(sent_id="a")], by="id")


@pytest.mark.parametrize("options", [{"by": "order"}, {"layers": ["roles"]}])
def test_unknown_settings(options):
    with pytest.raises(ValueError, match="MTL-E193"):
        join([bare()], [bare()], **options)


def test_sentences_of_long_docs():
    doc = Doc(VOCAB, words=[*WORDS, *WORDS], sent_starts=[True, *[False] * 3] * 2)
    set_frames(doc, [FRAME])
    doc.user_data["doc_id"] = "d"
    parts = list(split_sentences([doc, bare()]))
    assert [len(part) for part in parts] == [4, 4, 4]
    assert [len(read_frame_spans(part)) for part in parts] == [1, 0, 0]
    assert [part.user_data.get("doc_id") for part in parts] == ["d", "d", None]
    (_, joined), counts = join(split_sentences([doc]), [bare(), full()], layers=["entities"])
    assert counts[outcome("texts", "found")] == 2 and joined.has_annotation("ENT_IOB")


def test_two_files_in_other_formats(tmp_path):
    nlp = spacy.blank("en")
    (tmp_path / "a.conllu").write_text(conllu("a-1", GIVE) + conllu("a-2", RUN), encoding="utf8")
    (tmp_path / "a.iob2").write_text(iob2("a-2", RUN) + iob2("a-1", GIVE), encoding="utf8")
    for by in ("text", "id"):
        docs, counts = join(
            read_docs([tmp_path / "a.conllu"], "conllu", nlp), read_docs([tmp_path / "a.iob2"], "iob2", nlp), by=by
        )
        assert [[(e.text, e.label_) for e in doc.ents] for doc in docs] == [[("Mary", "PER"), ("Oslo", "LOC")], []]
        assert all(doc.has_annotation("ENT_IOB") and doc.has_annotation("TAG") for doc in docs)
        assert counts[outcome("entities", "joined")] == 2


def test_frames_that_cannot_be_read_are_counted():
    broken = full()
    broken.spans["srl"] = [Span(broken, 0, 1, label="ARG0")]
    (doc,), counts = join([bare()], [broken], layers=["frames", "entities"])
    assert "srl" not in doc.spans and doc.has_annotation("ENT_IOB")
    assert counts[outcome("frames", "cannot be read")] == 1
