"""What a pipeline is to be made of: tasks, encoder and corpora, as a user names them."""

import re
from pathlib import Path
from typing import List, Mapping, NamedTuple, Optional, Sequence, Tuple

from spacy.util import get_lang_class

from ..data.inspection import SourceReport, inspect_corpora
from ..errors import Errors
from ..name_lists import split_names
from .feeding import parse_feeds
from .numbers import check_names

ENCODERS = ("cnn", "rnn", "lstm", "gru", "transformer", "pretrained")
SHARING = ("hard", "cross-stitch", "mmoe", "cgc")
OURS = ("textcat", "ner", "srl")
DEPENDENCY = "dependency"
TRANSLATE = "translate"
STOCK = ("tagger", "morphologizer", "parser", "senter")
KINDS = (*OURS, DEPENDENCY, TRANSLATE, *STOCK)
LAYERS = {
    "textcat": "categories",
    "ner": "entities",
    "srl": "frames",
    DEPENDENCY: "parse",
    "tagger": "tags",
    "parser": "parse",
}
NAME = re.compile(r"[A-Za-z_][\w-]*")
# A corpus with fewer words is small: small tables, no rare roles.
SMALL = 60_000
DEFAULT_TRANSFORMER = "sentence-transformers/all-MiniLM-L6-v2"


class Task(NamedTuple):
    """A head of the pipeline.

    name (str): The name of its component.
    kind (str): "textcat", "ner", "srl", "dependency" or "translate", or one of spaCy's components that listen to an
        encoder.
    labels (Tuple[str, ...]): Of "textcat", where several components share `doc.cats`; empty for those of the corpus.
    exclusive (bool): Of "textcat", whether a text has one category.
    """

    name: str
    kind: str
    labels: Tuple[str, ...] = ()
    exclusive: bool = True


class Source(NamedTuple):
    """A corpus for some of the tasks.

    name (str): What it is called in the config.
    tasks (Tuple[str, ...]): The names of the tasks that it teaches; empty for those that it is annotated for.
    train (Optional[str]): Its training part, a .spacy file or a folder; None to be named when training.
    dev (Optional[str]): Its development part, likewise.
    """

    name: str
    tasks: Tuple[str, ...] = ()
    train: Optional[str] = None
    dev: Optional[str] = None


class Choices(NamedTuple):
    """All that a config is made from.

    tasks (Tuple[Task, ...]): The heads, in the order of the pipeline.
    sources (Tuple[Source, ...]): The corpora.
    lang (str): The language.
    encoder (str): One of ENCODERS.
    optimize (str): "efficiency" or "accuracy".
    words (Optional[Tuple[int, ...]]): For each source its words, where they are known.
    gpu (bool): Whether to train on a GPU.
    vectors (Optional[str]): A spaCy folder with static vectors; "" to name one when training; None for none.
    transformer (str): The pretrained model, for the encoder "pretrained".
    width (Optional[int]): Of the encoder; None for what suits it.
    small (bool): Whether corpora of which the words are not known are small.
    private (Tuple[str, ...]): The tasks that have something of their own beside the shared encoder.
    scaffold (Tuple[str, ...]): The tasks that are trained and not saved, the last of `tasks`.
    feeds (Mapping[str, str]): By a task that reads the decisions of another, the other.
    weights (Tuple[Tuple[str, float], ...]): What tasks have to say in the encoder; 1 for those not named.
    sampling (Tuple[Tuple[str, float], ...]): How often the texts of each source come, in proportion.
    sharing (str): One of SHARING.
    """

    tasks: Tuple[Task, ...]
    sources: Tuple[Source, ...] = ()
    lang: str = "en"
    encoder: str = "cnn"
    optimize: str = "efficiency"
    words: Optional[Tuple[int, ...]] = None
    gpu: bool = False
    vectors: Optional[str] = None
    transformer: str = DEFAULT_TRANSFORMER
    width: Optional[int] = None
    small: bool = False
    private: Tuple[str, ...] = ()
    scaffold: Tuple[str, ...] = ()
    feeds: Mapping[str, str] = {}
    weights: Mapping[str, float] = {}
    sampling: Mapping[str, float] = {}
    sharing: str = "hard"

    @property
    def is_small(self) -> bool:
        """RETURNS (bool): Whether there are few words to learn from."""
        return self.small if self.words is None else sum(self.words) < SMALL


