import json

import pytest
import spacy
from hypothesis import given, settings
from hypothesis import strategies as st

from spacy_mtl.data.formats.docs import TextSpan
from spacy_mtl.data.formats.remarks import Remarks
from spacy_mtl.data.formats.texts.jsonl import read_jsonl, read_jsonl_docs

NLP = spacy.blank("en")


def write(folder, *objects):
    path = folder / "a.jsonl"
    lines = [line if isinstance(line, str) else json.dumps(line) for line in objects]
    path.write_text("\n".join(lines) + "\n", encoding="utf8")
    return path


def test_reads_every_field(tmp_path):
    path = write(
        tmp_path,
        {"id": 3, "text": "Ada left.", "label": "news", "spans": [{"start": 0, "end": 3, "label": "PER"}], "meta": {}},
        "",
        {"text": "Bo stayed.", "labels": ["news", "calm"], "entities": [[0, 2, "PER"]], "id": None},
        {"tokens": ["We", "ca", "n't"], "cats": {"calm": 0.25, "short": True}, "spans": []},
        {"tokens": [{"text": "Hm", "id": 0}, {"text": "."}], "text": "Hm.", "label": 1},
    )
    first, second, third, fourth = read_jsonl(path)
    assert first[1:] == ("Ada left.", None, ["news"], {}, [TextSpan("PER", 0, 3)], "3", True, None)
    assert first.place == f"{path}, line 1, sentence '3'"
    assert second[1:] == ("Bo stayed.", None, ["news", "calm"], {}, [TextSpan("PER", 0, 2)], "", True, None)
    assert second.place == f"{path}, line 3, sentence '?'"
    assert third[1:] == ("We ca n't", ["We", "ca", "n't"], None, {"calm": 0.25, "short": 1.0}, [], "", True, None)
    assert fourth[1:] == ("Hm.", ["Hm", "."], ["1"], {}, None, "", True, None)


def test_docs_tell_what_is_empty_from_what_is_unknown(tmp_path):
    path = write(
        tmp_path,
        {"text": "Ada left Rome.", "label": "news", "spans": [{"start": 9, "end": 13, "label": "LOC"}]},
        {"text": "Hm.", "label": "talk"},
        {"text": "Calm.", "spans": []},
        {"text": "Short.", "cats": {"calm": 0.5}},
        {"text": "Both.", "labels": []},
    )
    docs = list(read_jsonl_docs(path, NLP))
    assert [doc.cats for doc in docs] == [
        {"news": 1.0, "talk": 0.0},
        {"news": 0.0, "talk": 1.0},
        {},
        {"calm": 0.5},
        {"news": 0.0, "talk": 0.0},
    ]
    assert [(entity.text, entity.label_) for entity in docs[0].ents] == [("Rome", "LOC")]
    assert [doc.has_annotation("ENT_IOB") for doc in docs] == [True, False, True, False, False]


def test_tokens_of_the_file_are_kept(tmp_path):
    tokens = ["sit-down", ",", "n't"]
    path = write(tmp_path, {"tokens": tokens, "text": "sit-down,  n't", "label": "x"}, {"tokens": tokens, "label": "x"})
    first, second = read_jsonl_docs(path, NLP)
    assert first.text == "sit-down,  n't"
    assert [token.text for token in first if not token.is_space] == tokens
    assert second.text == "sit-down , n't"
    assert [token.text for token in second] == tokens


def test_split_words_and_spans_in_characters(tmp_path):
    span = {"start": 5, "end": 13, "label": "X"}
    path = write(tmp_path, {"text": "we d sit-down", "label": "x", "spans": [span]}, {"text": "sit-down", "label": "x"})
    first, second = read_jsonl_docs(path, NLP, split_words=True)
    assert [entity.text for entity in first.ents] == ["sit-down"]
    assert [token.text for token in second] == ["sit-down"]


@settings(deadline=None)
@given(st.lists(st.sampled_from(["Ada", "can't", "U.S.", "10am", "e-mail", "?"]), min_size=1, max_size=6), st.data())
def test_spans_of_tokens_come_back_as_entities(tmp_path_factory, words, data):
    text = " ".join(words)
    tokens = NLP.make_doc(text)
    start = data.draw(st.integers(0, len(tokens) - 1))
    end = data.draw(st.integers(start + 1, len(tokens)))
    span = tokens[start:end]
    path = write(tmp_path_factory.mktemp("jsonl"), {"text": text, "spans": [[span.start_char, span.end_char, "X"]]})
    (doc,) = read_jsonl_docs(path, NLP)
    assert [(entity.start, entity.end, entity.label_) for entity in doc.ents] == [(start, end, "X")]


