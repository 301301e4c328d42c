"""The starter corpus keeps its own rules, and the checker finds what breaks them."""

import importlib.util
import shutil
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

ROOT = Path(__file__).parents[1]
STARTER = ROOT / "corpora" / "starter"


pytestmark = pytest.mark.usefixtures("all_exceptions")


@pytest.fixture(scope="module")
def checker():
    spec = importlib.util.spec_from_file_location("check_starter", ROOT / "scripts" / "check_starter.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def check(checker):
    app = typer.Typer()
    app.command()(checker.main)
    return lambda folder: CliRunner().invoke(app, [str(folder)])


@pytest.fixture
def copy(tmp_path):
    # The rules are the same in a smaller corpus, which is read in a third of the time.
    shutil.copytree(STARTER, tmp_path / "starter", ignore=shutil.ignore_patterns("*-opinions.txt"))
    return tmp_path / "starter"


def test_the_corpus_keeps_the_rules(check):
    result = check(STARTER)
    assert result.exit_code == 0, result.output
    assert "no fault" in result.output


def test_the_readme_has_the_counts(checker):
    text = (STARTER / "README.md").read_text(encoding="utf8")
    sentences = list(checker.read(STARTER))
    assert f"{len(sentences):,} English sentences" in text
    counts = [sum(sentence.split == split for sentence in sentences) for split in checker.SPLITS]
    assert f"| sentences | {counts[0]:,} | {counts[1]:,} | {counts[2]:,} |" in text
    frames = [sum(len(s.markup.frames) for s in sentences if s.split == split) for split in checker.SPLITS]
    rolesets = [
        len({frame.predicate.label for s in sentences if s.split == split for frame in s.markup.frames})
        for split in checker.SPLITS
    ]
    row = " | ".join(f"{n:,} ({different})" for n, different in zip(frames, rolesets))
    assert f"| frames (different rolesets) | {row} |" in text


def add(copy, split, text):
    path = copy / split / "chat.txt"
    path.write_text(path.read_text(encoding="utf8") + text, encoding="utf8")


@pytest.mark.parametrize(
    "text, found",
    [
        ("\n# doc new\n\nneutral | [NAME Bo] sleeps.\n", "no entity label: NAME"),
        ("\n# doc new\n\nneutral | Bo sleeps.\n  | [ARG0 Bo] [sleep.1 sleeps].\n", "no roleset: sleep.1"),
        ("\n# doc new\n\nneutral | Bo sleeps.\n  | [AGENT Bo] [sleep.01 sleeps].\n", "no role: AGENT"),
        (
            "\n# doc new\n\nneutral | Bo saw Al go.\n  | Bo [see.01 saw] [ARG1 Al] [ARG1 go].\n",
            "ARG1 2 times",
        ),
        ("\n# doc new\n\nglad | Bo sleeps.\n", "E135"),
        ("\n# doc new\n\nneutral | [PER B]o sleeps.\n", "E138"),
        ("\n# doc chat-01\n\nneutral | Bo sleeps a lot.\n", "chat-01 is in test, train"),
    ],
)
def test_what_breaks_a_rule_is_found(check, copy, text, found):
    add(copy, "test", text)
    result = check(copy)
    assert result.exit_code == 1
    assert found in result.output


def test_sentences_that_are_nearly_the_same(check, copy):
    add(copy, "train", "\n# doc a\n\nneutral | My old green bike stands behind the shed of Omar.\n")
    add(copy, "test", "\n# doc b\n\nneutral | My old green bike stands behind the shed of Nils.\n")
    result = check(copy)
    assert result.exit_code == 1 and "of the words of" in result.output


def test_a_sentence_that_comes_twice(check, copy):
    add(copy, "dev", "\n# doc a\n\nneutral | Bo sleeps a  lot.\n\nneutral | bo sleeps a lot.\n")
    assert "the sentence of" in check(copy).output