def parse_tasks(text: str) -> Tuple[Task, ...]:
    """Read tasks as they are named on the command line.

    text (str): Kinds with commas between them, each with a name if it is to have another: "textcat:intent,ner,srl".
    RETURNS (Tuple[Task, ...]): The tasks.
    RAISES (ValueError): E760 for a kind that is not known, E761 for a name that is none or comes twice.
    """
    tasks: List[Task] = []
    for part in split_names(text):
        kind, _, name = part.partition(":")
        if kind.removeprefix("mtl_") not in KINDS:
            raise ValueError(Errors.E760.format(found=kind, expected=", ".join(KINDS)))
        tasks.append(Task(name or kind.removeprefix("mtl_"), kind.removeprefix("mtl_")))
    names = [task.name for task in tasks]
    for name in names:
        if not NAME.fullmatch(name) or name == "tok2vec" or names.count(name) > 1:
            raise ValueError(Errors.E761.format(name=name, names=", ".join(names)))
    return tuple(tasks)


def parse_source(text: str) -> Source:
    """Read a source as it is named on the command line.

    text (str): "name=train.spacy,dev.spacy:task,task"; the development part and the tasks may be missing, and the files
        too ("name:task").
    RETURNS (Source): The source.
    RAISES (ValueError): E762 for another form.
    """
    found = re.fullmatch(r"(?P<name>[A-Za-z_]\w*)(=(?P<paths>.+?))?(:(?P<tasks>[\w,-]+))?", text.strip())
    if found is None:
        raise ValueError(Errors.E762.format(found=text))
    paths = split_names(found["paths"])
    if len(paths) > 2:
        raise ValueError(Errors.E762.format(found=text))
    tasks = tuple(split_names(found["tasks"]))
    train, dev = [*paths, None, None][:2]
    return Source(found["name"], tasks, train, dev)


def choose(
    tasks: Sequence[Task],
    sources: Sequence[Source],
    *,
    lang: str = "en",
    encoder: str = "cnn",
    optimize: str = "efficiency",
    gpu: bool = False,
    vectors: Optional[str] = None,
    transformer: str = DEFAULT_TRANSFORMER,
    width: Optional[int] = None,
    small: bool = False,
    private: Sequence[str] = (),
    scaffold: Sequence[str] = (),
    feed: str = "",
    weights: Mapping[str, float] = {},
    sampling: Mapping[str, float] = {},
    sharing: str = "hard",
    reports: Optional[Mapping[str, SourceReport]] = None,
) -> Choices:
    """Bring together what the user says and what the corpora hold.

    Corpora that are there are read: what they are annotated for gives tasks that nobody named, categories of several
    components, whether a text has one category, and sizes.

    tasks (Sequence[Task]): The tasks; none for those that the corpora are annotated for.
    sources (Sequence[Source]): The corpora; none for one corpus that is named when training.
    lang (str): The language.
    encoder (str): One of ENCODERS.
    optimize (str): "efficiency" or "accuracy".
    gpu (bool): Whether to train on a GPU.
    vectors (Optional[str]): A folder with static vectors; None for none.
    transformer (str): The pretrained model, for the encoder "pretrained".
    width (Optional[int]): Of the encoder; None for what suits it.
    small (bool): Whether the corpora are small, where they are not there to be read.
    private (Sequence[str]): The names of tasks that are to have something of their own beside the shared encoder.
    scaffold (Sequence[str]): Kinds of tasks that are trained for the encoder and not saved, such as "dependency".
    feed (str): Which tasks read the decisions of which, as `parse_feeds` reads it.
    weights (Mapping[str, float]): By task, what it has to say in the encoder; 1 for those not named.
    sampling (Mapping[str, float]): By source, how often its texts come, in proportion; none for what suits
        them.
    sharing (str): One of SHARING: one encoder for all, or one that gives each task vectors of its own.
    reports (Optional[Mapping[str, SourceReport]]): By source what its training part holds; None to read it.
    RETURNS (Choices): What the config is to be made from.
    RAISES (ValueError): E458, E462, E760 to E768, E796, E798 for choices that do not fit together, E645 for a language
        that is not known.
    RAISES (FileNotFoundError): E120, E121 for a corpus that is missing.
    """
    for value, expected in ((encoder, ENCODERS), (optimize, ("efficiency", "accuracy")), (sharing, SHARING)):
        if value not in expected:
            raise ValueError(Errors.E763.format(found=value, expected=", ".join(expected)))
    try:
        get_lang_class(lang)
    except ImportError:
        raise ValueError(Errors.E645.format(found=lang)) from None
    names = [source.name for source in sources]
    if len(set(names)) < len(names):
        raise ValueError(Errors.E764.format(names=", ".join(names)))
    if encoder == "pretrained" and vectors is not None:
        raise ValueError(Errors.E765)
    if encoder == "pretrained" and sharing != "hard":
        raise ValueError(Errors.E462.format(found=sharing))
    paths = {source.name: Path(source.train) for source in sources if source.train}
    if reports is None:
        reports = {report.name: report for report in inspect_corpora(paths).sources} if paths else {}
    if not tasks:
        tasks = _find_tasks(sources, reports)
    if not tasks:
        raise ValueError(Errors.E766)
    added = parse_tasks(",".join(scaffold))
    tasks = [*tasks, *added]
    names_of_tasks = [task.name for task in tasks]
    for name in (*private, *(task.name for task in added)):
        if names_of_tasks.count(name) != 1:
            raise ValueError(Errors.E796.format(found=name, expected=", ".join(names_of_tasks)))
    check_names(weights, "--weights", names_of_tasks)
    check_names(sampling, "--sampling", names if len(names) > 1 else [], each=True)
    found = tuple(_assign(source, tasks, reports.get(source.name)) for source in sources)
    words = tuple(reports[name].tokens for name in names) if reports and len(reports) == len(names) else None
    return Choices(
        tuple(_describe(task, tasks, found, reports) for task in tasks),
        found,
        lang,
        encoder,
        optimize,
        words,
        gpu,
        vectors,
        transformer,
        width,
        small,
        tuple(private),
        tuple(task.name for task in added),
        parse_feeds(feed, {task.name: task.kind for task in tasks}),
        weights,
        sampling,
        sharing,
    )


