"""Joint training for as long as all single trainings together take, by the processor's clock."""

from pathlib import Path
from typing import Callable, Dict, List, Sequence

from ...data.writing import whole_file
from ...errors import Errors
from ...json_files import read_json, write_json
from ..trainings.executors import LOG, Run
from ..trainings.processes import Outcome
from .budget import set_updates
from .planning import Plan
from .sides import JOINT, Key

FILE = "compute.json"
MEASURED = "measured"


def give_time(plan: Plan, output: Path, train: Callable[[Sequence[Run]], Dict[str, Outcome]]) -> Plan:
    """Train the tasks alone, and give the joint training as many updates as fit into their processor time.

    What an update costs jointly is measured by a joint training as it is configured, with one seed. What starting and
    evaluating cost counts as part of its updates, so that joint training gets rather less time than more. How many
    updates there are is kept in OUTPUT/compute.json: all seeds have the same, those of later commands too.

    plan (Plan): The trainings, all with the updates that are configured.
    output (Path): The folder for all trainings.
    train (Callable[[Sequence[Run]], Dict[str, Outcome]]): Trains what is not trained yet.
    RETURNS (Plan): The same with other joint trainings.
    RAISES (ValueError): E727 if a training that is needed to know the time fails.
    """
    alone = {key: run for key, run in plan.runs.items() if isinstance(key[0], str)}
    path = output / FILE
    if path.exists():
        return _set_joint_updates(plan, read_json(path)["updates"])
    seed = min(seed for _, seed in plan.runs)
    configured = plan.runs[JOINT, seed].config
    measured = Run(f"joint as configured, seed {seed}", configured, output / MEASURED / f"seed-{seed}")
    needed = [measured, *(run for key, run in alone.items() if key[1] == seed)]
    outcomes = train([measured, *(run for key, run in plan.runs.items() if key[0] is not JOINT)])
    failed = [run for run in needed if run.name not in outcomes or not outcomes[run.name].is_finished]
    if failed:
        raise ValueError(Errors.E727.format(name=failed[0].name, log=failed[0].folder / LOG))
    seconds = [outcomes[run.name].processor_seconds for run in needed]
    updates = find_updates(plan.updates[JOINT], seconds[0], seconds[1:])
    record = {"updates": updates, "configured": plan.updates[JOINT], "seed": seed, "joint_seconds": seconds[0]}
    with whole_file(path) as temporary:
        write_json(temporary, {**record, "single_seconds": seconds[1:]})
    return _set_joint_updates(plan, updates)


def find_updates(configured: int, joint: float, single: List[float]) -> int:
    """How many updates fit into the time of other trainings.

    configured (int): Updates of the joint training as it is configured.
    joint (float): Processor seconds that these take.
    single (List[float]): Processor seconds of each single training.
    RETURNS (int): Updates, 2 or more.
    """
    return max(2, int(configured * sum(single) / max(joint, 1e-9)))


def _set_joint_updates(plan: Plan, updates: int) -> Plan:
    runs: Dict[Key, Run] = {}
    for key, run in plan.runs.items():
        if key[0] is JOINT:
            run = run._replace(config=set_updates(run.config, updates, plan.updates[JOINT]))
        runs[key] = run
    return Plan(runs, {**plan.updates, JOINT: updates})