GOOD = {"text": "fine", "label": "x"}


@pytest.mark.parametrize(
    "line, code, shown",
    [
        ('{"text": "cut', "MTL-E140", "Unterminated string"),
        ("[1, 2]", "MTL-E140", "a JSON object"),
        ({"label": "x"}, "MTL-E140", "'text' or 'tokens'"),
        ({"text": "  ", "label": "x"}, "MTL-E140", "'text' or 'tokens'"),
        ({"text": "one", "lable": "x"}, "MTL-E140", "'lable'"),
        ({"text": "one", "label": None}, "MTL-E140", "one of the fields"),
        ({"text": 5, "label": "x"}, "MTL-E141", "'text' to be a string"),
        ({"text": "one", "label": {"x": 1}}, "MTL-E141", "'label' to be a string"),
        ({"text": "one", "label": " "}, "MTL-E141", "'label' to be a string"),
        ({"text": "one", "label": ["x", 0.5]}, "MTL-E141", "'label' to be a string"),
        ({"text": "one", "label": [[0, 1, "X"], "x"]}, "MTL-E141", "'label' to be a list of spans"),
        ({"text": "one", "answer": "maybe"}, "MTL-E141", "accept, reject, ignore"),
        ({"text": "one", "accept": "x"}, "MTL-E141", "'accept' to be a list"),
        ({"text": "one", "accept": ["z"], "options": [{"id": "x"}]}, "MTL-E141", "among the options x"),
        ({"text": "one", "accept": ["x"], "options": [{"text": "x"}]}, "MTL-E141", "'options'"),
        ({"text": "one", "spans": [[0.0, 3, "X"]]}, "MTL-E141", "'spans'"),
        ({"text": "one", "spans": [[True, 3, "X"]]}, "MTL-E141", "'spans'"),
        ({"text": "one", "cats": {"": 1}}, "MTL-E141", "'cats'"),
        ('{"text": "one", "cats": {"x": NaN}}', "MTL-E143", "NaN"),
        ('{"text": "one", "id": ' + "9" * 5000 + "}", "MTL-E140", "digits"),
        ('{"text": "one \\ud800", "label": "x"}', "MTL-E126", "half of one"),
        ('{"text": "one", "label": "\\udc00x"}', "MTL-E126", "half of one"),
        ({"text": "one", "labels": "x"}, "MTL-E141", "'labels' to be a list"),
        ({"text": "one", "labels": [["x"]]}, "MTL-E141", "'labels' to be a list of spans"),
        ({"text": "one", "labels": [None]}, "MTL-E141", "'labels' to be a list of strings"),
        ({"text": "one", "cats": ["x"]}, "MTL-E141", "'cats'"),
        ({"text": "one", "cats": {"x": 1.5}}, "MTL-E143", "'1.5'"),
        ({"text": "one", "cats": {"x": "1"}}, "MTL-E143", "label 'x'"),
        ({"text": "one", "spans": {"start": 0}}, "MTL-E141", "'spans' to be a list"),
        ({"text": "one", "spans": [{"start": 0, "end": 3}]}, "MTL-E141", "'start', 'end', 'label'"),
        ({"text": "one", "entities": [["0", 3, "X"]]}, "MTL-E141", "'entities'"),
        ({"tokens": ["one", 2], "label": "x"}, "MTL-E141", "'tokens'"),
        ({"text": "one", "label": "x", "id": "a"}, "MTL-E137", "line 1"),
    ],
)
def test_bad_lines_name_file_and_line(tmp_path, line, code, shown):
    path = write(tmp_path, {**GOOD, "id": "a"}, GOOD, line)
    with pytest.raises(ValueError, match=code) as error:
        list(read_jsonl(path))
    assert f"{path}, line 3, sentence" in str(error.value)
    assert shown in str(error.value)


