"""What a finished training scores on test corpora, by task and by Doc, kept beside it."""

from pathlib import Path
from typing import Any, Dict, List, Mapping, NamedTuple, Optional, Sequence

import numpy
import spacy
from numpy.typing import NDArray
from spacy.language import Language
from spacy.training import Example
from thinc.api import Config

from ...data.corpus import make_corpus
from ...data.writing import whole_file
from ...json_files import read_json, write_json
from ..metrics.counts import Metric, count_by_doc
from ..trainings.executors import Run
from ..trainings.fingerprints import fingerprint
from ..trainings.measuring import count_bytes, count_parameters
from ..trainings.processes import Outcome
from .statistics import f_score

PIPELINE = "model-best"
RESULTS = "test.json"
# ends the names of scores that say how many texts count
TEXTS = "_texts"
# counts that do not give the score are those of another scorer
TOLERANCE = 1e-6


class TaskCorpus(NamedTuple):
    """A corpus for a task.

    path (Path): The .spacy file, or a folder with such files.
    metrics (Sequence[Metric]): The scores of the task.
    """

    path: Path
    metrics: Sequence[Metric]


class Results(NamedTuple):
    """What a training gave.

    parameters (int): Trained numbers of the pipeline.
    disk_bytes (int): Its size on disk.
    values (Dict[str, Dict[str, Optional[float]]]): Scores by task and name; None where nothing in the corpus counts.
    counts (Dict[str, Dict[str, Optional[List[List[int]]]]]): In the same way the counts of each Doc, of most scores
        true positives, false positives and false negatives; None for a score that they do not give.
    texts (Dict[str, Dict[str, int]]): In the same way the number of Docs that count, where the scorer says it.
    """

    parameters: int
    disk_bytes: int
    values: Dict[str, Dict[str, Optional[float]]]
    counts: Dict[str, Dict[str, Optional[List[List[int]]]]]
    texts: Dict[str, Dict[str, int]] = {}

    def get_counts(self, task: str, score: str) -> Optional[NDArray]:
        """RETURNS (Optional[NDArray]): The counts of a score, shape (Docs, counts)."""
        counts = self.counts[task][score]
        return None if counts is None else numpy.asarray(counts)


def evaluate_run(
    run: Run, outcome: Outcome, corpora: Mapping[str, TaskCorpus], categories: Sequence[str] = ()
) -> Results:
    """Score the best pipeline of a training, or read what it scored before.

    run (Run): The training.
    outcome (Outcome): What became of it.
    corpora (Mapping[str, TaskCorpus]): By the name of the task.
    categories (Sequence[str]): The categories of all tasks: those of tasks that the pipeline lacks are none that it
        should know.
    RETURNS (Results): The scores, also written to the training's folder.
    RAISES (OSError, ValueError): What reading a corpus raises.
    """
    paths = {task: str(corpus.path) for task, corpus in corpora.items()}
    scores = {
        task: [[metric.score, metric.counter is not None] for metric in corpus.metrics]
        for task, corpus in corpora.items()
    }
    key = [fingerprint(run.config), fingerprint(Config({"paths": paths})), scores, list(outcome), sorted(categories)]
    file = run.folder / RESULTS
    if file.exists():
        record = read_json(file)
        if record.pop("key", None) == key:
            return Results(**record)
    folder = run.folder / PIPELINE
    nlp = spacy.load(folder)
    results = Results(count_parameters(nlp), count_bytes(folder), {}, {}, {})
    for path in sorted(set(paths.values())):
        examples = annotate(nlp, list(make_corpus(Path(path))(nlp)))
        for example in examples:
            for label in categories:
                example.predicted.cats.setdefault(label, 0.0)
        for task in [task for task in corpora if paths[task] == path]:
            _add_scores(results, nlp, task, corpora[task].metrics, examples)
    with whole_file(file) as temporary:
        write_json(temporary, {"key": key, **results._asdict()})
    return results


def find_categories(runs: Sequence[Run]) -> List[str]:
    """The categories that joint pipelines know.

    runs (Sequence[Run]): Finished joint trainings.
    RETURNS (List[str]): The labels of all components that assign categories, of the first training.
    """
    for run in runs[:1]:
        nlp = spacy.load(run.folder / PIPELINE)
        pipes: List[Any] = [pipe for name, pipe in nlp.pipeline if "doc.cats" in nlp.get_pipe_meta(name).assigns]
        return sorted({label for pipe in pipes for label in getattr(pipe, "labels", ())})
    return []


def annotate(nlp: Language, examples: Sequence[Example]) -> List[Example]:
    """Let a pipeline annotate the predicted Docs of Examples.

    nlp (Language): The pipeline.
    examples (Sequence[Example]): The Examples.
    RETURNS (List[Example]): New ones, with the same references.
    """
    docs = nlp.pipe([example.predicted for example in examples])
    return [Example(doc, example.reference) for doc, example in zip(docs, examples)]


def _add_scores(
    results: Results, nlp: Language, task: str, metrics: Sequence[Metric], examples: Sequence[Example]
) -> None:
    pipe: Any = nlp.get_pipe(task)
    scores: Dict[str, Any] = pipe.score(examples) if hasattr(pipe, "score") else {}
    values: Dict[str, Optional[float]] = {}
    counts: Dict[str, Optional[List[List[int]]]] = {}
    texts: Dict[str, int] = {}
    for metric in metrics:
        numbers = [key for key in scores if key.endswith(TEXTS) and metric.score.startswith(key[: 1 - len(TEXTS)])]
        if numbers:
            texts[metric.score] = int(scores[max(numbers, key=len)])
        values[metric.score] = counts[metric.score] = None
        if scores.get(metric.score) is not None:
            value = values[metric.score] = float(scores[metric.score])
            found = count_by_doc(metric, nlp, task, examples)
            if found is not None and abs(float((metric.measure or f_score)(found.sum(axis=0))) - value) <= TOLERANCE:
                counts[metric.score] = found.tolist()
    results.values[task] = values
    results.counts[task] = counts
    results.texts[task] = texts
