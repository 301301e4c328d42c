"""From files to a trained pipeline in one command, with the plain command of each step."""

from pathlib import Path
from typing import Any, Dict, List, Mapping, Sequence

import spacy
import srsly
from spacy.cli._util import show_validation_error
from spacy.training.initialize import init_nlp
from spacy.util import fix_random_seed, load_config
from wasabi import msg

from ...analysis.tables import Table
from ...data.corpus import make_corpus
from ...data.inspection import SourceReport, inspect_corpora
from ...data.writing import whole_file, whole_folder
from ...errors import Warnings
from ...pipeline.loading import load_pipeline
from ...recipes.budget import choose_budget, choose_settings
from ...recipes.choices import Choices, choose
from ...recipes.inputs import PARTS, Input, parse_inputs
from ...recipes.parts import Prepared, check_options, prepare
from ...recipes.source_tasks import find_faults, find_source_tasks
from ...recipes.sources import Source
from ...recipes.tasks import LAYERS, parse_tasks
from ...recipes.writing import write_config
from ...training.limited import TIME, StopSignal, train_limited
from ..convert import parse_options
from ..evaluate import print_table, read_examples, tell_unknown
from ..pages.page import render_page
from ..show import render
from .commands import (
    Wishes,
    check_wishes,
    config_arguments,
    convert_arguments,
    gpu_arguments,
    tell_command,
)
from .folder import CONFIG, CORPUS, METRICS, MODEL, PAGE, UNFINISHED, OutputFolder, describe_inputs
from .results import (
    choose_texts,
    describe_texts,
    lay_out_corpora,
    lay_out_results,
    tell_conversion,
    tell_labels,
    tell_next,
)

SHOWN, ON_PAGE = 3, 20
Reports = Dict[str, Dict[str, SourceReport]]


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
        check_options(corpora, wishes.format, options)
        nlp = spacy.blank(wishes.lang)
        asked = {**describe_inputs(corpora), **wishes._asdict(), "options": dict(options), "settings": dict(settings)}
        folder = OutputFolder(output, srsly.json_loads(srsly.json_dumps(asked)), force)
        sources = convert_step(folder, corpora, nlp, wishes, options)
        reports = inspect_step(sources)
        choices = config_step(folder, sources, reports, wishes, settings)
        train_step(folder, wishes)
        trained = load_pipeline(str(folder / MODEL))
        results = evaluate_step(folder, trained, choices, sources, reports, wishes)
        show_step(folder, trained, sources, results)
    except (ImportError, OSError, ValueError) as error:
        if folder is not None:
            folder.abandon()
        msg.fail(str(error), exits=1)


def convert_step(
    folder: OutputFolder,
    corpora: Sequence[Input],
    nlp: spacy.Language,
    wishes: Wishes,
    options: Mapping[str, Any],
) -> List[Prepared]:
    """Bring all corpora into three parts each, all of them or none.

    folder (OutputFolder): Where to.
    corpora (Sequence[Input]): The corpora.
    nlp (Language): Gives the tokenizer.
    wishes (Wishes): What is wanted.
    options (Mapping[str, Any]): Of the formats, as they are typed.
    RETURNS (List[Prepared]): The corpora.
    """
    msg.divider("1. Corpora")
    if folder.sources:
        msg.text(f"Done before: {folder / CORPUS}")
        return folder.sources
    place = folder / CORPUS
    with whole_folder(place, replace=True) as temporary:
        done = [
            prepare(
                corpus,
                temporary,
                place,
                nlp,
                prefix="" if len(corpora) == 1 else f"{corpus.name}-",
                format=wishes.format,
                options=parse_options(options),
                seed=wishes.seed,
                skip_bad=wishes.skip_bad,
            )
            for corpus in corpora
        ]
    for found in done:
        for conversion in found.conversions:
            for line in tell_conversion(conversion):
                print(line)
            tell_command("convert", *convert_arguments(conversion, wishes, options))
        kept = [path for path in found.corpus.parts.values() if Path(path).parent != place]
        if kept:
            print(f"Used as it is: {', '.join(kept)}")
    folder.sources = [found.corpus for found in done]
    return folder.sources