@pytest.mark.parametrize(
    "line, code, shown",
    [
        ({"text": "isn't it", "spans": [[0, 4, "X"]]}, "MTL-E138", "'is' 'n't' 'it'"),
        ({"text": "one", "spans": [[0, 9, "X"]]}, "MTL-E138", "'one' (X, characters 0-9)"),
        ({"text": "one", "spans": [[2, 2, "X"]]}, "MTL-E138", "characters 2-2"),
        ({"text": "one", "spans": [[-3, 3, "X"]]}, "MTL-E138", "characters -3-3"),
        ({"text": "one", "spans": [[0, 10**30, "X"]]}, "MTL-E138", "characters 0-1000"),
        ({"text": "x" * 1_000_001, "label": "x"}, "MTL-E126", "1,000,001 characters"),
        ({"text": "one two", "spans": [[4, 7, "X"], [0, 7, "Y"]]}, "MTL-E138", "overlaps 'one two'"),
        ({"text": "one two", "tokens": ["one", "three"], "label": "x"}, "MTL-E141", "the words of the text"),
    ],
)
def test_what_does_not_fit_the_text_is_refused(tmp_path, line, code, shown):
    path = write(tmp_path, GOOD, line)
    with pytest.raises(ValueError, match=code) as error:
        list(read_jsonl_docs(path, NLP))
    assert f"{path}, line 2, sentence" in str(error.value)
    assert shown in str(error.value)


def test_only_what_prodigy_accepts_is_gold(tmp_path):
    span = {"start": 0, "end": 3, "label": "PER", "token_start": 0, "token_end": 0}
    options = [{"id": "calm", "text": "Calm"}, {"id": "short", "text": "Short"}]
    path = write(
        tmp_path,
        {"text": "Ada left", "spans": [span], "answer": "accept", "_view_id": "ner_manual"},
        {"text": "Bo left", "spans": [span], "answer": "reject", "_view_id": "ner_manual"},
        {"text": "Cy left", "spans": [span], "answer": "ignore"},
        {"text": "Dee left", "spans": [span], "answer": "accept", "_view_id": "ner"},
        {"text": "calm", "options": options, "accept": ["calm"], "answer": "accept", "_view_id": "choice"},
        {"text": "neither", "options": options, "accept": [], "answer": "accept", "_view_id": "choice"},
        {"text": "rain", "label": "WET", "answer": "accept", "_view_id": "classification"},
        {"text": "sun", "label": "WET", "answer": "reject", "_view_id": "classification"},
        {"text": "fog", "label": "WET", "answer": "reject"},
        {"text": "two", "accept": ["short"], "answer": "accept"},
    )
    remarks = Remarks()
    docs = {doc.text: doc for doc in read_jsonl_docs(path, NLP, remarks=remarks)}
    assert list(docs) == ["Ada left", "Dee left", "calm", "neither", "rain", "sun", "two"]
    assert [token.ent_iob for token in docs["Ada left"]] == [3, 2]
    assert [token.ent_iob for token in docs["Dee left"]] == [3, 0]
    assert docs["calm"].cats == {"calm": 1.0, "short": 0.0}
    assert docs["neither"].cats == {"calm": 0.0, "short": 0.0}
    assert (docs["rain"].cats, docs["sun"].cats) == ({"WET": 1.0}, {"WET": 0.0})
    assert docs["two"].cats == {"short": 1.0}
    assert remarks.left_out == {'"answer": "reject"': 2, '"answer": "ignore"': 1}
    assert "line 2" in remarks.first['"answer": "reject"'][0]


def test_what_doccano_writes(tmp_path):
    entity = {"id": 7, "label": "PER", "start_offset": 0, "end_offset": 3}
    path = write(
        tmp_path,
        {"id": 1, "text": "Ada left", "label": [[0, 3, "PER"]]},
        {"id": 2, "text": "Bo left", "labels": [[0, 2, "PER"]]},
        {"id": 3, "text": "rain", "label": []},
        {"id": 4, "text": "Cyd left", "entities": [entity], "relations": []},
        {"id": 5, "text": "Dee left", "label": [entity]},
    )
    docs = list(read_jsonl_docs(path, NLP))
    assert [[entity.text for entity in doc.ents] for doc in docs] == [["Ada"], ["Bo"], [], ["Cyd"], ["Dee"]]
    assert all(doc.has_annotation("ENT_IOB") and not doc.cats for doc in docs)
    docs = list(read_jsonl_docs(write(tmp_path, {"text": "a", "label": ["x", "y"]}, {"text": "b", "label": []}), NLP))
    assert [doc.cats for doc in docs] == [{"x": 1.0, "y": 1.0}, {"x": 0.0, "y": 0.0}]


def test_what_spacy_writes(tmp_path):
    doc = NLP.make_doc("Ada can't stay")
    doc.set_ents([doc.char_span(0, 3, "PER")], default="outside")
    doc.cats = {"sad": 1.0}
    path = write(tmp_path, doc.to_json(), ["Bo left", {"entities": [[0, 2, "PER"]]}])
    first, second = read_jsonl_docs(path, NLP)
    assert [token.text for token in first] == ["Ada", "ca", "n't", "stay"] and first.cats == {"sad": 1.0}
    assert [(e.text, e.label_) for e in (*first.ents, *second.ents)] == [("Ada", "PER"), ("Bo", "PER")]


