"""Which tasks help each other: measured in a joint training, printed, drawn and written to files."""

import sys
from pathlib import Path
from typing import Any, Dict, List, Mapping, Optional, Sequence

from wasabi import msg

from ..analysis.affinity.affinity import EXAMPLES, FILE, Affinity, measure_affinity
from ..analysis.affinity.grouping import Grouping
from ..analysis.affinity.plots import draw_affinity, draw_cosines
from ..analysis.affinity.proposals import propose
from ..analysis.affinity.tables import (
    lay_out_affinity,
    lay_out_cosines,
    lay_out_groupings,
    rank_pairs,
    tell_method,
    tell_notes,
)
from ..analysis.figures import save_figure
from ..analysis.trainings.derived_configs import derive_group, load_joint, without_files
from ..data.writing import check_folder, whole_file
from ..errors import Errors
from ..json_files import write_json
from .options import INTERRUPTED

GROUPINGS = "groupings.json"
CONFIGS = "configs"
MOST_ENCODERS = 4
# No name is so long that its column should be cut off.
MAX_COLUMN = 1000


def affinity(
    config: Path,
    output: Path,
    *,
    every: Optional[int] = None,
    examples: int = EXAMPLES,
    encoders: Optional[int] = None,
    gpu_id: int = -1,
    code: Optional[Path] = None,
    overrides: Optional[Mapping[str, Any]] = None,
) -> None:
    """Measure, print the verdict and the tables, and write OUTPUT/affinity.json, groupings.json, the figures, and in
    OUTPUT/configs a config for each group of tasks that is proposed: of all together, where no pair differs from zero.

    config (Path): The joint config.
    output (Path): The folder.
    every (Optional[int]): Updates from one measurement to the next.
    examples (int): Texts for each task.
    encoders (Optional[int]): How many encoders there may be; None for each number up to MOST_ENCODERS.
    gpu_id (int): The GPU; -1 for the CPU.
    code (Optional[Path]): A Python file with registered functions, imported already.
    overrides (Optional[Mapping[str, Any]]): Settings of the config by their name with dots.
    """
    try:
        if encoders is not None and encoders < 1:
            raise ValueError(Errors.E750.format(setting="--encoders", found=encoders))
        check_folder(output)
        found = measure_affinity(
            config,
            output,
            every=every,
            examples=examples,
            gpu_id=gpu_id,
            overrides=overrides,
            code=code,
            stdout=sys.stdout,
            stderr=sys.stderr,
        )
        budgets = [encoders] if encoders else list(range(1, min(MOST_ENCODERS, len(found.tasks)) + 1))
        groupings = propose(found, budgets)
        configs = write_configs(config, groupings, output / CONFIGS, overrides)
    except (ImportError, OSError, ValueError) as error:
        msg.fail(str(error), exits=1)
    except KeyboardInterrupt:
        msg.warn("Stopped: nothing is kept of a training that is not finished.", exits=INTERRUPTED)
    with whole_file(output / GROUPINGS) as path:
        write_json(path, [_to_dict(grouping) for grouping in groupings])
    report(found, groupings)
    files = [output / FILE, output / GROUPINGS, *configs]
    try:
        for name, figure in (("affinity", draw_affinity(found)), ("cosines", draw_cosines(found))):
            files += save_figure(figure, output / name)
    except ImportError as error:
        msg.warn(str(error))
    for path in files:
        msg.good(str(path))


def write_configs(
    path: Path, groupings: Sequence[Grouping], output: Path, overrides: Optional[Mapping[str, Any]] = None
) -> List[Path]:
    """Write the configs that train the groups, each with its own encoder.

    Variables stay variables, so that a config can be trained on other files by --paths.train; overrides are values.

    path (Path): The joint config.
    groupings (Sequence[Grouping]): The proposals.
    output (Path): The folder for the configs. One is named by the tasks that it trains, as ner+srl.cfg.
    overrides (Optional[Mapping[str, Any]]): Settings of the config by their name with dots.
    RETURNS (List[Path]): The files.
    """
    joint = load_joint(path, overrides)
    config = without_files(joint.config)
    written = []
    for group in dict.fromkeys(group for grouping in groupings for group in grouping.groups):
        tasks = [task for task in joint.tasks if task.name in group]
        written.append(output / f"{'+'.join(group)}.cfg")
        with whole_file(written[-1]) as temporary:
            derive_group(joint, config, tasks).to_disk(temporary, interpolate=False)
    return written


def report(found: Affinity, groupings: Sequence[Grouping]) -> None:
    """Print what was found.

    found (Affinity): What was measured.
    groupings (Sequence[Grouping]): The proposals.
    """
    sections = [
        ("Affinity: per cent of the loss that a step takes away", lay_out_affinity(found)),
        ("Cosines of the gradients by the encoder's parameters", lay_out_cosines(found)),
        ("Pairs", rank_pairs(found)),
        ("Tasks to train together, for a number of encoders at most", lay_out_groupings(groupings)),
    ]
    print(found.verdict)
    for title, table in sections:
        msg.divider(title)
        msg.table(table.rows, header=table.header, aligns=tuple(table.aligns), divider=True, max_col=MAX_COLUMN)
    for note in tell_notes(found, groupings):
        msg.warn(note)
    for sentence in tell_method(found):
        print(sentence)


def _to_dict(grouping: Grouping) -> Dict[str, Any]:
    groups: List[List[str]] = [list(group) for group in grouping.groups]
    forgone = grouping.forgone and grouping.forgone._asdict()
    return {**grouping._asdict(), "groups": groups, "forgone": forgone}
