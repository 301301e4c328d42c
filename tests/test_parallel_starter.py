"""The parallel starter corpus is what its page says."""

from pathlib import Path

import pytest
import spacy

from spacy_mtl.data.formats.converting import read_docs
from spacy_mtl.data.formats.remarks import Remarks
from spacy_mtl.translations import get_translations

FOLDER = Path(__file__).parents[1] / "corpora" / "starter-parallel"
SPLITS = ("train", "dev", "test")


@pytest.fixture(scope="module")
def pairs():
    found, remarks = {}, Remarks()
    for split in SPLITS:
        docs = read_docs([FOLDER / f"{split}.tsv"], "parallel", spacy.blank("en"), target_lang="de", remarks=remarks)
        found[split] = [(doc.text, get_translations(doc)["de"]) for doc in docs]
    assert not remarks.left_out
    return found


def test_the_readme_has_the_counts(pairs):
    text = (FOLDER / "README.md").read_text(encoding="utf8")
    counts = [len(pairs[split]) for split in SPLITS]
    assert f"| pairs | {' | '.join(map(str, counts))} |" in text and f"{sum(counts):,} pairs" in text
    rows = [line.strip("| ").split(" | ") for line in text.splitlines() if line.startswith("| ")]
    kinds = {row[0]: [int(count) for count in row[1:]] for row in rows if row[-1].isdigit()}
    assert [sum(both) for both in zip(kinds["everyday sentences"], kinds["scenes"])] == counts


def test_no_sentence_comes_twice(pairs):
    for side in (0, 1):
        sentences = [pair[side] for split in SPLITS for pair in pairs[split]]
        assert len(set(sentences)) == len(sentences), {s for s in sentences if sentences.count(s) > 1}


def test_sides_end_alike(pairs):
    for english, german in (pair for split in SPLITS for pair in pairs[split]):
        assert english[0].isupper() and german[0].isupper()
        assert english[-1] in ".?!" and german[-1] == english[-1], (english, german)
