"""Trainings that are each tested when they have ended: what the benchmarks that train many pipelines have in common."""

import signal
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Dict, Iterator, List, NamedTuple, Optional, Sequence, Tuple

import spacy
from spacy.language import Language
from thinc.api import Config
from tqdm import tqdm
from wasabi import msg

from spacy_mtl.analysis.comparison.evaluation import annotate
from spacy_mtl.analysis.trainings.executors import LOG, RECORD, Executor, Run
from spacy_mtl.analysis.trainings.processes import Outcome
from spacy_mtl.analysis.trainings.runs import train_runs
from spacy_mtl.data.corpus import make_corpus
from spacy_mtl.data.writing import whole_file, write_docs
from spacy_mtl.json_files import read_json, write_json

PIPELINE = "model-last"
RESULT = "test.json"
SETTINGS = "settings.json"
INTERRUPTED = 130


class Side(NamedTuple):
    """A training, and what it stands for.

    group (str): What kind of training it is.
    name (str): Which of its kind.
    seed (int): The seed.
    run (Run): The training.
    """

    group: str
    name: str
    seed: int
    run: Run


class Settings(NamedTuple):
    """What all trainings in a folder have in common.

    key (List[str]): Changes with the config, its data and the test corpora.
    config (str): The config.
    scores (Dict[str, List[str]]): By task, its scores, the main one first.
    tests (Dict[str, str]): By task, the test corpus.
    updates (Dict[str, int]): By what is trained, its updates.
    pipeline (str): Which pipeline of a training is tested: its last, or "model-best".
    """

    key: List[str]
    config: str
    scores: Dict[str, List[str]]
    tests: Dict[str, str]
    updates: Dict[str, int]
    pipeline: str = PIPELINE


@contextmanager
def told() -> Iterator[None]:
    """In the block what goes wrong is said in a line, and a training can be stopped and gone on with.

    Without a terminal Ctrl-C is often ignored, and another signal would leave trainings behind.
    """
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    except (OSError, ValueError, ImportError) as error:
        msg.fail(str(error), exits=1)
    except KeyboardInterrupt:
        msg.warn("Stopped. What is finished is kept: the same command goes on from there.", exits=INTERRUPTED)


