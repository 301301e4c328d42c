"""Which trainings a comparison needs, and on which corpora they are tested."""

from pathlib import Path
from typing import Dict, List, Mapping, NamedTuple, Optional, Sequence, Tuple

from spacy.language import Language
from spacy.tokens import Doc
from thinc.api import Config

from ...data.corpus import make_corpus
from ...errors import Errors
from ..metrics.metrics import Metric
from ..metrics.tasks import Task
from ..trainings.derived_configs import Joint, derive_config, seed_config
from ..trainings.executors import Run
from ..trainings.step_settings import find_unscaled
from .budget import EXAMPLES, Use, count_updates, count_use, is_known, set_updates
from .gold import find_gold_layers, has_gold, is_whole
from .sides import JOINT, Aided, Key, Side, find_task, name_side

ALL_TASKS = ""
"""Among the test corpora: the one for every task that has none of its own."""


class Plan(NamedTuple):
    """Trainings.

    runs (Dict[Key, Run]): By the name of the task, JOINT for all of them, `Aided` for one with its aids, and the seed.
    updates (Dict[Side, int]): The updates of each, by the same without the seed.
    """

    runs: Dict[Key, Run]
    updates: Dict[Side, int]


class TaskTexts(NamedTuple):
    """What a test corpus has for a task.

    path (str): The corpus.
    texts (int): Its texts.
    annotated (Optional[int]): Those annotated for the task's main score; None if that cannot be told.
    notes (Tuple[str, ...]): What to know about it.
    """

    path: str
    texts: int
    annotated: Optional[int]
    notes: Tuple[str, ...] = ()


def assign_tests(joint: Joint, tests: Mapping[str, Path]) -> Dict[str, Path]:
    """Give each task its test corpus.

    joint (Joint): The joint config.
    tests (Mapping[str, Path]): By task; ALL_TASKS for the tasks that are not named.
    RETURNS (Dict[str, Path]): By task, for all.
    RAISES (ValueError): E712 for a name that is no task, E713 for a task without a corpus.
    """
    names = [task.name for task in joint.tasks]
    for name in tests:
        if name != ALL_TASKS and name not in names:
            raise ValueError(Errors.E712.format(found=name, names=", ".join(names)))
    lacking = [name for name in names if name not in tests and ALL_TASKS not in tests]
    if lacking:
        raise ValueError(Errors.E713.format(tasks=", ".join(lacking)))
    return {name: tests[name] if name in tests else tests[ALL_TASKS] for name in names}


def inspect_tests(
    joint: Joint, tests: Mapping[str, Path], metrics: Mapping[str, Sequence[Metric]]
) -> Dict[str, TaskTexts]:
    """Read the test corpora, and check that they are annotated.

    joint (Joint): The joint config.
    tests (Mapping[str, Path]): The test corpus of each task.
    metrics (Mapping[str, Sequence[Metric]]): The scores of each task, the main one first.
    RETURNS (Dict[str, TaskTexts]): By task, what the corpus has for it.
    RAISES (OSError, ValueError): E715 for a corpus that annotates nothing for a task that has a score, if it is known
        what that is computed from; what reading raises.
    """
    docs = {path: [example.reference for example in make_corpus(path)(joint.nlp)] for path in set(tests.values())}
    return {task: _inspect(joint.nlp, task, path, docs[path], metrics[task]) for task, path in tests.items()}


