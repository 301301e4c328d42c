"""Which tasks help each other: inter-task affinity and cosines of gradients, from one joint training."""

import io
import json
from pathlib import Path
from typing import IO, Any, Dict, List, Mapping, NamedTuple, Optional, Tuple

from spacy.training.initialize import init_nlp
from spacy.training.loop import train
from spacy.util import registry, resolve_dot_names

from ...data.writing import whole_file
from ...errors import Errors
from ...json_files import read_json
from ..trainings.derived_configs import Joint, load_joint, seed_config
from ..trainings.fingerprints import fingerprint
from .estimates import Estimate, estimate_mean
from .pairs import Pair, find_pairs, tell_pairs
from .probes import read_pool
from .steps import Measurement, Watcher

FILE = "affinity.json"
# Measurements in a training, and updates between them where it is not known how long it takes.
MEASUREMENTS = 50
EVERY = 100
EXAMPLES = 64
# The pipeline is not kept, and no config that refers to this name.
CALLBACK = "spacy-mtl.affinity"


class Settings(NamedTuple):
    """How it is measured.

    every (int): Updates from one measurement to the next.
    examples (int): Examples for each task in a measurement, at most.
    """

    every: int
    examples: int


class Affinity(NamedTuple):
    """What a training tells of its tasks.

    config (str): The path of the joint config.
    fingerprint (str): What the training depends on.
    encoder (str): The name of the component that the tasks share.
    tasks (List[str]): The tasks.
    apart (List[str]): The heads that are trained, but share no encoder with others: nothing is measured of them.
    settings (Settings): How it was measured.
    probes (Dict[str, int]): By task, how many Examples each measurement had.
    pool (Dict[str, int]): By task, how many these were drawn from, anew for each measurement.
    measurements (List[Measurement]): What was found, one after the other.
    """

    config: str
    fingerprint: str
    encoder: str
    tasks: List[str]
    apart: List[str]
    settings: Settings
    probes: Dict[str, int]
    pool: Dict[str, int]
    measurements: List[Measurement]

    @property
    def affinity(self) -> Dict[str, Dict[str, Estimate]]:
        """RETURNS (Dict[str, Dict[str, Estimate]]): By the task whose step it is, and the task whose loss it is."""
        found: Dict[str, Dict[str, List[float]]] = {}
        for measurement in self.measurements:
            for task, row in measurement.affinity.items():
                for other, value in row.items():
                    found.setdefault(task, {}).setdefault(other, []).append(value)
        return {task: {other: estimate_mean(values) for other, values in row.items()} for task, row in found.items()}

    @property
    def cosines(self) -> Dict[Tuple[str, str], Estimate]:
        """RETURNS (Dict[Tuple[str, str], Estimate]): By pair, in the order of the tasks."""
        found: Dict[Tuple[str, str], List[float]] = {}
        for measurement in self.measurements:
            for first, second, value in measurement.cosines:
                pair = sorted((first, second), key=self.tasks.index)
                found.setdefault((pair[0], pair[1]), []).append(value)
        return {pair: estimate_mean(values) for pair, values in found.items()}

    @property
    def means(self) -> Dict[str, Dict[str, float]]:
        """RETURNS (Dict[str, Dict[str, float]]): The means of `affinity`."""
        return {task: {other: found.mean for other, found in row.items()} for task, row in self.affinity.items()}

    @property
    def matrices(self) -> List[Dict[str, Dict[str, float]]]:
        """RETURNS (List[Dict[str, Dict[str, float]]]): The same for each measurement."""
        return [measurement.affinity for measurement in self.measurements]

    @property
    def pairs(self) -> List[Pair]:
        """RETURNS (List[Pair]): The pairs of tasks, those first that help each other most."""
        return find_pairs(self.tasks, self.means, self.matrices)

    @property
    def verdict(self) -> str:
        """RETURNS (str): The answer, in a sentence."""
        return tell_pairs(self.pairs)

    def __repr__(self) -> str:
        return f"<Affinity of {', '.join(self.tasks)}, measured {len(self.measurements)} times: {self.verdict}>"

    def to_dict(self) -> Dict[str, Any]:
        """RETURNS (Dict[str, Any]): The same, the means and the verdict, fit for JSON."""
        return {
            "verdict": self.verdict,
            **self._asdict(),
            "settings": self.settings._asdict(),
            "affinity": {
                task: {other: found._asdict() for other, found in row.items()} for task, row in self.affinity.items()
            },
            "cosines": [[*pair, found._asdict()] for pair, found in self.cosines.items()],
            "measurements": [measurement._asdict() for measurement in self.measurements],
        }


