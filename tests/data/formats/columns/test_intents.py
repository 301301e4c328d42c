import gzip

import pytest
import spacy

from spacy_mtl.data.formats.columns.intents import read_intent_docs, read_intents

FILES = {
    "seq.in": "play the slow waltz \nwake me at six\nplay  it\n",
    "seq.out": "O O B-tune I-tune \nO O O B-time\nO O\n",
    "label": "Play\nAlarm\nPlay\n",
}

NLP = spacy.blank("en")


def write(folder, **changed):
    folder.mkdir(exist_ok=True)
    for name, text in FILES.items():
        (folder / name).write_text(changed.get(name.replace(".", "_"), text), encoding="utf8")
    return folder


def test_reads_words_slots_and_intents(tmp_path):
    first, second, third = read_intents(write(tmp_path))
    assert first.place == (tmp_path / "seq.out", 1, "")
    assert first.words == ["play", "the", "slow", "waltz"]
    assert first.tags == ["O", "O", "B-tune", "I-tune"]
    assert [s.chosen for s in (first, second, third)] == [["Play"], ["Alarm"], ["Play"]]
    assert third.words == ["play", "it"]


def test_docs_hold_all_intents_and_the_slots(tmp_path):
    first, second, third = read_intent_docs(write(tmp_path), NLP)
    assert first.cats == {"Alarm": 0.0, "Play": 1.0}
    assert [(entity.start, entity.end, entity.label_) for entity in first.ents] == [(2, 4, "tune")]
    assert second.cats == {"Alarm": 1.0, "Play": 0.0}
    assert third.has_annotation("ENT_IOB") and not third.ents


def test_labels_may_come_from_another_folder(tmp_path):
    (doc, *_) = read_intent_docs(write(tmp_path), NLP, labels=["Stop", "Play", "Alarm"])
    assert doc.cats == {"Stop": 0.0, "Play": 1.0, "Alarm": 0.0}
    with pytest.raises(ValueError, match="MTL-E142.*line 2.*'Alarm'.*Play, Stop"):
        list(read_intent_docs(tmp_path, NLP, labels=["Play", "Stop"]))


def test_several_intents_of_an_utterance(tmp_path):
    write(tmp_path, label="Play#Alarm\nAlarm\nPlay\n")
    first, second, _ = read_intent_docs(tmp_path, NLP, separator="#")
    assert first.cats == {"Alarm": 1.0, "Play": 1.0}
    assert second.cats == {"Alarm": 1.0, "Play": 0.0}
    assert next(read_intents(tmp_path)).chosen == ["Play#Alarm"]


def test_slots_without_a_beginning_are_refused_or_repaired(tmp_path):
    write(tmp_path, seq_out="O O I-tune I-tune\nO O B-day I-time\nO O\n")
    with pytest.raises(ValueError, match="MTL-E107.*line 1"):
        list(read_intents(tmp_path))
    first, second, _ = read_intents(tmp_path, repair=True)
    assert first.tags == ["O", "O", "B-tune", "I-tune"]
    assert second.tags == ["O", "O", "B-day", "B-time"]


def test_compressed_files(tmp_path):
    plain = list(read_intents(write(tmp_path / "plain")))
    for name, text in FILES.items():
        (tmp_path / f"{name}.gz").write_bytes(gzip.compress(text.encode()))
    assert [s[1:] for s in read_intents(tmp_path)] == [s[1:] for s in plain]


@pytest.mark.parametrize(
    "changed, code, place, shown",
    [
        ({"label": "Play\nAlarm\n"}, "MTL-E145", "label", "found 2"),
        ({"seq_out": "O\nO O O B-time\nO O\n"}, "MTL-E145", "seq.out, line 1", "found 1"),
        ({"label": "Play\n\nPlay\n"}, "MTL-E145", "label, line 2", "an intent"),
        ({"seq_out": "O O B-tune tune\nO O O B-time\nO O\n"}, "MTL-E106", "seq.out, line 1", "'tune'"),
    ],
)
def test_files_that_do_not_go_together_are_refused(tmp_path, changed, code, place, shown):
    write(tmp_path, **changed)
    with pytest.raises(ValueError, match=code) as error:
        list(read_intents(tmp_path))
    assert f"{tmp_path / place}" in str(error.value)
    assert shown in str(error.value)


def test_a_missing_file_is_named(tmp_path):
    write(tmp_path)
    (tmp_path / "label").unlink()
    with pytest.raises(FileNotFoundError, match="MTL-E101.*label"):
        list(read_intents(tmp_path))
