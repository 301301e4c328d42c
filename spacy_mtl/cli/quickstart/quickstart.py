"""From files to a trained pipeline in one command, with the plain command of each step."""

import json
from pathlib import Path
from typing import Any, Mapping, Sequence

import spacy
from spacy.cli._util import show_validation_error
from spacy.training.initialize import init_nlp
from spacy.util import fix_random_seed, load_config
from wasabi import msg

from ...data.corpus import make_corpus
from ...data.writing import whole_file
from ...json_files import to_json, write_json
from ...pipeline.loading import load_pipeline
from ...recipes.choices import Choices
from ...recipes.inputs import parse_inputs
from ...recipes.parts import Prepared, check_options, list_other_files
from ...training.limited import TIME, StopSignal, train_limited
from ..evaluate import print_table, read_examples, tell_unknown
from ..pages.page import render_page
from ..show import render
from .commands import Wishes, check_wishes, gpu_arguments, tell_command
from .folder import CONFIG, METRICS, MODEL, PAGE, UNFINISHED, OutputFolder, describe_inputs
from .preparation import Reports, config_step, convert_step, inspect_step
from .results import choose_texts, describe_texts, lay_out_results, tell_next

SHOWN, ON_PAGE = 3, 20


def quickstart(
    given: Sequence[str],
    output: Path,
    wishes: Wishes,
    *,
    options: Mapping[str, Any] = {},
    settings: Mapping[str, Any] = {},
    force: bool = False,
) -> None:
    """Convert, look at the corpora, write a config, train, evaluate and show. What is wrong is printed and ends it.

    given (Sequence[str]): The corpora, as `parse_inputs` reads them.
    output (Path): The folder for all that is made.
    wishes (Wishes): What else is wanted.
    options (Mapping[str, Any]): Of the formats, as they are typed for `spacy mtl convert`.
    settings (Mapping[str, Any]): Settings of the config to change.
    force (bool): Whether to replace what the folder has.
    """
    folder = None
    try:
        check_wishes(wishes)
        corpora = parse_inputs(given)
        options = {name: value for name, value in options.items() if value is not None}
        check_options(corpora, wishes.format, options, wishes.lang)
        nlp = spacy.blank(wishes.lang)
        inputs = describe_inputs(corpora, list_other_files(corpora, wishes.format, options, wishes.lang))
        asked = {**inputs, **wishes._asdict(), "options": dict(options), "settings": dict(settings)}
        folder = OutputFolder(output, json.loads(to_json(asked)), force)
        sources = convert_step(folder, corpora, nlp, wishes, options)
        reports = inspect_step(sources)
        choices = config_step(folder, sources, reports, wishes, settings)
        train_step(folder, wishes)
        trained = load_pipeline(str(folder / MODEL))
        evaluate_step(folder, trained, choices, sources, reports, wishes)
        show_step(folder, trained, choices, sources)
    except (ImportError, OSError, ValueError) as error:
        if folder is not None:
            folder.abandon()
        msg.fail(str(error), exits=1)


def train_step(folder: OutputFolder, wishes: Wishes) -> None:
    """Train, for as long as there is time, and keep the best pipeline.

    folder (OutputFolder): Has the config, and takes the pipeline.
    wishes (Wishes): What is wanted.
    """
    msg.divider("4. Training")
    tell_command("train", str(folder / CONFIG), "--output", str(folder.path), *gpu_arguments(wishes), group="")
    if (folder / MODEL).exists():
        msg.text(f"Done before: {folder / MODEL}")
        return
    print("Ctrl-C ends it early and keeps the best pipeline so far.")
    with show_validation_error(folder / CONFIG):
        nlp = init_nlp(load_config(folder / CONFIG, interpolate=False), use_gpu=wishes.gpu_id)
    with StopSignal() as stop:
        trained = train_limited(
            nlp,
            folder / UNFINISHED,
            seconds=wishes.max_minutes * 60,
            should_stop=lambda: stop.has_come,
            use_gpu=wishes.gpu_id,
        )
    (folder / UNFINISHED).rename(folder / MODEL)
    why = {"": "", TIME: " (the time was over)"}.get(trained.stopped, " (you stopped it)")
    msg.good(f"Trained {trained.steps:,} updates in {trained.seconds:.0f} s{why}")
    print(f"Kept is the pipeline after {trained.best_step:,} updates, the best on the texts for development")


def evaluate_step(
    folder: OutputFolder,
    nlp: spacy.Language,
    choices: Choices,
    sources: Sequence[Prepared],
    reports: Reports,
    wishes: Wishes,
) -> None:
    """Score the pipeline on the texts for testing.

    folder (OutputFolder): Takes the scores.
    nlp (Language): The pipeline.
    choices (Choices): The tasks.
    sources (Sequence[Prepared]): The corpora.
    reports (Reports): What is in them.
    wishes (Wishes): What is wanted.
    """
    msg.divider("5. Evaluation")
    fix_random_seed()
    scores = {source.name: nlp.evaluate(read_examples(nlp, Path(source.parts["test"]))) for source in sources}
    with whole_file(folder / METRICS) as temporary:
        write_json(temporary, scores if len(scores) > 1 else next(iter(scores.values())))
    print_table(lay_out_results(choices, scores, reports))
    for warning in tell_unknown(scores):
        msg.warn(warning)
    tests = [
        f"{source.name}={source.parts['test']}" if len(sources) > 1 else source.parts["test"] for source in sources
    ]
    tell_command("evaluate", str(folder / MODEL), *tests, "--output", str(folder / METRICS), *gpu_arguments(wishes))


def show_step(folder: OutputFolder, nlp: spacy.Language, choices: Choices, sources: Sequence[Prepared]) -> None:
    """Show what the pipeline finds in some texts for testing, and say how to go on.

    folder (OutputFolder): Takes the page.
    nlp (Language): The pipeline.
    choices (Choices): The tasks.
    sources (Sequence[Prepared]): The corpora.
    """
    msg.divider("6. What it finds")
    docs = [[e.reference for e in make_corpus(Path(s.parts["test"]), limit=200)(nlp)] for s in sources]
    texts = choose_texts(docs, ON_PAGE)
    found = describe_texts(nlp, texts)
    for description in found[:SHOWN]:
        print(render(description))
    with whole_file(folder / PAGE) as temporary:
        temporary.write_text(render_page(found, "What the pipeline finds in texts for testing"), encoding="utf8")
    tell_command("show", str(folder / MODEL), *(text.replace("\n", " ") for text in texts[:1]))
    tell_next(folder, len(found), choices.tasks)
