"""What `spacy mtl quickstart` prints: the corpora, how good the pipeline is, and how to go on."""

from typing import Any, Dict, List, Mapping, Optional, Sequence

from spacy.language import Language
from spacy.tokens import Doc
from wasabi import msg

from ...analysis.tables import NOTHING, Table
from ...data.inspection import SourceReport
from ...pipeline.findings import Describer
from ...recipes.choices import Choices
from ...recipes.parts import Conversion
from ...recipes.scores import name_main_score
from ...recipes.tasks import Task, find_coverages
from .folder import CONFIG, MODEL, PAGE, OutputFolder

MEANINGS = {
    "textcat": "macro F of the categories",
    "ner": "F of the entities",
    "srl": "F of the arguments",
    "dependency": "labelled attachment score",
    "translate": "BLEU of the translations",
    "tagger": "accuracy of the tags",
    "morphologizer": "accuracy of the parts of speech",
    "parser": "labelled attachment score",
    "senter": "F of the sentences",
}
# Where Python has what was found.
PLACES = {
    "textcat": "doc.cats",
    "ner": "doc.ents",
    "srl": "doc._.frames",
    "dependency": "doc[0].dep_",
    "translate": "doc._.translations",
    "tagger": "doc[0].tag_",
    "morphologizer": "doc[0].pos_",
    "parser": "doc[0].dep_",
    "senter": "list(doc.sents)",
}
SHOWN_LABELS = 12
# Texts up to this length are preferred for showing.
SHORT = 400


def tell_conversion(conversion: Conversion) -> List[str]:
    """Say how a file became parts.

    conversion (Conversion): What was done.
    RETURNS (List[str]): Lines.
    """
    sizes = ", ".join(f"{count.docs:,} {part}" for part, count in conversion.counts.items())
    lines = [f"{conversion.path} ({conversion.format}): {sizes}"]
    if conversion.share:
        held_out = [f"{conversion.share:.0%} for {part}" for part in conversion.counts if part != "train"]
        lines.append(f"  Held out at random, by document: {', '.join(held_out)}")
    lines += [f"  Read: {note}" for note in conversion.remarks.notes]
    return lines + conversion.remarks.describe_left_out()


def lay_out_corpora(reports: Mapping[str, Mapping[str, SourceReport]]) -> Table:
    """The corpora's sizes and labels.

    reports (Mapping[str, Mapping[str, SourceReport]]): By corpus and part.
    RETURNS (Table): A row for each part.
    """
    # a column that few need
    translated = (
        ["Translations"] if any(one.translations for parts in reports.values() for one in parts.values()) else []
    )
    rows = [
        (
            *(name if part == "train" else "", part, f"{found.docs:,}", f"{found.tokens:,}"),
            *_count(found)[: 3 + len(translated)],
        )
        for name, parts in reports.items()
        for part, found in parts.items()
    ]
    header = ("Corpus", "Part", "Texts", "Words", "With categories", "Entities", "Predicates", *translated)
    return Table(header, "ll" + "r" * (len(header) - 2), rows)


def tell_labels(report: SourceReport) -> List[str]:
    """Name the labels of a corpus, the most frequent first.

    report (SourceReport): What it holds.
    RETURNS (List[str]): A line for each kind.
    """
    kinds = {
        "Categories": {label: count.positive for label, count in report.categories.items()},
        "Entities": report.entities,
        "Roles": report.roles,
        "Translations": {language: coverage.whole for language, coverage in report.translations.items()},
    }
    lines = []
    for kind, counts in kinds.items():
        listed = [f"{label} {count:,}" for label, count in counts.items()]
        more = [f"and {len(listed) - SHOWN_LABELS:,} more"] if len(listed) > SHOWN_LABELS else []
        if listed:
            lines.append(f"{kind} of {report.name}: {', '.join(listed[:SHOWN_LABELS] + more)}")
    return lines


