"""How the scores of an evaluation are shown: a line a task, then all figures, then labels by how often they occur."""

from collections import Counter
from typing import Any, Dict, Iterable, List, Mapping, NamedTuple, Optional, Sequence, Tuple
from typing import Counter as CounterType

from spacy.language import Language
from spacy.tokens import Doc

from ..analysis.metrics.counts import find_metrics
from ..analysis.metrics.tasks import Task
from ..analysis.tables import NOTHING, Table
from ..frames import PREDICATE
from ..scorers.srl import CONTINUATION
from ..span_places import read_spans

PRF = ("p", "r", "f")
TEXTS = "_texts"
# scores that are named so are those of a component too, under its own name
COMMON_NAMES = ("cats", "ents", "srl", "translation")
# in a table of labels stand so many at most, unless all are asked for
COMMON = 12
# a line that stands for rarer labels does so for this many at least
FEWEST_FOLDED = 3


class TaskLine(NamedTuple):
    """A task and the score that matters.

    task (str): The component.
    score (str): The name of the score.
    title (str): What it is, for people.
    """

    task: str
    score: str
    title: str


def find_task_lines(nlp: Language, scores: Iterable[Mapping[str, Any]]) -> List[TaskLine]:
    """The tasks of a pipeline that have a score.

    nlp (Language): The pipeline.
    scores (Iterable[Mapping[str, Any]]): What `nlp.evaluate` gave, by corpus.
    RETURNS (List[TaskLine]): In the order of the pipeline, each with the score that `spacy mtl compare` compares.
    """
    found = list(scores)
    weights = nlp.config["training"].get("score_weights", {})
    lines = []
    for name in nlp.pipe_names:
        task = Task(name, nlp.get_pipe_meta(name).factory, (), False)
        main = next(iter(find_metrics(nlp, task, weights)), None)
        if main is not None and any(_is_figure(one.get(main.score)) for one in found):
            lines.append(TaskLine(name, main.score, main.title))
    return lines


def lay_out_summary(lines: Sequence[TaskLine], scores: Mapping[str, Mapping[str, Any]]) -> Table:
    """The answer in a few lines.

    lines (Sequence[TaskLine]): The tasks.
    scores (Mapping[str, Mapping[str, Any]]): By corpus, what `nlp.evaluate` gave.
    RETURNS (Table): A row a task: the score in per cent, and on how many texts; of several corpora in one column each.
    """
    corpora = list(scores)
    rows: List[Tuple[str, ...]] = []
    for line in lines:
        title = line.score if line.title == line.score else f"{line.title} ({line.score})"
        values = [_show(line.score, scores[name].get(line.score)) for name in corpora]
        texts = [_count_texts(line, scores[name]) for name in corpora]
        if len(corpora) == 1:
            rows.append((line.task, title, values[0], texts[0]))
        else:
            cells = (f"{value} ({count})" if value != NOTHING else value for value, count in zip(values, texts))
            rows.append((line.task, title, *cells))
    header = ("Result", "Texts") if len(corpora) == 1 else tuple(f"{name} (texts)" for name in corpora)
    return Table(("Task", "Score", *header), "ll" + "r" * len(header), rows)


def lay_out_figures(scores: Mapping[str, Mapping[str, Any]]) -> List[Table]:
    """All scores that are single figures, those that say the same under two names once; not the numbers of texts, which
    the summary has.

    scores (Mapping[str, Mapping[str, Any]]): By corpus, what `nlp.evaluate` gave.
    RETURNS (List[Table]): In per cent but for words a second: of one corpus precision, recall and F in one row, and
        then the others; of several corpora a row a score.
    """
    figures = {
        name for one in scores.values() for name, value in one.items() if _is_figure(value) and not name.endswith(TEXTS)
    }
    names = _without_doubles(sorted(figures), scores)
    if len(scores) > 1:
        rows = [(name, *(_show(name, one.get(name)) for one in scores.values())) for name in names]
        return [Table(("Score", *scores), "l" + "r" * len(scores), rows)]
    (found,) = scores.values()
    families = [
        name[:-2] for name in names if {f"{name[:-2]}_{kind}" for kind in PRF} <= {*names} and name[-2:] == "_f"
    ]
    whole = {f"{family}_{kind}" for family in families for kind in PRF}
    tables = []
    if families:
        triples = [(name, *(_show(name, found[f"{name}_{kind}"]) for kind in PRF)) for name in families]
        tables.append(Table(("Score", "P", "R", "F"), "lrrr", triples))
    others = [(name, _show(name, found[name])) for name in names if name not in whole]
    if others:
        tables.append(Table(("Score", ""), "lr", others))
    return tables


