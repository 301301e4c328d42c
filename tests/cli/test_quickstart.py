import json
import os
import re
import shlex
import subprocess
import sys

import pytest
import spacy
from typer.testing import CliRunner

from spacy_mtl.cli.app import app
from spacy_mtl.data.writing import write_docs
from spacy_mtl.translations import get_translations

QUICK = ["--training.max_steps", "2", "--components.tok2vec.model.encode.width", "32"]
MADE = {"quickstart.json", "corpus", "config.cfg", "model-best", "metrics.json", "page.html"}


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["spacy"])
    return tmp_path


def write_table(path, n=30, label=lambda i: ("ask", "buy", "thank")[i % 3], header="message,wish"):
    rows = [f"Text number {i} wants to {label(i)},{label(i)}\n" for i in range(n)]
    path.write_text(f"{header}\n" + "".join(rows), encoding="utf8")


def write_people(path, n=24):
    lines = [{"text": f"Ana {i} lives in Oslo.", "label": [[0, 3, "PER"]] * (i > 2)} for i in range(n)]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf8")


def run(*arguments):
    done = CliRunner().invoke(app, ["quickstart", *map(str, arguments), *QUICK])
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done


def by_hand(printed):
    return [shlex.split(line.removeprefix("By hand: ")) for line in printed.splitlines() if line.startswith("By hand")]


def test_a_table_becomes_a_pipeline_and_the_plain_commands_do_the_same(folder):
    write_table(folder / "mails.csv")
    done = run("mails.csv", "-o", "out")
    assert done.exit_code == 0, done.output
    assert {path.name for path in (folder / "out").iterdir()} == MADE
    nlp = spacy.load("out/model-best")
    assert set(nlp("Text number 3 wants to buy").cats) == {"ask", "buy", "thank"}
    assert 0 <= json.loads((folder / "out" / "metrics.json").read_text())["textcat_acc"] <= 1
    assert "mails.csv (csv): 18 train, 6 dev, 6 test" in done.output
    assert "Text number" in (folder / "out" / "page.html").read_text(encoding="utf8")
    commands = by_hand(done.output)
    assert [command[3 if command[3] != "mtl" else 4] for command in commands] == [
        *("convert", "inspect", "init-config", "train", "evaluate", "show")
    ]
    (folder / "out").rename(folder / "first")
    # train is spaCy's own, and tested beside `train_limited`
    for command in commands[:3]:
        assert CliRunner().invoke(app, command[4:]).exit_code == 0
    for name in ("train", "dev", "test"):
        one, other = (spacy.tokens.DocBin().from_disk(f"{top}/corpus/{name}.spacy") for top in ("first", "out"))
        assert [doc.text for doc in one.get_docs(nlp.vocab)] == [doc.text for doc in other.get_docs(nlp.vocab)]
    made, expected = ((folder / top / "config.cfg").read_text().split("\n", 1)[1] for top in ("out", "first"))
    assert made == expected


def test_sources_with_their_own_tasks_are_trained_together(folder):
    write_table(folder / "mails.csv")
    write_table(folder / "moods.csv", label=lambda i: ("glad", "sad")[i % 2])
    write_people(folder / "people.jsonl")
    done = run("mails.csv", "moods.csv", "names=people.jsonl", "--lang", "xx", "--text-column", "message", "-m", "0.2")
    assert done.exit_code == 0, done.output
    nlp = spacy.load("quickstart/model-best")
    assert nlp.lang == "xx" and nlp.pipe_names == ["tok2vec", "mails", "moods", "ner"]
    assert nlp.get_pipe("moods").labels == ("glad", "sad")
    assert set(json.loads((folder / "quickstart" / "metrics.json").read_text())) == {"mails", "moods", "names"}
    assert "spacy mtl compare" in done.output