def _find_tasks(sources: Sequence[Source], reports: Mapping[str, SourceReport]) -> Tuple[Task, ...]:
    """The tasks that sources name, and those that they are annotated for."""
    tasks: List[Task] = []
    for source in sources:
        report = reports.get(source.name)
        has = {kind for kind in OURS if report and report.tasks[LAYERS[kind]].whole + report.tasks[LAYERS[kind]].part}
        for name in source.tasks:
            if name not in KINDS and "textcat" not in has:
                raise ValueError(Errors.E767.format(source=source.name, task=name))
        named = [Task(name, name if name in KINDS else "textcat") for name in source.tasks]
        tasks += named or [Task(kind, kind) for kind in OURS if kind in has]
    return tuple(dict.fromkeys(tasks))


def _assign(source: Source, tasks: Sequence[Task], report: Optional[SourceReport]) -> Source:
    """A source with the tasks that it teaches."""
    known = {task.name for task in tasks}
    for name in source.tasks:
        if name not in known:
            raise ValueError(Errors.E767.format(source=source.name, task=name))
    if source.tasks:
        return source
    if report is None:
        return source._replace(tasks=tuple(task.name for task in tasks))
    taught = []
    for task in tasks:
        if _is_annotated(report, task.kind):
            taught.append(task.name)
    if not taught:
        raise ValueError(Errors.E768.format(source=source.name, tasks=", ".join(known)))
    return source._replace(tasks=tuple(taught))


def _is_annotated(report: SourceReport, kind: str) -> bool:
    """Whether a corpus has annotation for a kind of task; translations lie there by their language."""
    names = (
        [name for name in report.tasks if name.startswith("translation ")] if kind == TRANSLATE else [LAYERS.get(kind)]
    )
    coverages = [report.tasks[name] for name in names if name in report.tasks]
    return any(coverage.whole + coverage.part for coverage in coverages)


def _describe(
    task: Task, tasks: Sequence[Task], sources: Sequence[Source], reports: Mapping[str, SourceReport]
) -> Task:
    """A task with what its corpora say: whether categories exclude each other, and which are whose."""
    if task.kind != "textcat":
        return task
    own = [reports[source.name] for source in sources if task.name in source.tasks and source.name in reports]
    if not own:
        return task
    several = sum(other.kind == "textcat" for other in tasks) > 1
    labels = sorted({label for report in own for label in report.categories}) if several else []
    exclusive = sum(report.with_one_category for report in own)
    covered = sum(report.tasks["categories"].whole + report.tasks["categories"].part for report in own)
    return task._replace(labels=tuple(labels), exclusive=exclusive == covered)