def lay_out_labels(
    scores: Mapping[str, Mapping[str, Any]], gold: Mapping[str, Sequence[Mapping[str, int]]], all_labels: bool = False
) -> List[Table]:
    """The scores that each label has, the most frequent labels first.

    scores (Mapping[str, Mapping[str, Any]]): By corpus, what `nlp.evaluate` gave.
    gold (Mapping[str, Sequence[Mapping[str, int]]]): By corpus, what `count_gold_labels` gave.
    all_labels (bool): Whether to show all; else the rare ones are one line.
    RETURNS (List[Table]): A table for each such score, with precision, recall and F, and how often the label occurs; of
        several corpora with F alone.
    """
    tables: List[Table] = []
    for name in _without_doubles(sorted({name for one in scores.values() for name in one}), scores):
        columns = [_by_label(one.get(name)) for one in scores.values()]
        labels = {label for column in columns for label in column}
        if not labels:
            continue
        counts = _find_frequencies(labels, gold.values())
        kinds = PRF if len(columns) == 1 else ("f",)
        ordered = sorted(labels, key=lambda label: (-counts[label], label))
        shown = ordered if all_labels or len(ordered) < COMMON + FEWEST_FOLDED else ordered[:COMMON]
        rows = [
            (
                label,
                *(cell for column in columns for cell in _show_label(column.get(label), kinds)),
                f"{counts[label]:,}",
            )
            for label in shown
        ]
        rest = ordered[len(shown) :]
        if rest:
            folded = f"{len(rest)} rarer ones (--all)"
            rows.append((folded, *("" for _ in rows[0][2:]), f"{sum(counts[label] for label in rest):,}"))
        header = (name, "P", "R", "F", "Gold") if len(columns) == 1 else (f"{name}, F", *scores, "Gold")
        tables.append(Table(header, "l" + "r" * (len(header) - 1), rows))
    return tables


def count_gold_labels(docs: Iterable[Doc]) -> List[CounterType[str]]:
    """How often labels occur in a corpus.

    docs (Iterable[Doc]): Its Docs.
    RETURNS (List[Counter[str]]): One counter for each kind of annotation: categories, entities, dependencies, tags,
        and the labels of each span group; continuations of an argument are not counted.
    """
    layers: Dict[Tuple[str, str], CounterType[str]] = {}

    def count(layer: str, labels: Iterable[str], key: str = "") -> None:
        layers.setdefault((layer, key), Counter()).update(labels)

    for doc in docs:
        count("cats", (label for label, value in doc.cats.items() if value >= 0.5))
        count("ents", (entity.label_ for entity in doc.ents))
        count("dep", (token.dep_ for token in doc if token.dep_))
        count("tag", (token.tag_ for token in doc if token.tag_))
        for key, group in doc.spans.items():
            labels = (span.label_ for span in read_spans(group))
            count("spans", (one for one in labels if one != PREDICATE and not one.startswith(CONTINUATION)), key)
    return list(layers.values())


def _without_doubles(names: Sequence[str], scores: Mapping[str, Mapping[str, Any]]) -> List[str]:
    """Names without those of a component that has the same score under the common name, such as ner_f and ents_f."""
    common = [name for name in names if name.partition("_")[0] in COMMON_NAMES]

    def is_double(name: str) -> bool:
        twins = [other for other in common if other != name and name.endswith(other[other.index("_") :])]
        return any(all(one.get(name) == one.get(other) for one in scores.values()) for other in twins)

    return [name for name in names if name in common or not is_double(name)]


def _find_frequencies(labels: Iterable[str], gold: Iterable[Sequence[Mapping[str, int]]]) -> CounterType[str]:
    """Counts of the kind of annotation that has most of the labels."""
    names = set(labels)
    total: CounterType[str] = Counter()
    for layers in gold:
        best = max(layers, key=lambda layer: len(names & set(layer)), default=Counter())
        total.update({label: best[label] for label in names if label in best})
    return total


def _count_texts(line: TaskLine, scores: Mapping[str, Any]) -> str:
    for name in (line.task, line.score.split("_")[0]):
        if name + TEXTS in scores:
            return f"{scores[name + TEXTS]:,}"
    return NOTHING


def _is_figure(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _show(name: str, value: Any) -> str:
    if not _is_figure(value):
        return NOTHING
    return f"{value:,.0f}" if name == "speed" else f"{100 * value:.2f}"


def _show_label(found: Optional[Mapping[str, float]], kinds: Sequence[str]) -> List[str]:
    return [NOTHING if found is None else f"{100 * found[kind]:.2f}" for kind in kinds]


def _by_label(value: Any) -> Dict[str, Dict[str, float]]:
    if not isinstance(value, dict):
        return {}
    return {label: found for label, found in value.items() if isinstance(found, dict) and set(found) >= set(PRF)}
