"""Joint training against training each task alone, with the same encoder, data and budget."""

from pathlib import Path
from typing import Any, Callable, Dict, List, Mapping, NamedTuple, Optional, Sequence, Tuple

from ...errors import Errors
from ..metrics.counts import find_metrics
from ..trainings.derived_configs import Joint, load_joint
from ..trainings.executors import LOG, Executor, Run
from ..trainings.processes import Outcome
from ..trainings.run_folders import claim_folder, make_key
from ..trainings.runs import train_runs
from .aided import WithAids, score_with_aids
from .budget import BUDGETS, COMPUTE, UPDATES
from .compute import give_time
from .costs import Cost, add_costs, find_cost, time_pipelines
from .evaluation import Results, TaskCorpus, evaluate_run, find_categories
from .gain import find_gain, find_measures
from .learning_curves import find_undertrained
from .planning import (
    Plan,
    TaskTexts,
    assign_tests,
    find_schedule_notes,
    inspect_tests,
    list_failures,
    plan_runs,
)
from .scores import TaskScore, score_task
from .sides import JOINT, Aided, Key, find_task, name_side
from .statistics import SAMPLES
from .verdict import find_aided_verdict, find_verdict


class Comparison(NamedTuple):
    """What joint training gains and costs.

    config (str): The joint config.
    seeds (List[int]): The seeds.
    budget (str): "updates", "examples" or "compute".
    samples (int): Samples of randomization and bootstrap.
    tests (Dict[str, TaskTexts]): By task, the test corpus.
    scores (List[TaskScore]): The scores, a main one for each task and others.
    delta_m (Optional[float]): The average relative gain over the tasks in `compared`; None without an interval.
    compared (List[str]): The tasks whose main score is known on both sides.
    costs (List[Cost]): Of the joint pipeline, of each single one, and of these together.
    failures (List[str]): Trainings that failed.
    notes (List[str]): What to know about the whole.
    undertrained (Dict[str, List[int]]): By the name of a pipeline, the seeds whose training ended while its score on
        the development corpus still rose.
    delta_m_interval (Optional[Tuple[float, float]]): Of delta-m, 95%, by the bootstrap over test texts, and over seeds
        where there are several.
    delta_m_reason (str): Why there is no delta-m; empty if there is one.
    with_aids (Optional[WithAids]): The same against tasks alone that have the same aids; None without such trainings.
    """

    config: str
    seeds: List[int]
    budget: str
    samples: int
    tests: Dict[str, TaskTexts]
    scores: List[TaskScore]
    delta_m: Optional[float]
    compared: List[str]
    costs: List[Cost]
    failures: List[str]
    notes: List[str]
    undertrained: Dict[str, List[int]] = {}
    delta_m_interval: Optional[Tuple[float, float]] = None
    delta_m_reason: str = ""
    with_aids: Optional[WithAids] = None

    @property
    def verdict(self) -> str:
        """RETURNS (str): The answer, in a sentence, or in two where tasks have aids."""
        sentence = find_verdict(self.scores, self.tests, self.undertrained)
        if self.with_aids is None:
            return sentence
        aided = find_aided_verdict(self.with_aids.scores, self.with_aids.pipelines, self.undertrained)
        return f"{sentence} {aided}"

    def __repr__(self) -> str:
        return f"<Comparison of {self.config}: {self.verdict}>"

    def to_dict(self) -> Dict[str, Any]:
        """RETURNS (Dict[str, Any]): The same and the verdict, fit for JSON."""
        return {
            "verdict": self.verdict,
            **self._asdict(),
            "tests": {task: texts._asdict() for task, texts in self.tests.items()},
            "scores": [score._asdict() for score in self.scores],
            "costs": [cost._asdict() for cost in self.costs],
            "with_aids": None if self.with_aids is None else self.with_aids.to_dict(),
        }