def measure_affinity(
    path: Path,
    output: Path,
    *,
    every: Optional[int] = None,
    examples: int = EXAMPLES,
    gpu_id: int = -1,
    overrides: Optional[Mapping[str, Any]] = None,
    code: Optional[Path] = None,
    stdout: Optional[IO] = None,
    stderr: Optional[IO] = None,
) -> Affinity:
    """Train a joint config, measure meanwhile, and write OUTPUT/affinity.json. A finished file is read instead.

    The training is spaCy's own, and that of `spacy train`, bit for bit; its pipeline is not kept. Each measurement has
    texts of its own, so that the error of the mean covers the choice of texts; but not that of the pool that they are
    drawn from, where a corpus is larger than that (see `spacy_mtl.analysis.affinity.probes`).

    path (Path): The joint config.
    output (Path): The folder.
    every (Optional[int]): Updates from one measurement to the next; None for MEASUREMENTS in all, or one in EVERY if
        [training] max_steps is not given.
    examples (int): For each task, the texts of the training corpus that a measurement takes.
    gpu_id (int): The GPU; -1 for the CPU.
    overrides (Optional[Mapping[str, Any]]): Settings of the config by their name with dots.
    code (Optional[Path]): A Python file with registered functions, which is imported already: a finished file that was
        measured with another is refused.
    stdout (Optional[IO]): What the training's logger writes to; None for nothing.
    stderr (Optional[IO]): The same for its progress bar.
    RETURNS (Affinity): What was found.
    RAISES (OSError, ValueError, ImportError): E750-E755; E711 if no two heads share an encoder; what training raises.
    """
    for setting, found in (("--every", every), ("--examples", examples)):
        if found is not None and found < 1:
            raise ValueError(Errors.E750.format(setting=setting, found=found))
    joint = load_joint(path, overrides)
    encoder, tasks = find_shared(joint)
    training = joint.config.interpolate()["training"]
    config = seed_config(joint.config, training["seed"] or 0)
    if every is None:
        steps = training["max_steps"]
        every = max(1, steps // MEASUREMENTS) if steps > 0 else EVERY
    settings = Settings(every, examples)
    print_of_config = fingerprint(config, code)
    file_ = output / FILE
    if file_.exists():
        known = read_affinity(file_)
        wanted = (print_of_config, settings)
        if (known.fingerprint, known.settings) != wanted:
            raise ValueError(
                Errors.E753.format(path=file_, expected=_tell(*wanted), found=_tell(known.fingerprint, known.settings))
            )
        return known
    nlp = init_nlp(config, use_gpu=gpu_id)
    (corpus,) = resolve_dot_names(nlp.config.interpolate(), [training["train_corpus"]])
    pool = read_pool(nlp, corpus, tasks, size=examples, seed=training["seed"] or 0)
    own = nlp.config["training"].get("before_update")
    before = registry.resolve({"callback": own})["callback"] if own else None
    watcher = Watcher(encoder, pool, every=every, annotating=training["annotating_components"], before=before)
    updates = 0

    def count(nlp: Any, info: Dict[str, Any]) -> None:
        nonlocal updates
        watcher(nlp, info)
        updates = info["step"] + 1

    # spaCy's loop takes its callbacks from the config alone
    registry.callbacks.register(CALLBACK, func=lambda: count)
    nlp.config["training"]["before_update"] = {"@callbacks": CALLBACK}
    train(nlp, None, use_gpu=gpu_id, stdout=stdout or io.StringIO(), stderr=stderr or io.StringIO())
    if not watcher.measurements:
        raise ValueError(Errors.E754.format(every=every, updates=updates))
    affinity = Affinity(
        config=str(path),
        fingerprint=print_of_config,
        encoder=encoder,
        tasks=tasks,
        apart=[task.name for task in joint.tasks if not task.is_shared],
        settings=settings,
        probes={task: min(size, examples) for task, size in pool.sizes.items()},
        pool=pool.sizes,
        measurements=watcher.measurements,
    )
    with whole_file(file_) as temporary:
        # a loss may be NaN, which write_json refuses
        temporary.write_text(json.dumps(affinity.to_dict(), indent=2), encoding="utf8")
    return affinity


def find_shared(joint: Joint) -> Tuple[str, List[str]]:
    """The encoder that tasks share.

    joint (Joint): The joint config.
    RETURNS (Tuple[str, List[str]]): Its name, and those of its tasks.
    RAISES (ValueError): E751 if there are several, or if one of the tasks listens to another encoder as well.
    """
    encoders = {encoder for task in joint.shared_tasks for encoder in task.encoders}
    if len(encoders) != 1:
        found = ", ".join(f"{task.name} ({', '.join(task.encoders)})" for task in joint.shared_tasks)
        raise ValueError(Errors.E751.format(path=joint.path, found=found))
    return encoders.pop(), [task.name for task in joint.shared_tasks]


def read_affinity(path: Path) -> Affinity:
    """Read what was measured before.

    path (Path): The file.
    RETURNS (Affinity): What it holds.
    RAISES (ValueError): E755 if it is another file, or one of a former layout.
    """
    expected = f"JSON with {', '.join(Affinity._fields)}"
    try:
        record = read_json(path)
        lacking = [name for name in Affinity._fields if name not in record]
        if lacking:
            raise ValueError(f"no {', '.join(lacking)}")
        record.pop("verdict", None)
        record.pop("affinity")
        record.pop("cosines")
        record["settings"] = Settings(**record["settings"])
        record["measurements"] = [Measurement(**measurement) for measurement in record["measurements"]]
        found = Affinity(**record)
        # what cannot be averaged is nothing that was measured
        found.to_dict()
        if not found.measurements:
            raise ValueError("no measurement")
        return found
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise ValueError(Errors.E755.format(path=path, expected=expected, found=f"{error!r}")) from error


def _tell(print_of_config: str, settings: Settings) -> str:
    return f"config {print_of_config[:8]}, --every {settings.every}, --examples {settings.examples}"
