"""Writing a config: what `spacy mtl init-config` does."""

import sys
from pathlib import Path
from typing import Any, List, Mapping, Optional

import typer
from wasabi import msg

from ..data.writing import check_output, whole_file
from ..errors import Errors
from ..name_lists import split_names
from ..recipes.choices import DEFAULT_TRANSFORMER, ENCODERS, Choices, choose
from ..recipes.languages import read_languages
from ..recipes.numbers import parse_numbers
from ..recipes.settings import check_settings
from ..recipes.sources import read_sources
from ..recipes.tasks import KINDS, parse_tasks
from ..recipes.writing import write_config

FORCE = ("--force", "-F")


def init_config(
    output: Path,
    command: List[str],
    *,
    tasks: Optional[str] = None,
    sources: Optional[List[str]] = None,
    lang: str = "en",
    encoder: Optional[str] = None,
    optimize: str = "efficiency",
    gpu: bool = False,
    vectors: Optional[str] = None,
    transformer: Optional[str] = None,
    width: Optional[int] = None,
    small: bool = False,
    private: Optional[str] = None,
    scaffold: Optional[str] = None,
    feed: Optional[str] = None,
    weights: Optional[str] = None,
    sampling: Optional[str] = None,
    sharing: str = "hard",
    languages: Optional[str] = None,
    force: bool = False,
    settings: Optional[Mapping[str, Any]] = None,
) -> Choices:
    """Write a config, and say what was chosen. What is wrong is printed and ends the command.

    output (Path): The file; "-" to print it.
    command (List[str]): The arguments as they were given, for the config's first line.
    tasks (Optional[str]): The tasks, as `parse_tasks` reads them.
    sources (Optional[List[str]]): The corpora, as `parse_source` reads them; None for that of `paths.train` in
        `settings`, if there is one.
    lang (str): The language.
    encoder (Optional[str]): The encoder; None to ask, or where nobody can be asked "cnn".
    optimize (str): "efficiency" or "accuracy".
    gpu (bool): Whether to train on a GPU.
    vectors (Optional[str]): A folder with static vectors; "" to name one when training.
    transformer (Optional[str]): The pretrained model.
    width (Optional[int]): Of the encoder.
    small (bool): Whether the corpora are small, where they are not there to be read.
    private (Optional[str]): Names of tasks with commas: they have something of their own beside the shared encoder.
    scaffold (Optional[str]): Tasks as `parse_tasks` reads them, which are trained and not saved.
    feed (Optional[str]): Which tasks read the decisions of which, as `parse_feeds` reads it.
    weights (Optional[str]): Tasks with what they have to say in the encoder, as `parse_numbers` reads them.
    sampling (Optional[str]): Sources with how often their texts come, likewise.
    sharing (str): "hard", "cross-stitch", "mmoe" or "cgc".
    languages (Optional[str]): Tasks that translate with their languages, as `parse_languages` reads them.
    force (bool): Whether to write over a file that is there.
    settings (Optional[Mapping[str, Any]]): Settings to change.
    RETURNS (Choices): What it was made from.
    """
    settings = settings or {}
    prints = str(output) == "-"
    if output.exists() and not prints and not force:
        msg.fail(Errors.E642.format(path=output), exits=1)
    can_ask = sys.stdin.isatty() and sys.stdout.isatty()
    if not (tasks or sources or settings.get("paths.train")) and can_ask:
        tasks = typer.prompt(f"Tasks, any of {', '.join(KINDS)}; textcat:intent names one", default="textcat,ner,srl")
    if encoder is None:
        encoder = typer.prompt(f"Encoder, one of {', '.join(ENCODERS)}", default="cnn") if can_ask else "cnn"
    try:
        corpora = read_sources(sources or (), settings, are_needed=not tasks)
        if not prints:
            check_output(output, [path for corpus in corpora for path in (corpus.train, corpus.dev) if path])
        choices = choose(
            parse_tasks(tasks or ""),
            corpora,
            lang=lang,
            encoder=encoder,
            optimize=optimize,
            gpu=gpu,
            vectors=vectors,
            transformer=transformer or DEFAULT_TRANSFORMER,
            width=width,
            small=small,
            private=split_names(private),
            scaffold=split_names(scaffold),
            feed=feed or "",
            weights=parse_numbers(weights or "", "--weights"),
            sampling=parse_numbers(sampling or "", "--sampling"),
            sharing=sharing,
            languages=read_languages(languages or "", settings),
        )
        text = write_config(choices, [part for part in command if part not in FORCE], settings)
        check_settings(text, settings)
    except (OSError, ValueError) as error:
        msg.fail(str(error), exits=1)
    if prints:
        print(text, end="")
        return choices
    try:
        with whole_file(output) as temporary:
            Path(temporary).write_text(text, encoding="utf8")
    except OSError as error:
        msg.fail(Errors.E612.format(path=output, problem=error), exits=1)
    msg.good(f"Saved {output}: {', '.join(task.name for task in choices.tasks)} on one encoder ({choices.encoder})")
    missing = [f"--paths.{name} FILE" for name in find_open_paths(text)]
    print("Train it: python -m spacy train", output, "--output out", *missing)
    return choices


def find_open_paths(text: str) -> List[str]:
    """The paths that a config needs and leaves open.

    text (str): The config.
    RETURNS (List[str]): Their names.
    """
    section = text.split("[paths]\n", 1)[1].split("\n[", 1)[0]
    paths = [line.split(" = ")[0] for line in section.split("\n") if line.endswith(" = null")]
    return [name for name in paths if name != "vectors" or "include_static_vectors = true" in text]
