"""The trainings that tell which tasks belong together: every group of them, each on an encoder of its own."""

from itertools import combinations
from pathlib import Path
from typing import Dict, List, Mapping, Sequence, Tuple

from tested_runs import Settings, Side
from thinc.api import Config

from spacy_mtl.analysis.comparison.budget import Use, count_updates, count_use, set_updates
from spacy_mtl.analysis.comparison.planning import assign_tests, inspect_tests
from spacy_mtl.analysis.metrics.counts import find_metrics
from spacy_mtl.analysis.metrics.tasks import Task
from spacy_mtl.analysis.trainings.derived_configs import Joint, derive_group, seed_config
from spacy_mtl.analysis.trainings.executors import Run
from spacy_mtl.analysis.trainings.fingerprints import fingerprint

GROUP = "groups"
MOST_TASKS = 5


def plan(
    joint: Joint, tests: Mapping[str, Path], output: Path, seeds: Sequence[int]
) -> Tuple[List[Side], Settings, List[str]]:
    """All trainings, one seed after the other, and the tasks.

    A group is trained until it has read as many texts annotated for its tasks as the joint training of all tasks, each
    as often as it comes.
    """
    tasks = joint.shared_tasks
    if len(tasks) > MOST_TASKS:
        raise ValueError(f"Expected at most {MOST_TASKS} tasks, of which all groups are trained; found {len(tasks)}.")
    weights = joint.config["training"]["score_weights"]
    metrics = {task.name: find_metrics(joint.nlp, task, weights) for task in tasks}
    paths = assign_tests(joint, tests)
    inspect_tests(joint, paths, metrics)
    groups = [group for size in range(len(tasks), 0, -1) for group in combinations(tasks, size)]
    base = seed_config(joint.config, 0)
    use = count_use(joint.nlp, base, [task.name for task in tasks])
    updates = {show_group(group): find_updates(joint, base, group, use) for group in groups}
    sides = []
    for seed in seeds:
        config = seed_config(joint.config, seed)
        for group in groups:
            name = show_group(group)
            chosen = derive_group(joint, config, group)
            if updates[name] != use.updates:
                chosen = set_updates(chosen, updates[name], use.updates)
            # two evaluations, as in the training of all
            chosen["training"]["eval_frequency"] = chosen["training"]["max_steps"]
            run = Run(f"{name}, seed {seed}", chosen, output / GROUP / name / f"seed-{seed}")
            sides.append(Side(GROUP, name, seed, run))
    settings = Settings(
        [
            fingerprint(base),
            fingerprint(Config({"paths": {task: str(path) for task, path in paths.items()}})),
        ],
        str(joint.path),
        {task.name: [metric.score for metric in metrics[task.name]] for task in tasks},
        {task.name: str(paths[task.name]) for task in tasks},
        updates,
    )
    return sides, settings, [task.name for task in tasks]


def find_updates(joint: Joint, base: Config, group: Sequence[Task], use: Use) -> int:
    """How many updates the group is trained for."""
    derived = derive_group(joint, base, group)
    # the same texts in the same order, whatever they are annotated for
    if list_sources(derived) == list_sources(base):
        return use.updates
    most = max(group, key=lambda task: use.texts[task.name])
    return count_updates(joint.nlp, derived, most.name, use.texts[most.name])


def list_sources(config: Config) -> Dict[str, List[str]]:
    """The names of the sources of each corpus."""
    return {name: list(block.get("sources", [])) for name, block in config["corpora"].items()}


def show_group(group: Sequence[Task]) -> str:
    """The name of a group."""
    return "+".join(task.name for task in group)