def plan_runs(
    joint: Joint,
    metrics: Mapping[str, Sequence[Metric]],
    output: Path,
    seeds: Sequence[int],
    budget: str,
    *,
    with_aids: bool = False,
) -> Plan:
    """The joint trainings, and those of each task that shares an encoder and has a score.

    joint (Joint): The joint config.
    metrics (Mapping[str, Sequence[Metric]]): The scores of each task, the main one first.
    output (Path): The folder for all trainings.
    seeds (Sequence[int]): The seeds.
    budget (str): "updates", "examples", or "compute", which begins as "updates" does.
    with_aids (bool): Whether tasks that have aids in the joint training are also trained alone with them.
    RETURNS (Plan): The trainings.
    RAISES (ValueError): E717 for a task without texts, E719 if the joint training has no end; what reading raises.
    """
    tasks = [task for task in joint.shared_tasks if metrics[task.name]]
    # the same updates for all seeds, whichever are asked for
    base = seed_config(joint.config, 0)
    is_given = is_known(base)
    use = Use(base["training"]["max_steps"] + 1, {})
    if budget == EXAMPLES or not is_given:
        use = count_use(joint.nlp, base, [task.name for task in tasks])
    updates: Dict[Side, int] = {JOINT: use.updates}
    alone: Dict[Side, Config] = {task.name: _derive(joint, base, task, metrics) for task in tasks}
    if with_aids:
        aided = {Aided(task.name): _derive(joint, base, task, metrics, keep_aids=True) for task in tasks}
        alone.update({side: config for side, config in aided.items() if config != alone[side.task]})
    for side, derived in alone.items():
        name = find_task(side)
        updates[side] = use.updates
        if name is not None and budget == EXAMPLES and derived["corpora"] != base["corpora"]:
            updates[side] = count_updates(joint.nlp, derived, name, use.texts[name])
    runs: Dict[Key, Run] = {}
    for seed in seeds:
        config = seed_config(joint.config, seed)
        runs[JOINT, seed] = Run(f"joint, seed {seed}", config, output / "joint" / f"seed-{seed}")
        for side in alone:
            (task,) = [task for task in tasks if task.name == find_task(side)]
            derived = _derive(joint, config, task, metrics, keep_aids=isinstance(side, Aided))
            if not is_given or updates[side] != use.updates:
                derived = set_updates(derived, updates[side], use.updates)
            folder = output / ("aided" if isinstance(side, Aided) else "single") / task.name / f"seed-{seed}"
            runs[side, seed] = Run(f"{name_side(side)}, seed {seed}", derived, folder)
    return Plan(runs, updates)


def list_failures(plan: Plan, finished: Mapping[Key, object], log: str) -> List[str]:
    """Say which trainings failed.

    plan (Plan): The trainings.
    finished (Mapping[Key, object]): Those that came to their end.
    log (str): The name of the file that tells why.
    RETURNS (List[str]): A sentence for each.
    """
    failed = [run for key, run in plan.runs.items() if key not in finished]
    return [f"The training '{run.name}' failed; {run.folder / log} says why." for run in failed]


def find_schedule_notes(plan: Plan) -> List[str]:
    """Say which schedules do not fit the number of updates of a task alone.

    plan (Plan): The trainings.
    RETURNS (List[str]): A sentence for each set of schedules of which it is not known what they count in updates, where
        a task alone has another number of updates than the joint training.
    """
    found: Dict[Tuple[str, ...], List[str]] = {}
    for (side, _), run in plan.runs.items():
        task = find_task(side)
        if task is not None and plan.updates[side] != plan.updates[JOINT]:
            tasks = found.setdefault(tuple(find_unscaled(run.config)), [])
            if task not in tasks:
                tasks.append(task)
    return [
        f"{', '.join(tasks)}: alone trained with another number of updates than jointly, but with the same "
        f"{', '.join(names)}, of which it is not known what is counted in updates."
        for names, tasks in found.items()
        if names
    ]


def _inspect(nlp: Language, task: str, path: Path, docs: Sequence[Doc], metrics: Sequence[Metric]) -> TaskTexts:
    layers = find_gold_layers(nlp, task, metrics, str(path))
    if layers is None:
        note = (
            f"It cannot be told before training whether {path} is annotated for it. Mind scores that are missing or 0."
        )
        return TaskTexts(str(path), len(docs), None, (note,) if metrics else ())
    annotated = sum(has_gold(layers, doc) for doc in docs)
    if metrics and not annotated:
        raise ValueError(Errors.E715.format(path=path, docs=len(docs), task=task))
    lacking = sum(not is_whole(layers, doc) for doc in docs)
    notes = []
    if metrics and metrics[0].gaps and lacking:
        notes.append(f"{lacking:,} of {len(docs):,} texts of {path} are not wholly annotated for it. {metrics[0].gaps}")
    return TaskTexts(str(path), len(docs), annotated, tuple(notes))


def _derive(
    joint: Joint, config: Config, task: Task, metrics: Mapping[str, Sequence[Metric]], *, keep_aids: bool = False
) -> Config:
    return derive_config(joint, config, [task], {metrics[task.name][0].score: 1.0}, keep_aids=keep_aids)
