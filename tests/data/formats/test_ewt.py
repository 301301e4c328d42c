import pytest
from spacy.tokens import DocBin
from spacy.vocab import Vocab

from spacy_mtl.data.formats.columns.conllu import read_conllu
from spacy_mtl.data.formats.columns.propbank import read_propbank
from spacy_mtl.data.formats.ewt import (
    GENRES,
    JOINED,
    LENGTH,
    MISSING,
    TAGS,
    WORDS,
    EwtFiles,
    count_outcomes,
    join_sentence,
    list_propbank,
    read_entities,
    read_split,
)
from spacy_mtl.data.writing import write_docs
from spacy_mtl.frames import read_frame_spans

from ..corpora import GIVE, GIVE_FRAMES, RUN, RUN_FRAMES, conllu, iob2, propbank, write_ewt


@pytest.fixture
def files(tmp_path):
    return EwtFiles(write_ewt(tmp_path))


def layers(tmp_path, ud_tokens, uner_tokens, propbank_tokens, frames):
    """The three layers of one sentence, each with its own tokens."""
    sent_id = "reviews-1-0001"
    (tmp_path / "ud").write_text(conllu(sent_id, ud_tokens), encoding="utf8")
    (tmp_path / "uner").write_text(iob2(sent_id, uner_tokens), encoding="utf8")
    (tmp_path / "pb").write_text(propbank("google/ewt/reviews/00/1.xml", 0, propbank_tokens, frames), encoding="utf8")
    (sentence,) = read_conllu(tmp_path / "ud")
    (roles,) = read_propbank(tmp_path / "pb")
    return sentence, read_entities(tmp_path / "uner")[sent_id], roles


def test_joins_every_layer(files):
    first, second = read_split(files, "train", Vocab())
    assert (first.entities, first.frames, first.moved) == (JOINED, JOINED, 0)
    doc = first.doc
    assert doc.text == "Mary gave Oslo hope. "
    assert [t.tag_ for t in doc] == ["NNP", "VBD", "NNP", "NN", "."]
    assert [t.pos_ for t in doc] == ["PROPN", "VERB", "PROPN", "NOUN", "PUNCT"]
    assert [t.lemma_ for t in doc] == ["mary", "gave", "oslo", "hope", "."]
    assert [(e.text, e.label_) for e in doc.ents] == [("Mary", "PER"), ("Oslo", "LOC")]
    assert doc.cats == {"answers": 0.0, "email": 0.0, "newsgroup": 0.0, "reviews": 1.0, "weblog": 0.0}
    assert [frame._replace(roles=set(frame.roles)) for frame in read_frame_spans(doc)] == [
        frame._replace(roles=set(frame.roles)) for frame in GIVE_FRAMES
    ]
    assert doc.user_data["sent_id"] == "reviews-1-0001"
    assert read_frame_spans(second.doc) == RUN_FRAMES


def test_a_doc_is_one_sentence_of_a_document(files):
    for sentence in read_split(files, "train", Vocab()):
        assert sentence.doc.has_annotation("DEP") and {token.head.i for token in sentence.doc} == {0}
        assert len(list(sentence.doc.sents)) == 1
        assert sentence.doc.user_data["sent_id"].startswith(sentence.doc.user_data["doc_id"] + "-")


def test_no_entity_is_an_annotation(files):
    _, second = read_split(files, "train", Vocab())
    assert second.doc.ents == ()
    assert second.doc.has_annotation("ENT_IOB", require_complete=True)


def test_a_document_without_roles_is_unannotated(files):
    (sentence,) = read_split(files, "test", Vocab())
    assert sentence.frames == MISSING
    assert "srl" not in sentence.doc.spans
    assert sentence.doc.cats["weblog"] == 1.0


def test_no_predicate_is_an_annotation(tmp_path):
    sentence, entities, roles = layers(tmp_path, RUN, RUN, RUN, [])
    joined = join_sentence(Vocab(), sentence, entities, roles)
    assert joined.frames == JOINED
    assert len(joined.doc.spans["srl"]) == 0


