import json

import pytest
import spacy

from ...fuzzing import check_conversion, fuzz
from .test_markup import TEXT

NLP = spacy.blank("en")
OBJECTS = [
    {"id": 3, "text": "Ada left.", "label": "news", "spans": [{"start": 0, "end": 3, "label": "PER"}], "meta": {}},
    {"text": "Bo stayed.", "labels": ["news", "calm"], "entities": [[0, 2, "PER"]], "id": None},
    {"tokens": ["We", "ca", "n't"], "cats": {"calm": 0.25, "short": True}, "spans": []},
    {"tokens": [{"text": "Hm", "start": 0, "end": 2}, {"start": 2, "end": 3}], "text": "Hm.", "label": 1},
    {"text": "rain", "options": [{"id": "wet"}], "accept": ["wet"], "answer": "accept", "_view_id": "choice"},
    {"text": "sun", "label": "wet", "answer": "reject", "_view_id": "classification"},
]
SEEDS = {
    "csv": {
        "header": 'id,text,label\n7,"Rain, again",bad\n8,Sun!,good\n9,"He said ""no""\nand left",\n',
        "values": "comment,calm,short,text\none,1,0.25,a\ntwo,,0,b\n",
        "plain": "it rains,0\nthe sun is out,1\n",
    },
    "tsv": {
        "plain": "it rains\t0\nthe sun is out\t1\n",
        "quoted": 'text\tlabel\n"She said ""stop"""\tx\n"a\tb"\ty\nplain\tx\n',
    },
    "jsonl": {"objects": "\n".join(json.dumps(item) for item in OBJECTS), "one": json.dumps(OBJECTS[0])},
    "markup": {"starter": TEXT},
}
OPTIONS = {"values": {"label_columns": ["calm", "short"], "text_column": "text"}}


def read(folder, format, name, data, skip_bad=False):
    check_conversion(folder / "a.txt", data, format, NLP, skip_bad=skip_bad, **OPTIONS.get(name, {}))


def fuzz_format(folder, format, count, seed=0):
    seeds = {name: text.encode("utf8") for name, text in SEEDS[format].items()}
    failures = fuzz(seeds, lambda name, data: read(folder, format, name, data), count, seed)
    return failures + fuzz(seeds, lambda name, data: read(folder, format, name, data, True), count // 3, seed)


@pytest.mark.parametrize("format", SEEDS)
def test_seeds_are_good(tmp_path, format):
    for name, text in SEEDS[format].items():
        read(tmp_path, format, name, text.encode("utf8"))


@pytest.mark.parametrize("format", SEEDS)
def test_damaged_files_are_read_or_refused_with_a_code(tmp_path, format):
    assert fuzz_format(tmp_path, format, 150) == []
