import warnings

import numpy
import pytest
import spacy
import srsly
from spacy.tokens import Doc
from spacy.training import Example

from spacy_mtl.data.texts import join_sentences
from spacy_mtl.frames import set_frames
from spacy_mtl.pipeline.sentences import SentenceFinder
from spacy_mtl.pipeline.srl.gold import count_cut_arguments
from spacy_mtl.types import FrameSpans, RoleSpan

from .test_component import SENTENCES, SMALL_MODEL, make_examples, offsets, train

TEXT = " ".join(text for text, _ in SENTENCES)
STARTS = [0, 8, 15, 20, 25]


@pytest.fixture(scope="module")
def trained():
    nlp = spacy.blank("en")
    nlp.add_pipe("mtl_srl", config={"model": SMALL_MODEL})
    train(nlp)
    return nlp


def make_doc(nlp, starts=None):
    words = TEXT.split()
    return Doc(nlp.vocab, words=words, sent_starts=starts and [i in starts for i in range(len(words))])


def test_a_text_of_several_sentences_needs_no_borders(trained):
    found = offsets(trained(make_doc(trained)))
    assert len(found) > 3
    bounds = [*STARTS, len(TEXT.split())]
    for frame in found:
        start = max(start for start in bounds if start <= frame.start)
        end = min(end for end in bounds if end > frame.start)
        assert all(start <= role.start and role.end <= end for role in frame.roles)
    assert found == offsets(trained(make_doc(trained, STARTS)))
    assert not trained(make_doc(trained)).has_annotation("SENT_START"), "the borders stay with the component"


def test_borders_of_the_doc_win(trained):
    whole = offsets(trained(make_doc(trained, [0])))
    assert whole != offsets(trained(make_doc(trained, STARTS)))


def test_a_component_before_gives_the_borders(trained):
    with trained.select_pipes(enable=["mtl_srl"]):
        trained.add_pipe("sentencizer", first=True, config={"punct_chars": ["~"]})
        try:
            doc = trained(make_doc(trained))
        finally:
            trained.remove_pipe("sentencizer")
    assert len(list(doc.sents)) == 1
    assert offsets(doc) == offsets(trained(make_doc(trained, [0])))


def test_without_a_rule_one_warning(trained):
    pipe = trained.get_pipe("mtl_srl")
    pipe.cfg["borders"] = "doc"
    try:
        with pytest.warns(UserWarning, match="W510") as caught:
            found = [offsets(doc) for doc in trained.pipe([make_doc(trained) for _ in range(3)])]
        assert len([warning for warning in caught if "W510" in str(warning.message)]) == 1
        assert found[0] == offsets(trained(make_doc(trained, [0])))
    finally:
        pipe.cfg["borders"] = "punctuation"


def test_an_unknown_rule():
    with pytest.raises(ValueError, match="E510"):
        spacy.blank("en").add_pipe("mtl_srl", config={"borders": "guess"})


def test_a_pipeline_saved_before_the_setting_was(trained, tmp_path):
    trained.to_disk(tmp_path)
    config = spacy.util.load_config(tmp_path / "config.cfg")
    del config["components"]["mtl_srl"]["borders"]
    config.to_disk(tmp_path / "config.cfg")
    settings = srsly.read_json(tmp_path / "mtl_srl" / "cfg")
    del settings["borders"]
    srsly.write_json(tmp_path / "mtl_srl" / "cfg", settings)
    loaded = spacy.load(tmp_path)
    assert offsets(loaded(make_doc(loaded))) == offsets(trained(make_doc(trained)))


def test_gold_borders_decide_in_training(trained):
    finder = trained.get_pipe("mtl_srl")._sentences
    gold = make_doc(trained, [0, 5, 20])
    assert finder.find_gold(Example(make_doc(trained), gold)).tolist() == [0, 5, 20]
    assert finder.find_gold(Example(make_doc(trained), make_doc(trained))).tolist() == STARTS
    assert finder.find_gold(Example(make_doc(trained, [0, 8]), make_doc(trained))).tolist() == [0, 8]


def test_gold_borders_on_other_tokens(trained):
    finder = trained.get_pipe("mtl_srl")._sentences
    gold = Doc(
        trained.vocab, words=["Go", ".", "Stay", "!"], spaces=[False, True, False, False], sent_starts=[1, -1, 1, -1]
    )
    predicted = Doc(trained.vocab, words=["G", "o.", "St", "ay", "!"], spaces=[False, True, False, False, False])
    assert finder.find_gold(Example(predicted, gold)).tolist() == [0, 2]
    merged = Doc(trained.vocab, words=["Go. Stay", "!"], spaces=[False, False])
    assert finder.find_gold(Example(merged, gold)).tolist() == [0]


@pytest.mark.parametrize("starts", [None, [0, 3], [0, 3, 5]])
def test_arguments_outside_their_sentence_are_counted_and_left_open(starts):
    nlp = spacy.blank("en")
    pipe = nlp.add_pipe("mtl_srl", config={"model": SMALL_MODEL})
    frames = [FrameSpans(1, 2, "see.01", (RoleSpan("ARG0", 0, 1), RoleSpan("ARG1", 2, 5), RoleSpan("ARGM-TMP", 5, 6)))]
    words = ["Ana", "saw", ".", "Tom", "there", "now"]
    gold = Doc(nlp.vocab, words=words, sent_starts=starts and [i in starts for i in range(len(words))])
    set_frames(gold, frames)
    example = Example(Doc(nlp.vocab, words=words), gold)
    with pytest.warns(UserWarning, match="W511.* 2 of the 17 arguments"):
        optimizer = nlp.initialize(lambda: [example, *make_examples(nlp.vocab)])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        loss = nlp.update([example], sgd=optimizer)["mtl_srl"]
    assert numpy.isfinite(loss) and loss > 0
    collected = pipe._collect_gold([example])
    assert collected.windows.tokens.tolist() == [0, 1, 2]
    roles = pipe.predictor.scheme
    assert collected.tags.tolist() == [roles.begin(roles.roles.index("ARG0")), roles.begin(roles.roles.index("V")), -1]


def test_nothing_is_counted_where_all_fits(trained):
    finder = SentenceFinder("srl", {"borders": "punctuation"})
    assert count_cut_arguments(make_examples(trained.vocab), finder, "srl")[0] == 0


def test_a_text_of_several_docs_learns_what_its_docs_do():
    """Gold borders make the windows of a joined text those of its sentences."""
    nlp = spacy.blank("en")
    pipe = nlp.add_pipe("mtl_srl", config={"model": SMALL_MODEL})
    docs = [example.reference for example in make_examples(nlp.vocab)]
    text = join_sentences(docs)
    train(nlp, steps=1)
    alone = pipe._collect_gold(make_examples(nlp.vocab))
    joined = pipe._collect_gold([Example(Doc(nlp.vocab, words=[token.text for token in text]), text)])
    assert joined.windows.tokens.tolist() == alone.windows.tokens.tolist()
    assert joined.tags.tolist() == alone.tags.tolist()
