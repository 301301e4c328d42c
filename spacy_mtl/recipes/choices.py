"""What a pipeline is to be made of: tasks, encoder and corpora, as a user names them."""

from pathlib import Path
from typing import Mapping, NamedTuple, Optional, Sequence, Tuple

from spacy.util import get_lang_class

from ..data.inspection import SourceReport, inspect_corpora
from ..errors import Errors
from .feeding import parse_feeds
from .languages import choose_languages
from .numbers import check_names
from .sources import Source, assign, describe, find_tasks
from .tasks import Task, parse_tasks

ENCODERS = ("cnn", "rnn", "lstm", "gru", "transformer", "pretrained")
SHARING = ("hard", "cross-stitch", "mmoe", "cgc")
# A corpus with fewer words is small: small tables, no rare roles.
SMALL = 60_000
DEFAULT_TRANSFORMER = "sentence-transformers/all-MiniLM-L6-v2"


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
    languages: Mapping[str, str] = {},
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
    languages (Mapping[str, str]): By task that translates, the language; none for what its name or its corpora say.
    reports (Optional[Mapping[str, SourceReport]]): By source what its training part holds; None to read it.
    RETURNS (Choices): What the config is to be made from.
    RAISES (ValueError): E458, E462, E760 to E768, E796, E798, E1008 to E1011 for choices that do not fit together,
        E645 for a language that is not known.
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
        tasks = find_tasks(sources, reports)
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
    tasks = choose_languages(tasks, sources, reports, languages)
    found = tuple(assign(source, tasks, reports.get(source.name)) for source in sources)
    words = tuple(reports[name].tokens for name in names) if reports and len(reports) == len(names) else None
    return Choices(
        tuple(describe(task, tasks, found, reports) for task in tasks),
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