def test_the_same_command_goes_on_and_another_is_refused_until_it_is_forced(folder, monkeypatch):
    write_table(folder / "mails.csv")
    with monkeypatch.context() as patched:
        patched.setattr("spacy_mtl.cli.quickstart.quickstart.train_limited", lambda *args, **kwargs: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            CliRunner().invoke(app, ["quickstart", "mails.csv", *QUICK], catch_exceptions=False)
    assert not (folder / "quickstart" / "model-best").exists()
    done = run("mails.csv")
    assert done.exit_code == 0 and "Done before: quickstart/corpus" in done.output.replace("\\", "/")
    before = (folder / "quickstart" / "model-best" / "meta.json").stat().st_mtime_ns
    assert run("mails.csv").exit_code == 0
    assert (folder / "quickstart" / "model-best" / "meta.json").stat().st_mtime_ns == before
    write_table(folder / "mails.csv", n=33)
    done = run("mails.csv", "--seed", "1")
    assert done.exit_code == 1 and "MTL-E792" in done.output and "corpus mails, seed" in " ".join(done.output.split())
    (folder / "quickstart" / "mine.txt").write_text("mine")
    assert run("mails.csv", "--seed", "1", "--force").exit_code == 0
    assert (folder / "quickstart" / "mine.txt").read_text() == "mine"
    assert (folder / "quickstart" / "model-best" / "meta.json").stat().st_mtime_ns != before


def test_an_unfinished_folder_is_begun_anew_for_another_corpus(folder):
    write_table(folder / "mails.csv", n=5, header="text,label")
    assert "MTL-E788" in run("mails.csv").output and not (folder / "quickstart").exists()
    write_table(folder / "mails.csv")
    (folder / "quickstart" / "corpus").mkdir(parents=True)
    assert "MTL-E791" in run("mails.csv").output
    assert run("mails.csv", "--force").exit_code == 0


def unlabelled(folder):
    write_docs([spacy.blank("en")(f"Text {i}.") for i in range(30)], folder / "a.spacy")


@pytest.mark.parametrize(
    "write,arguments,code",
    [
        (lambda folder: (folder / "a.csv").write_text(""), ["a.csv"], "MTL-E148"),
        (lambda folder: (folder / "a.csv").write_text("3,4\n5,6\n" * 20), ["a.csv"], "MTL-E125"),
        (lambda folder: (folder / "a.csv").write_text("text\none\n"), ["a.csv"], "MTL-E14"),
        (lambda folder: write_table(folder / "a.csv", n=5, header="text,label"), ["a.csv"], "MTL-E788"),
        (lambda folder: write_table(folder / "a.csv", label=lambda i: "same"), ["a.csv", "--header"], "MTL-E790"),
        (unlabelled, ["a.spacy"], "MTL-E790"),
        (lambda folder: write_table(folder / "a.csv"), ["a=a.csv", "a.csv"], "MTL-E786"),
        (lambda folder: write_table(folder / "a.csv"), ["a.csv", "--lang", "en,pt"], "E048"),
        (lambda folder: write_table(folder / "a.csv"), ["a.csv", "-o", "a.csv/out"], "MTL-E793"),
        (lambda folder: write_table(folder / "a.csv"), ["a.csv", "--encoder", "bert"], "MTL-E763"),
        (lambda folder: write_table(folder / "a.csv"), ["a.csv", "--encodr", "cnn"], "MTL-E794"),
        (lambda folder: write_table(folder / "a.csv"), ["a.csv", "--tasks", "nre"], "MTL-E760"),
        (lambda folder: write_table(folder / "a.csv"), ["a.csv", "--label-columns", "x"], "MTL-E144"),
        (lambda folder: write_table(folder / "a.csv"), ["a.csv", "--nothing.here", "1"], "MTL-E769"),
        (lambda folder: (folder / "a.xlsx").write_text("x"), ["a.xlsx"], "MTL-E789"),
        (lambda folder: None, ["a.csv"], "MTL-E101"),
    ],
)
def test_bad_input_is_said_with_its_code_and_leaves_nothing(folder, write, arguments, code):
    write(folder)
    before = {path.name for path in folder.iterdir()}
    done = run(*arguments)
    # an option that does not exist is a mistake of usage
    assert done.exit_code == (2 if code == "MTL-E794" else 1) and code in done.output, done.output
    left = {path.relative_to(folder).as_posix() for path in folder.rglob("*")} - before
    assert left <= {
        "quickstart",
        "quickstart/quickstart.json",
        *(f"quickstart/corpus/{p}.spacy" for p in ("train", "dev", "test")),
        "quickstart/corpus",
    }
    assert "quickstart/model-best" not in left


def test_what_cannot_be_learned_is_left_out_beside_more_and_texts_in_two_parts_are_told(folder):
    nlp = spacy.blank("en")
    docs = [nlp(f"Ana {i} ran.") for i in range(24)]
    for doc in docs:
        doc.cats = {"x": 1.0}
        doc.set_ents([doc.char_span(0, 3, label="PER")], default="outside")
    write_docs(docs, folder / "train.spacy")
    write_docs(docs[:6], folder / "test.spacy")
    done = run("train.spacy", "test.spacy")
    printed = " ".join(done.output.split())
    assert done.exit_code == 0, done.output
    assert "MTL-W610" in printed and "every text has the category 'x'" in printed and "MTL-W611" in printed
    assert spacy.load("quickstart/model-best").pipe_names == ["tok2vec", "ner"]


def test_ctrl_c_in_training_keeps_the_best_and_goes_on(folder, monkeypatch):
    write_table(folder / "mails.csv")
    monkeypatch.setattr("spacy_mtl.cli.quickstart.quickstart.StopSignal.has_come", True, raising=False)
    monkeypatch.setattr(
        "spacy_mtl.cli.quickstart.quickstart.StopSignal.__init__", lambda self: setattr(self, "_before", None)
    )
    done = run("mails.csv")
    assert done.exit_code == 0 and "you stopped it" in done.output
    assert {path.name for path in (folder / "quickstart").iterdir()} == MADE


@pytest.mark.slow
def test_a_process_in_an_empty_folder(folder):
    write_table(folder / "mails.csv", n=60)
    write_people(folder / "people.jsonl", n=40)
    command = [sys.executable, "-m", "spacy", "mtl", "quickstart", "mails.csv", "people.jsonl", "-m", "0.5"]
    done = subprocess.run(
        command, capture_output=True, text=True, encoding="utf8", env={**os.environ, "PYTHONUTF8": "1"}
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert {path.name for path in (folder / "quickstart").iterdir()} == MADE
    scores = json.loads((folder / "quickstart" / "metrics.json").read_text())
    assert scores["mails"]["textcat_acc"] > 0.9 and scores["people"]["ents_f"] > 0.9


PAIRS = [("a dog", "ein Hund", "un chien"), ("a cat", "eine Katze", "un chat"), ("a house", "ein Haus", "une maison")]


def write_pairs(path, n=30, header="en\tde"):
    rows = [f"{i} and {PAIRS[i % 3][0]}\t{i} und {PAIRS[i % 3][1]}\n" for i in range(n)]
    path.write_text(f"{header}\n" + "".join(rows), encoding="utf8")


def test_texts_with_translations_become_a_translator(folder):
    for package in ("sentencepiece", "sacrebleu", "torch"):
        pytest.importorskip(package)
    write_pairs(folder / "pairs.tsv")
    done = run("pairs.tsv")
    assert done.exit_code == 0, done.output
    nlp = spacy.load("quickstart/model-best")
    assert nlp.pipe_names == ["tok2vec", "translate"] and nlp.get_pipe("translate").language == "de"
    assert list(nlp("7 and a dog")._.translations) == ["de"]
    assert 0 <= json.loads((folder / "quickstart" / "metrics.json").read_text())["translation_bleu"] <= 1
    assert "<h3>Translations</h3>" in (folder / "quickstart" / "page.html").read_text(encoding="utf8")
    assert "BLEU" in done.output and "doc._.translations" in done.output and "doc.ents" not in done.output
    convert, _, init_config = by_hand(done.output)[:3]
    assert " ".join(convert).endswith("--format parallel --dev 20% --test 20% --target-lang de")
    (folder / "quickstart").rename(folder / "first")
    for command in (convert, init_config):
        assert CliRunner().invoke(app, command[4:]).exit_code == 0
    made, expected = ((folder / top / "config.cfg").read_text().split("\n", 1)[1] for top in ("quickstart", "first"))
    assert made == expected and 'lang = "de"' in made


def test_a_corpus_of_two_languages_trains_two_translators_beside_other_tasks(folder):
    for package in ("sentencepiece", "sacrebleu", "torch"):
        pytest.importorskip(package)
    both = [
        {"text": f"{i} and {en}", "translations": {"de": f"{i} und {de}", "fr": f"{i} et {fr}"}}
        for i in range(10)
        for en, de, fr in PAIRS
    ]
    (folder / "both.jsonl").write_text("".join(json.dumps(line) + "\n" for line in both), encoding="utf8")
    write_people(folder / "people.jsonl")
    done = run("both.jsonl", "people.jsonl")
    assert done.exit_code == 0, done.output
    nlp = spacy.load("quickstart/model-best")
    assert nlp.pipe_names == ["tok2vec", "translate_de", "translate_fr", "ner"]
    assert set(nlp("7 and a dog")._.translations) == {"de", "fr"}
    scores = json.loads((folder / "quickstart" / "metrics.json").read_text())
    assert {"translate_de_bleu", "translate_fr_bleu"} <= set(scores["both"])
    named = ("--tasks", "translate:german,translate:french", "--languages", "german=de,french=fr")
    done = run("both.jsonl", *named, "-o", "named")
    assert done.exit_code == 0, done.output
    assert spacy.load("named/model-best").get_pipe("german").language == "de"


def test_changed_translations_make_the_corpus_anew(folder, monkeypatch):
    def stop(*args, **kwargs):
        raise ValueError("enough")

    monkeypatch.setattr("spacy_mtl.cli.quickstart.quickstart.train_step", stop)
    (folder / "pairs.en").write_text("".join(f"text {i}\n" for i in range(30)), encoding="utf8")
    for word in ("Text", "Satz"):
        (folder / "pairs.de").write_text("".join(f"{word} {i}\n" for i in range(30)), encoding="utf8")
        done = run("pairs.en", "--format", "parallel", "--target-lang", "de")
        assert "enough" in done.output and "Done before" not in done.output, done.output
        docs = spacy.tokens.DocBin().from_disk("quickstart/corpus/train.spacy").get_docs(spacy.blank("en").vocab)
        assert get_translations(next(docs))["de"].startswith(word)
    assert "Done before" in run("pairs.en", "--format", "parallel", "--target-lang", "de").output


@pytest.mark.parametrize(
    "header,arguments,code",
    [
        ("source\ttarget", ["--target-lang", "de"], "MTL-E149.*--format parallel"),
        ("source\ttarget", ["--format", "parallel"], "MTL-E172.*--target-lang de"),
        ("en\tde", ["--languages", "translate=fr"], "MTL-E1009.*de"),
        ("en\tde", ["--languages", "translate"], "MTL-E1008"),
    ],
)
def test_translations_that_cannot_be_learned_are_said_with_what_to_do(folder, header, arguments, code):
    write_pairs(folder / "pairs.tsv", header=header)
    done = run("pairs.tsv", *arguments)
    assert done.exit_code == 1 and re.search(code, " ".join(done.output.split())), done.output