def test_bad_lines_can_be_skipped(tmp_path):
    path = write(tmp_path, GOOD, "{", {"text": "one"}, {"text": "isn't", "spans": [[0, 4, "X"]]}, GOOD)
    remarks = Remarks(skip_bad=True)
    assert len(list(read_jsonl_docs(path, NLP, remarks=remarks))) == 2
    assert [message[:10] for message in remarks.first["bad"]] == ["[MTL-E140]", "[MTL-E140]", "[MTL-E138]"]


SPAN = {"start": 0, "end": 3, "label": "PER"}
ACCEPTED = {"text": "Ada left", "answer": "accept"}


def test_the_label_of_spans_that_prodigy_asks_about_is_no_category(tmp_path):
    path = write(tmp_path, {**ACCEPTED, "spans": [SPAN], "label": "PER", "_view_id": "ner"}, {**GOOD, "label": "PER"})
    asked, named = read_jsonl_docs(path, NLP)
    assert [entity.label_ for entity in asked.ents] == ["PER"]
    assert (asked.cats, named.cats) == ({}, {"PER": 1.0})


@pytest.mark.parametrize(
    "view, binary, complete", [("ner", False, False), ("ner_manual", True, False), ("ner_manual", False, True)]
)
def test_an_answer_about_one_entity_leaves_the_others_open(tmp_path, view, binary, complete):
    (doc,) = read_jsonl_docs(
        write(tmp_path, {**ACCEPTED, "spans": [SPAN], "_view_id": view, "_is_binary": binary}), NLP
    )
    assert (doc[1].ent_iob_ == "O") == complete


def test_an_accepted_text_without_spans_has_none_where_all_are_marked(tmp_path):
    (doc,) = read_jsonl_docs(write(tmp_path, {**ACCEPTED, "_view_id": "ner_manual"}), NLP)
    assert doc.has_annotation("ENT_IOB") and not doc.ents
    with pytest.raises(ValueError, match="MTL-E140"):
        list(read_jsonl_docs(write(tmp_path, {**ACCEPTED, "_view_id": "classification"}), NLP))


def test_annotation_that_is_not_read_is_counted(tmp_path):
    remarks = Remarks()
    stored = {**ACCEPTED, "ents": [SPAN], "spans": {"sc": [SPAN]}, "relations": [{"head": 1, "child": 0}]}
    (doc,) = read_jsonl_docs(write(tmp_path, stored), NLP, remarks=remarks)
    assert len(doc.ents) == 1
    with pytest.warns(UserWarning, match="W174.*2 objects.*'spans'.*line 1"):
        remarks.warn_counted()


def test_entities_under_two_names_must_agree_and_the_same_one_counts_once(tmp_path):
    (doc,) = read_jsonl_docs(write(tmp_path, {**ACCEPTED, "spans": [SPAN, {**SPAN, "label": "PER "}]}), NLP)
    assert [entity.label_ for entity in doc.ents] == ["PER"]
    with pytest.raises(ValueError, match="MTL-E141.*'entities'.*the same as 'spans'"):
        list(read_jsonl_docs(write(tmp_path, {**ACCEPTED, "spans": [], "entities": [SPAN]}), NLP))


def test_blanks_around_a_label_make_no_other_label(tmp_path):
    docs = list(read_jsonl_docs(write(tmp_path, {"text": "a", "label": "x "}, {"text": "b", "labels": ["x"]}), NLP))
    assert [doc.cats for doc in docs] == [{"x": 1.0}, {"x": 1.0}]


def test_votes_become_shares(tmp_path):
    path = write(
        tmp_path,
        {"text": "Boats!", "votes": {"joy": 3, "anger": 1}},
        {"text": "Rain", "votes": ["anger", "fear", "anger", "anger"]},
        {"text": "Hm", "votes": {"joy": 0}},
    )
    docs = list(read_jsonl_docs(path, NLP))
    assert [doc.cats for doc in docs] == [
        {"anger": 0.25, "fear": 0.0, "joy": 0.75},
        {"anger": 0.75, "fear": 0.25, "joy": 0.0},
        {},
    ]


@pytest.mark.parametrize("votes,code", [({"joy": 0.5}, "E154.*'joy'.*'0.5'"), ({"joy": True}, "E154"), (3, "E141")])
def test_what_is_no_vote(tmp_path, votes, code):
    with pytest.raises(ValueError, match=code):
        list(read_jsonl(write(tmp_path, {"text": "Boats!", "votes": votes})))
