"""The first steps of `spacy mtl quickstart`: from files to a config."""

from pathlib import Path
from typing import Any, Dict, List, Mapping, Sequence

from spacy.language import Language
from wasabi import msg

from ...data.inspection import SourceReport, inspect_corpora
from ...data.writing import whole_file, whole_folder
from ...errors import Warnings
from ...recipes.budget import choose_budget, choose_settings
from ...recipes.choices import Choices, choose
from ...recipes.inputs import PARTS, Input
from ...recipes.languages import read_languages
from ...recipes.parts import Prepared, prepare
from ...recipes.settings import check_settings
from ...recipes.source_tasks import find_faults, find_source_tasks
from ...recipes.sources import Source
from ...recipes.tasks import LAYERS, TRANSLATE, parse_tasks
from ...recipes.writing import write_config
from ..convert import parse_options
from ..evaluate import print_table
from .commands import Wishes, config_arguments, convert_arguments, tell_command
from .folder import CONFIG, CORPUS, OutputFolder
from .results import lay_out_corpora, tell_conversion, tell_labels

Reports = Dict[str, Dict[str, SourceReport]]


def convert_step(
    folder: OutputFolder,
    corpora: Sequence[Input],
    nlp: Language,
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
        languages=read_languages(wishes.languages, settings),
        reports=train,
    )
    steps = int(settings.get("training.max_steps", 0))
    translators = sum(task.kind == TRANSLATE for task in choices.tasks)
    budget = choose_budget(sum(choices.words or ()), wishes.encoder, wishes.max_minutes, gpu, steps, translators)
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
    check_settings(text, settings)
    with whole_file(folder / CONFIG) as temporary:
        temporary.write_text(text, encoding="utf8")
    tell_command("init-config", *command)
    return choices
