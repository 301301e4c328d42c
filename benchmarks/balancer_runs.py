"""The trainings that tell what a balancer gains: jointly with each balancer, and each task alone."""

import inspect
from pathlib import Path
from typing import Any, Dict, List, Mapping, Optional, Sequence, Tuple

from spacy.util import registry
from tested_runs import Settings, Side
from thinc.api import Config

from spacy_mtl.analysis.comparison.budget import EXAMPLES
from spacy_mtl.analysis.comparison.planning import JOINT, Plan, assign_tests, inspect_tests, plan_runs
from spacy_mtl.analysis.metrics.counts import find_metrics
from spacy_mtl.analysis.trainings.derived_configs import Joint, seed_config
from spacy_mtl.analysis.trainings.executors import Run
from spacy_mtl.analysis.trainings.fingerprints import fingerprint
from spacy_mtl.balancing.balancer import LEVELS

REFERENCE = "Sum"
METHODS = (
    REFERENCE,
    "Equal",
    "TargetDistributionAveraging",
    "UncertaintyWeighting",
    "DynamicWeightAveraging",
    "GradNorm",
    "FAMO",
    "RandomLossWeighting",
    "PCGrad",
    "GradVac",
    "MGDA",
    "CAGrad",
    "NashMTL",
    "IMTLG",
    "AlignedMTL",
    "UPGrad",
    "ConFIG",
    "GradDrop",
)


def read_methods(methods: str) -> List[Tuple[str, Optional[str]]]:
    """Methods and their levels, as the command line names them."""
    found = []
    for part in METHODS if methods == "all" else methods.split(","):
        name, _, level = part.strip().partition(":")
        if name not in METHODS:
            raise ValueError(f"Expected a method of {', '.join(METHODS)}; found '{name}'.")
        if level and level not in LEVELS:
            raise ValueError(f"Expected a level of {', '.join(LEVELS)}; found '{level}'.")
        found.append((name, level or None))
    return found


def make_block(method: str, level: Optional[str], seed: int) -> Dict[str, Any]:
    """The block of a balancer."""
    block: Dict[str, Any] = {"@misc": f"spacy-mtl.{method}.v1"}
    if "seed" in inspect.signature(registry.get("misc", block["@misc"])).parameters:
        block["seed"] = seed
    return {**block, "level": level} if level else block


def plan(
    joint: Joint, tests: Mapping[str, Path], output: Path, seeds: Sequence[int], methods: str
) -> Tuple[List[Side], Settings]:
    """All trainings, one seed after the other, first what the others are compared with."""
    metrics = {
        task.name: find_metrics(joint.nlp, task, joint.config["training"]["score_weights"]) for task in joint.tasks
    }
    paths = assign_tests(joint, tests)
    inspect_tests(joint, paths, metrics)
    chosen = read_methods(methods)
    planned = plan_runs(joint, metrics, output, seeds, EXAMPLES)
    tasks = [task.name for task in joint.tasks if (task.name, seeds[0]) in planned.runs]
    sides: List[Side] = []
    for seed in seeds:
        balanced = [make_joint(joint, planned, output, seed, *method) for method in chosen]
        first = [side for side in balanced if side.name == REFERENCE]
        alone = [make_single(planned, task, seed) for task in tasks]
        sides += [*first, *alone, *(side for side in balanced if side not in first)]
    settings = Settings(
        [
            fingerprint(seed_config(joint.config, 0)),
            fingerprint(Config({"paths": {task: str(path) for task, path in paths.items()}})),
        ],
        str(joint.path),
        {task: [metric.score for metric in metrics[task]] for task in tasks},
        {task: str(paths[task]) for task in tasks},
        {"joint": planned.updates[JOINT], **{task: planned.updates[task] for task in tasks}},
    )
    return sides, settings


def make_joint(joint: Joint, planned: Plan, output: Path, seed: int, method: str, level: Optional[str]) -> Side:
    """A joint training with a balancer, in every encoder that several tasks share."""
    config = planned.runs[JOINT, seed].config.copy()
    for encoder in {encoder for task in joint.shared_tasks for encoder in task.encoders}:
        if "balancer" in config["components"][encoder]:
            config["components"][encoder]["balancer"] = make_block(method, level, seed)
    name = f"{method}:{level}" if level else method
    run = Run(f"{name}, seed {seed}", config, output / "joint" / name.replace(":", "-") / f"seed-{seed}")
    return Side("joint", name, seed, run)


def make_single(planned: Plan, task: str, seed: int) -> Side:
    """A task alone, evaluated on the development part as seldom as the joint training."""
    run = planned.runs[task, seed]
    run.config["training"]["eval_frequency"] = run.config["training"]["max_steps"]
    return Side("single", task, seed, run)