def lay_out_results(
    choices: Choices, scores: Mapping[str, Mapping[str, Any]], reports: Mapping[str, Mapping[str, SourceReport]]
) -> Table:
    """How good the pipeline is on the texts for testing.

    choices (Choices): The tasks, and which corpus teaches which.
    scores (Mapping[str, Mapping[str, Any]]): By corpus.
    reports (Mapping[str, Mapping[str, SourceReport]]): By corpus and part.
    RETURNS (Table): A row for each task of each corpus.
    """
    kinds = {task.name: task for task in choices.tasks}
    rows = []
    for source in choices.sources:
        test = reports[source.name]["test"]
        for name in source.tasks:
            task = kinds[name]
            found = scores[source.name].get(name_main_score(task, choices.tasks))
            is_accuracy = task.kind == "textcat" and task.exclusive
            meaning = "accuracy" if is_accuracy else MEANINGS[task.kind]
            simple = guess_most_frequent(task, reports[source.name]["train"], test) if is_accuracy else None
            rows.append(
                (name, source.name, meaning, _per_cent(found), _per_cent(simple), f"{_annotated(test, task):,}")
            )
    header = ("Task", "Corpus", "Score", "Result", "Most frequent", "Test texts")
    return Table(header, "lllrrr", rows)


def guess_most_frequent(task: Task, train: SourceReport, test: SourceReport) -> Optional[float]:
    """The accuracy of who always says the most frequent category.

    task (Task): The task.
    train (SourceReport): Where it is the most frequent.
    test (SourceReport): Where it is guessed.
    RETURNS (Optional[float]): The accuracy; None if nothing is annotated.
    """
    counts = {label: n.positive for label, n in train.categories.items() if not task.labels or label in task.labels}
    annotated = _annotated(test, task)
    if not counts or not annotated:
        return None
    best = max(counts, key=lambda label: counts[label])
    return test.categories[best].positive / annotated if best in test.categories else 0.0


def choose_texts(corpora: Sequence[Sequence[Doc]], number: int) -> List[str]:
    """Texts to show, in turn from each corpus, short ones first.

    corpora (Sequence[Sequence[Doc]]): The texts for testing of each corpus.
    number (int): How many.
    RETURNS (List[str]): The texts.
    """
    queues = [sorted((doc.text for doc in docs), key=lambda text: len(text) > SHORT) for docs in corpora]
    turns = [queue[i] for i in range(max(map(len, queues), default=0)) for queue in queues if i < len(queue)]
    return list(dict.fromkeys(text for text in turns if text.strip()))[:number]


def describe_texts(nlp: Language, texts: Sequence[str]) -> List[Dict[str, Any]]:
    """What the pipeline finds in texts, as `spacy mtl show` describes it.

    nlp (Language): The pipeline.
    texts (Sequence[str]): The texts.
    RETURNS (List[Dict[str, Any]]): One description a text.
    """
    return list(map(Describer(nlp), nlp.pipe(texts)))


def _annotated(report: SourceReport, task: Task) -> int:
    return max((one.whole + one.part for one in find_coverages(report, task.kind, task.lang)), default=report.docs)


def _count(report: SourceReport) -> List[str]:
    with_categories = report.tasks["categories"].whole + report.tasks["categories"].part
    translations = sum(coverage.whole for coverage in report.translations.values())
    counts = (with_categories, sum(report.entities.values()), report.frames, translations)
    return [f"{count:,}" if count else NOTHING for count in counts]


def _per_cent(value: Optional[float]) -> str:
    return NOTHING if value is None else f"{100 * value:.1f}"


def tell_next(folder: OutputFolder, texts: int, tasks: Sequence[Task]) -> None:
    """Say how to go on from a trained pipeline.

    folder (OutputFolder): Has the pipeline, the config and the page.
    texts (int): How many texts are on the page.
    tasks (Sequence[Task]): The tasks of the pipeline.
    """
    model = folder / MODEL
    places = "; ".join(dict.fromkeys(PLACES[task.kind] for task in tasks))
    msg.divider("What next")
    print(f"Open {folder / PAGE} in a browser: {texts} texts with all that was found in them")
    print(f'In Python: nlp = spacy.load("{model}"); doc = nlp("Your text."); {places}')
    print("Better scores: more texts first; then --max-minutes 30, --encoder lstm (needs spacy-mtl[torch])")
    if len(tasks) > 1:
        print(f"Does it help that tasks share an encoder? python -m spacy mtl compare {folder / CONFIG} --help")
    print(f"To install it elsewhere: make a folder packages, and python -m spacy package {model} packages")