def inspect_step(sources: Sequence[Prepared]) -> Reports:
    """Look at all parts, and print what is in them.

    sources (Sequence[Prepared]): The corpora.
    RETURNS (Reports): By corpus and part what it holds.
    """
    msg.divider("2. What is in them")
    names = {f"{source.name} {part}": Path(path) for source in sources for part, path in source.parts.items()}
    inspection = inspect_corpora(names)
    by_name = {report.name: report for report in inspection.sources}
    reports = {source.name: {part: by_name[f"{source.name} {part}"] for part in PARTS} for source in sources}
    print_table(lay_out_corpora(reports))
    for parts in reports.values():
        for line in tell_labels(parts["train"]):
            print(line)
    tell_command("inspect", *(f"{name.replace(' ', '-')}={path}" for name, path in names.items()))
    for overlap in inspection.overlaps:
        name, part = overlap.source.rsplit(" ", 1)
        if part == "test" and overlap.other == f"{name} train" and overlap.same:
            total = reports[name]["test"].docs
            msg.warn(Warnings.W611.format(name=name, count=f"{overlap.same:,}", total=f"{total:,}"))
    return reports


def config_step(
    folder: OutputFolder,
    sources: Sequence[Prepared],
    reports: Reports,
    wishes: Wishes,
    settings: Mapping[str, Any],
) -> Choices:
    """Choose tasks, sizes and the length of training, and write the config.

    folder (OutputFolder): Where to.
    sources (Sequence[Prepared]): The corpora.
    reports (Reports): What is in them.
    wishes (Wishes): What is wanted.
    settings (Mapping[str, Any]): Settings of the config to change.
    RETURNS (Choices): What it is made from.
    """
    msg.divider("3. Config")
    train = {name: parts["train"] for name, parts in reports.items()}
    for name, report in train.items():
        for kind, fault in find_faults(report).items():
            msg.warn(Warnings.W610.format(name=name, layer=LAYERS[kind], fault=fault))
    named = {source.name: tuple(source.tasks) for source in sources}
    silent = {name: report for name, report in train.items() if not named[name]}
    if silent and not wishes.tasks:
        named.update(find_source_tasks(silent))
    made = [Source(s.name, named[s.name], s.parts["train"], s.parts["dev"]) for s in sources]
    gpu = wishes.gpu_id >= 0
    choices = choose(
        parse_tasks(wishes.tasks),
        made,
        lang=wishes.lang,
        encoder=wishes.encoder,
        optimize=wishes.optimize,
        gpu=gpu,
        vectors=wishes.vectors,
        transformer=wishes.transformer,
        reports=train,
    )
    steps = int(settings.get("training.max_steps", 0))
    budget = choose_budget(sum(choices.words or ()), wishes.encoder, wishes.max_minutes, gpu, steps)
    changed = {**choose_settings(choices, train, budget, wishes.seed), **settings}
    for task in choices.tasks:
        taught = [source.name for source in choices.sources if task.name in source.tasks]
        one = ", one category a text" if task.kind == "textcat" and task.exclusive else ""
        print(f"Task {task.name} ({task.kind}{one}): from {', '.join(taught)}")
    print(
        f"Encoder {wishes.encoder}; {changed['training.max_steps']:,} updates of about {budget.batch} words, by the "
        f"size of the corpora and {wishes.max_minutes:g} minutes at most (--max-minutes)"
    )
    command = config_arguments(folder / CONFIG, choices, wishes, changed)
    text = write_config(choices, command, changed)
    with whole_file(folder / CONFIG) as temporary:
        temporary.write_text(text, encoding="utf8")
    tell_command("init-config", *command)
    return choices


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
) -> Table:
    """Score the pipeline on the texts for testing.

    folder (OutputFolder): Takes the scores.
    nlp (Language): The pipeline.
    choices (Choices): The tasks.
    sources (Sequence[Prepared]): The corpora.
    reports (Reports): What is in them.
    wishes (Wishes): What is wanted.
    RETURNS (Table): The main scores.
    """
    msg.divider("5. Evaluation")
    fix_random_seed()
    scores = {source.name: nlp.evaluate(read_examples(nlp, Path(source.parts["test"]))) for source in sources}
    with whole_file(folder / METRICS) as temporary:
        srsly.write_json(temporary, scores if len(scores) > 1 else next(iter(scores.values())))
    table = lay_out_results(choices, scores, reports)
    print_table(table)
    for warning in tell_unknown(scores):
        msg.warn(warning)
    tests = [
        f"{source.name}={source.parts['test']}" if len(sources) > 1 else source.parts["test"] for source in sources
    ]
    tell_command("evaluate", str(folder / MODEL), *tests, "--output", str(folder / METRICS), *gpu_arguments(wishes))
    return table


def show_step(folder: OutputFolder, nlp: spacy.Language, sources: Sequence[Prepared], results: Table) -> None:
    """Show what the pipeline finds in some texts for testing, and say how to go on.

    folder (OutputFolder): Takes the page.
    nlp (Language): The pipeline.
    sources (Sequence[Prepared]): The corpora.
    results (Table): What the pipeline is worth.
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
    tell_next(folder, len(found), several=len(results.rows) > 1)
