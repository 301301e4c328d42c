"""What the pages of the site show is run as it stands: commands have the options they are given, Python prints what
stands below it."""

import contextlib
import importlib.util
import io
import re
import shlex
import sys
from pathlib import Path

import pytest
from spacy.cli.init_config import init_config
from spacy.util import load_model_from_config
from thinc.api import Config
from typer.main import get_command

from spacy_mtl.cli.app import app

ROOT = Path(__file__).parents[1]
PAGES = sorted((ROOT / "docs").rglob("*.md"))
TUTORIALS = sorted((ROOT / "docs" / "tutorials").glob("*.md"))
RUN = (ROOT / ".ci" / "run").read_text(encoding="utf8")
COMMAND = re.compile(r"python -m spacy mtl (?P<name>[a-z-]+)(?P<arguments>[^\n]*)")
SUBSTITUTION = re.compile(r'"\$\(.*?\)"')


def _load_runner():
    spec = importlib.util.spec_from_file_location("run_page", ROOT / ".ci" / "run_page.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


run_page = _load_runner()


def _blocks(name):
    return list(run_page.read_blocks((ROOT / "docs" / name).read_text(encoding="utf8")))


def _named(path):
    return str(path.relative_to(ROOT / "docs"))


@pytest.mark.parametrize("page", TUTORIALS, ids=_named)
def test_every_tutorial_is_run(page):
    assert f"docs/{_named(page)}" in RUN


def test_a_budget_goes_to_every_training_and_to_nothing_else():
    commands = "python -m spacy mtl show out a\nX=1 python -m spacy train a.cfg \\\n    --output out\n"
    assert run_page.shorten(commands, 3).splitlines() == [
        "python -m spacy mtl show out a",
        "X=1 python -m spacy train a.cfg      --output out --training.max_steps 3 --training.eval_frequency 3",
    ]


@pytest.mark.parametrize("page", PAGES, ids=_named)
def test_commands_have_the_options_that_they_are_given(page):
    commands = get_command(app).commands
    for language, _, body in _blocks(_named(page)):
        for found in COMMAND.finditer(body.replace("\\\n", " ") if language in ("bash", "") else ""):
            command = commands[found["name"]]
            known = {option for parameter in command.params for option in (*parameter.opts, *parameter.secondary_opts)}
            given = shlex.split(SUBSTITUTION.sub("X", found["arguments"]), comments=True)
            unknown = {word.split("=")[0] for word in given if word.startswith("-") and len(word) > 1} - known
            settings = {
                word for word in unknown if "." in word and command.context_settings.get("ignore_unknown_options")
            }
            assert unknown <= settings, f"{page.name}: {found.group()}"


@pytest.mark.parametrize("name", ["coming-from/spacy.md", "coming-from/allennlp.md"])
def test_python_prints_what_stands_below_it(name, tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.chdir(tmp_path)
    blocks = _blocks(name)
    checked = 0
    for (language, title, body), (after, _, expected) in zip(blocks, [*blocks[1:], ("", None, "")]):
        if title:
            (tmp_path / title).write_text(body, encoding="utf8")
        elif language == "python" and "spacy.load" not in body:
            printed = io.StringIO()
            with contextlib.redirect_stdout(printed):
                exec(compile(body, name, "exec"), {})
            if after == "":
                assert printed.getvalue().rstrip() == expected.rstrip()
                checked += 1
    sys.modules.pop("allennlp_shape", None)
    assert checked


def _configs(name):
    return [body for language, _, body in _blocks(name) if language == "ini"]


def test_a_config_of_spacy_migrates():
    config = init_config(lang="en", pipeline=["textcat", "ner"], silent=True)
    encoder, heads = (Config().from_str("[components]\n\n" + body) for body in _configs("coming-from/spacy.md")[:2])
    config["components"]["tok2vec"]["factory"] = encoder["components"]["tok2vec"]["factory"]
    for name, block in heads["components"].items():
        config["components"][name] = block
    nlp = load_model_from_config(config, auto_fill=True)
    assert nlp.get_pipe("tok2vec").listening_components == ["textcat", "ner"]
    assert nlp.get_pipe_meta("tok2vec").factory == "mtl_tok2vec"


def test_a_tagger_and_a_parser_listen_beside_our_heads():
    (block,) = (body for body in _configs("coming-from/spacy.md") if "[nlp]" in body)
    nlp = load_model_from_config(Config().from_str(block), auto_fill=True)
    assert nlp.get_pipe("tok2vec").listening_components == ["tagger", "parser", "ner", "srl"]


def test_every_registered_name_is_in_the_reference():
    said = "".join((ROOT / "docs" / name).read_text(encoding="utf8") for name in ("config.md", "balancing.md"))
    names = set(re.findall(r"spacy-mtl\.(\w+)\.v\d", (ROOT / "setup.py").read_text(encoding="utf8")))
    assert {name for name in names if not re.search(rf"\b{name}\b", said)} == set()