def choose_steps(config: Config, steps: Optional[int]) -> Dict[str, Any]:
    """The settings for so many steps: the whole training, the learning rate's schedule, and one evaluation at its end
    beside spaCy's at the beginning."""
    training = config["training"]
    changes: Dict[str, Any] = {
        "training.patience": 0,
        "training.eval_frequency": max(1, steps or training["max_steps"]),
    }
    if steps is not None:
        changes["training.max_steps"] = steps
        rate = training["optimizer"].get("learn_rate")
        if isinstance(rate, dict) and "total_steps" in rate:
            changes["training.optimizer.learn_rate.total_steps"] = steps
        if isinstance(rate, dict) and "warmup_steps" in rate:
            warmup = min(rate["warmup_steps"], max(1, steps // 10))
            changes["training.optimizer.learn_rate.warmup_steps"] = warmup
    return changes


def take_samples(config: Config, limit: float, dev_limit: float, output: Path) -> Dict[str, Any]:
    """Smaller corpora, written to OUTPUT/corpora. Their texts are spread evenly over the whole corpus: the first ones
    could be all of one genre, where `limit` of the readers would take them.

    RETURNS (Dict[str, Any]): The settings that name them.
    """
    changes: Dict[str, Any] = {}
    for part, wanted in (("train", limit), ("dev", dev_limit)):
        place = config["training"][f"{part}_corpus"]
        block: Any = config
        for name in place.split("."):
            block = block[name]
        for name, reader in find_readers(block, place) if wanted else ():
            corpus = make_corpus(reader["path"], format=reader.get("format"), options=reader.get("options"))
            docs = list(corpus.read_references(spacy.blank(config["nlp"]["lang"])))
            size = min(len(docs), round(wanted * len(docs)) if wanted < 1 else int(wanted))
            path = output / "corpora" / f"{name}.spacy"
            write_docs([docs[i * len(docs) // size] for i in range(size)], path)
            changes[f"{name}.path"] = str(path)
            if reader.get("format"):
                changes.update({f"{name}.format": None, f"{name}.options": None})
    return changes


def find_readers(block: Any, name: str) -> Iterator[Tuple[str, Dict[str, Any]]]:
    """The blocks that name a file, by their names with dots."""
    if isinstance(block, dict):
        if "@readers" in block and "path" in block:
            yield name, block
        for key, value in block.items():
            yield from find_readers(value, f"{name}.{key}")


def keep(settings: Settings, output: Path) -> None:
    """Write down what the trainings have in common, or refuse a folder that holds others."""
    path = output / SETTINGS
    if path.exists() and read_json(path)["key"] != settings.key:
        raise ValueError(
            f"{output} holds trainings of another config, number of steps, or corpora. Name another folder."
        )
    with whole_file(path) as temporary:
        write_json(temporary, settings._asdict())


def train(sides: Sequence[Side], settings: Settings, executor: Executor, after_each: Any) -> None:
    """Train what is not trained yet; each is tested when it has ended, and `after_each` called."""
    waiting = list(sides)
    with tqdm(total=len(sides), desc="Trainings", disable=None) as bar:

        def look(steps: Dict[str, int]) -> None:
            for side in list(waiting):
                outcome = read_record(side.run.folder / RECORD)
                if outcome is not None and outcome.is_finished:
                    test_pipeline(side, outcome, settings)
                    after_each()
                    waiting.remove(side)
                    bar.update()

        train_runs([side.run for side in sides], executor=executor, progress=look)
        look({})


def read_record(path: Path) -> Optional[Outcome]:
    """What became of a training, whatever its config; None if it was never ended."""
    if not path.exists():
        return None
    record = read_json(path)
    return Outcome(**{name: value for name, value in record.items() if name in Outcome._fields})


def test_pipeline(side: Side, outcome: Outcome, settings: Settings) -> None:
    """Test the pipeline, each task on its own corpus, and keep the scores beside it."""
    path = side.run.folder / RESULT
    key = [settings.key, list(outcome)]
    if path.exists() and read_json(path)["key"] == key:
        return
    nlp = spacy.load(side.run.folder / settings.pipeline)
    tasks = [task for task in settings.scores if task in nlp.pipe_names]
    scores = {}
    for corpus in sorted({settings.tests[task] for task in tasks}):
        tested = [task for task in tasks if settings.tests[task] == corpus]
        with nlp.select_pipes(disable=[task for task in tasks if task not in tested]):
            examples = annotate(nlp, list(make_corpus(Path(corpus))(nlp)))
            for task in tested:
                scores.update(score_task(nlp, task, examples, settings.scores[task]))
    record = {"key": key, "group": side.group, "name": side.name, "seed": side.seed, "scores": scores}
    with whole_file(path) as temporary:
        write_json(temporary, {**record, "processor_seconds": outcome.processor_seconds})


def score_task(nlp: Language, task: str, examples: Sequence[Any], names: Sequence[str]) -> Dict[str, float]:
    """The scores of one component on annotated Examples."""
    pipe: Any = nlp.get_pipe(task)
    found = pipe.score(examples)
    return {name: found[name] for name in names if found.get(name) is not None}


def read_results(output: Path, settings: Settings) -> List[Dict[str, Any]]:
    """The records of the trainings that are tested."""
    records = [read_json(path) for path in sorted(output.glob(f"*/*/seed-*/{RESULT}"))]
    return [record for record in records if record["key"][0] == settings.key]


def read_settings(output: Path) -> Settings:
    """What the trainings in a folder have in common."""
    return Settings(**read_json(output / SETTINGS))


def list_failures(output: Path) -> List[str]:
    """A sentence for each training that failed."""
    failures = []
    for path in sorted(output.glob(f"*/*/seed-*/{RECORD}")):
        outcome = read_record(path)
        if outcome is not None and not outcome.is_finished:
            failures.append(f"A training failed; {path.parent / LOG} says why.")
    return failures