def compare(
    path: Path,
    tests: Mapping[str, Path],
    output: Path,
    *,
    seeds: Sequence[int] = (0, 1, 2),
    budget: str = UPDATES,
    jobs: int = 1,
    gpu_id: int = -1,
    code: Optional[Path] = None,
    executor: Optional[Executor] = None,
    overrides: Optional[Mapping[str, Any]] = None,
    samples: int = SAMPLES,
    with_aids: bool = True,
    progress: Optional[Callable[[int, int], None]] = None,
) -> Comparison:
    """Train a joint config and each of its tasks alone, and compare them on test corpora.

    Trainings that are finished are not done again; one that fails is reported, and the others go on.

    path (Path): The joint config.
    tests (Mapping[str, Path]): Test corpora by task; ALL_TASKS for the tasks that are not named.
    output (Path): Folder for the trainings.
    seeds (Sequence[int]): The seeds; each pipeline is trained with each.
    budget (str): "updates" for as many updates alone as jointly, "examples" for as many texts annotated for the task,
        "compute" for as much processor time jointly as all tasks alone take together.
    jobs (int): Trainings at once.
    gpu_id (int): The GPU for training; -1 for the CPU.
    code (Optional[Path]): A Python file with registered functions, for the trainings.
    executor (Optional[Executor]): Where they run; None for this machine.
    overrides (Optional[Mapping[str, Any]]): Settings of the config by their name with dots.
    samples (int): Samples of randomization and bootstrap.
    with_aids (bool): Whether tasks that have aids in the joint config are also trained alone with them.
    progress (Optional[Callable[[int, int], None]]): Called now and then with the updates that are done, and with all.
    RETURNS (Comparison): The comparison.
    RAISES (OSError, ValueError): E702 and E710-E719 for what cannot be compared, before anything is trained; E701 if
        the folder holds trainings of another config, with these seeds or others; E726 if one of them is being trained
        at this moment; E727 if a training fails that the budget "compute" is measured by; what loading the config
        and reading corpora raises.
    """
    if budget not in BUDGETS:
        raise ValueError(Errors.E718.format(found=budget, expected=", ".join(BUDGETS)))
    if not seeds or len(set(seeds)) < len(seeds) or min(seeds) < 0:
        raise ValueError(Errors.E710.format(found=",".join(map(str, seeds))))
    joint = load_joint(path, overrides)
    weights = joint.config["training"]["score_weights"]
    metrics = {task.name: find_metrics(joint.nlp, task, weights) for task in joint.tasks}
    paths = assign_tests(joint, tests)
    texts = inspect_tests(joint, paths, metrics)
    plan = plan_runs(joint, metrics, output, seeds, budget, with_aids=with_aids)
    if jobs < 1:
        raise ValueError(Errors.E702.format(jobs=jobs, names=", ".join(run.name for run in plan.runs.values())))
    claim_folder(output, make_key(joint, budget, code))

    def report(steps: Dict[str, int]) -> None:
        if progress is not None:
            progress(sum(steps.values()), sum(plan.updates[side] for side, _ in plan.runs))

    def train(runs: Sequence[Run]) -> Dict[str, Outcome]:
        return train_runs(runs, jobs=jobs, gpu_id=gpu_id, code=code, executor=executor, progress=report)

    if budget == COMPUTE:
        plan = give_time(plan, output, train)
    outcomes = train(list(plan.runs.values()))
    finished = {key: outcomes[run.name] for key, run in plan.runs.items() if outcomes[run.name].is_finished}
    corpora = {task: TaskCorpus(paths[task], metrics[task]) for task in paths}
    categories = find_categories([plan.runs[key] for key in finished if key[0] is JOINT])
    results = {}
    for key, outcome in finished.items():
        name = find_task(key[0])
        tested = corpora if name is None else {name: corpora[name]}
        results[key] = evaluate_run(plan.runs[key], outcome, tested, categories)
    scores = [score for task in joint.tasks for score in score_task(task, metrics[task.name], results, samples)]
    compared = [score for score in scores if score.is_main and score.difference is not None]
    named = {task: str(corpus) for task, corpus in paths.items()}
    gain = find_gain(compared, results, named, samples, find_measures(metrics))
    return Comparison(
        str(path),
        list(seeds),
        budget,
        samples,
        texts,
        scores,
        gain.mean,
        [score.task for score in compared],
        find_costs(plan, finished, results, sorted(set(paths.values()))),
        list_failures(plan, finished, LOG),
        [*find_schedule_notes(plan), *find_notes(joint)],
        find_undertrained_sides(plan, finished),
        gain.interval,
        gain.reason,
        score_with_aids(joint.tasks, metrics, list(plan.updates), results, named, samples),
    )


def find_undertrained_sides(plan: Plan, finished: Mapping[Key, Outcome]) -> Dict[str, List[int]]:
    """Which pipelines had too few updates, by their own learning curves.

    plan (Plan): The trainings.
    finished (Mapping[Key, Outcome]): Those that came to their end.
    RETURNS (Dict[str, List[int]]): By the name of the pipeline, the seeds; empty if all learned to their end.
    """
    found = {}
    for task in plan.updates:
        logs = [(seed, plan.runs[key].folder / LOG) for key in finished for seed in [key[1]] if key[0] == task]
        if seeds := find_undertrained(logs):
            found[name_side(task)] = seeds
    return found


def find_costs(
    plan: Plan, finished: Mapping[Key, Outcome], results: Mapping[Key, Results], corpora: Sequence[Path]
) -> List[Cost]:
    """What the pipelines cost.

    plan (Plan): The trainings.
    finished (Mapping[Key, Outcome]): What became of those that came to their end.
    results (Mapping[Key, Results]): What these gave.
    corpora (Sequence[Path]): What is annotated to take the time.
    RETURNS (List[Cost]): Of the joint pipeline, of each single one, and of these together.
    """
    names = {task: name_side(task) for task in plan.updates}
    first = {}
    for task, seed in reversed(list(finished)):
        first[names[task]] = plan.runs[task, seed]
    speeds = time_pipelines(first, corpora)
    costs = []
    for task, updates in plan.updates.items():
        keys = [key for key in finished if key[0] == task]
        outcomes, found = [finished[key] for key in keys], [results[key] for key in keys]
        costs.append(find_cost(names[task], updates, outcomes, found, speeds.get(names[task])))
    alone = {side: cost for side, cost in zip(plan.updates, costs) if isinstance(side, str)}
    aided = {side.task: cost for side, cost in zip(plan.updates, costs) if isinstance(side, Aided)}
    if alone:
        costs.append(add_costs("all of them alone", list(alone.values())))
    if aided:
        costs.append(add_costs("all of them alone with the same aids", list({**alone, **aided}.values())))
    return costs


def find_notes(joint: Joint) -> List[str]:
    """What limits the comparison.

    joint (Joint): The joint config.
    RETURNS (List[str]): A sentence for each limit.
    """
    training = joint.config.interpolate()["training"]
    notes = []
    annotating = [task.name for task in joint.tasks if task.name in training["annotating_components"]]
    if annotating:
        notes.append(
            f"In the joint training {', '.join(annotating)} annotated the texts for the other tasks; alone they were "
            "trained without."
        )
    if training["patience"]:
        notes.append(
            f"Trainings may have ended earlier than the budget allows, after {training['patience']} updates without a "
            "better score (patience)."
        )
    alone = [task.name for task in joint.tasks if not task.is_shared]
    if alone:
        notes.append(f"What the single-task pipelines cost is without {', '.join(alone)}, not trained again.")
    return notes