@pytest.mark.parametrize(
    "uner_tokens, outcome",
    [(GIVE, JOINED), (RUN, LENGTH), ([("Maria", *GIVE[0][1:]), *GIVE[1:]], WORDS)],
)
def test_entities_need_the_same_words(tmp_path, uner_tokens, outcome):
    sentence, entities, roles = layers(tmp_path, GIVE, uner_tokens, GIVE, GIVE_FRAMES)
    joined = join_sentence(Vocab(), sentence, entities, roles)
    assert joined.entities == outcome
    assert joined.doc.has_annotation("ENT_IOB") == (outcome == JOINED)
    assert joined.frames == JOINED


@pytest.mark.parametrize("differing, outcome", [(0, JOINED), (2, JOINED), (3, TAGS), (5, TAGS)])
def test_frames_need_more_than_half_of_the_tags(tmp_path, differing, outcome):
    others = [(word, pos, "XX" if i < differing else tag, iob) for i, (word, pos, tag, iob) in enumerate(GIVE)]
    joined = join_sentence(Vocab(), *layers(tmp_path, GIVE, GIVE, others, GIVE_FRAMES))
    assert joined.frames == outcome
    assert ("srl" in joined.doc.spans) == (outcome == JOINED)


def test_half_of_the_tags_is_too_few(tmp_path):
    others = [("Run", "VERB", "XX", "O"), RUN[1]]
    assert join_sentence(Vocab(), *layers(tmp_path, RUN, RUN, others, RUN_FRAMES)).frames == TAGS


def test_frames_need_as_many_tokens(tmp_path):
    joined = join_sentence(Vocab(), *layers(tmp_path, GIVE, GIVE, RUN, RUN_FRAMES))
    assert joined.frames == LENGTH
    assert "srl" not in joined.doc.spans


def test_missing_layers(tmp_path):
    sentence, _, _ = layers(tmp_path, GIVE, GIVE, GIVE, GIVE_FRAMES)
    joined = join_sentence(Vocab(), sentence, None, None)
    assert (joined.entities, joined.frames) == (MISSING, MISSING)
    assert not joined.doc.has_annotation("ENT_IOB")
    assert "srl" not in joined.doc.spans


def test_an_unknown_genre_is_refused(tmp_path):
    (tmp_path / "ud").write_text(conllu("poems-1-0001", RUN), encoding="utf8")
    (sentence,) = read_conllu(tmp_path / "ud")
    with pytest.raises(ValueError, match="MTL-E117.*line 1.*poems-1-0001.*found 'poems'"):
        join_sentence(Vocab(), sentence, None, None)


def test_outcomes_are_counted_by_layer(files):
    sentences = [s for split in ("train", "dev", "test") for s in read_split(files, split, Vocab())]
    assert count_outcomes(sentences) == {"entities": {JOINED: 4}, "frames": {JOINED: 3, MISSING: 1}}


def test_files_with_words_win_over_blanked_ones(files):
    blanked = list_propbank(files.propbank)
    assert sorted(blanked) == ["email-2", "reviews-1"]
    assert blanked["reviews-1"].suffix == ".gold_skel"
    words = files.propbank / "reviews" / "00" / "1.xml.gold_conll"
    words.write_text(blanked["reviews-1"].read_text(encoding="utf8"), encoding="utf8")
    assert list_propbank(files.propbank)["reviews-1"] == words


def test_a_folder_without_propbank_is_refused(tmp_path):
    with pytest.raises(FileNotFoundError, match="MTL-E116"):
        list_propbank(tmp_path)


def test_annotation_survives_the_file(files, tmp_path):
    joined = list(read_split(files, "train", Vocab()))
    assert write_docs((s.doc for s in joined), tmp_path / "out" / "train.spacy") == 2
    docs = list(DocBin().from_disk(tmp_path / "out" / "train.spacy").get_docs(Vocab()))
    for doc, sentence in zip(docs, joined):
        assert doc.text == sentence.doc.text
        assert [t.lemma_ for t in doc] == [t.lemma_ for t in sentence.doc]
        assert read_frame_spans(doc) == read_frame_spans(sentence.doc)
        assert [(e.text, e.label_) for e in doc.ents] == [(e.text, e.label_) for e in sentence.doc.ents]
        assert doc.has_annotation("ENT_IOB")
        assert sorted(doc.cats) == sorted(GENRES)
        assert doc.user_data["sent_id"] == sentence.doc.user_data["sent_id"]


def test_an_empty_split_is_an_error(tmp_path):
    files = EwtFiles(write_ewt(tmp_path, words=""))
    with pytest.raises(ValueError, match="E118.*train"):
        list(read_split(files, "train", Vocab()))
