"""The settings of a config that are counted in updates, and change with their number."""

from typing import Any, Dict, Iterator, List, Tuple

from thinc.api import Config

SCHEDULES: Dict[str, Tuple[str, ...]] = {
    "warmup_linear.v1": ("warmup_steps", "total_steps"),
    "slanted_triangular.v1": ("num_steps", "t"),
    "cyclic_triangular.v1": ("period",),
    "constant_then.v1": ("steps",),
    "constant.v1": (),
    "decaying.v1": (),
    "compounding.v1": (),
}
"""thinc's schedules, with those of their settings that are counted in updates."""
ENCODER_SETTING = "frozen_steps"

Block = Dict[str, Any]


def scale_steps(config: Config, updates: int, before: int) -> None:
    """Change what is counted in updates in proportion, in place: of thinc's schedules, wherever they stand and within
    each other, steps and periods; of models, `frozen_steps`.

    What is 0 stays 0, and nothing else becomes 0. The factors of `compounding.v1` and `decaying.v1` say what one update
    does, whatever the number of updates: they stay. So do other schedules, which `find_unscaled` lists, and what is
    counted in epochs.

    config (Config): The config, without variables.
    updates (int): How many updates there will be.
    before (int): How many there were.
    """
    for _, block in _find_blocks(config, ()):
        for name in _list_settings(block):
            value = block.get(name)
            if isinstance(value, (int, float)) and value > 0:
                block[name] = max(1, round(value * updates / before))
        if block.get("@schedules") == "slanted_triangular.v1":
            block["num_steps"] = max(block["num_steps"], _count_least(block))


def find_unscaled(config: Config) -> List[str]:
    """The schedules of which it is not known what they count in updates.

    config (Config): The config, without variables.
    RETURNS (List[str]): Their names with dots, and in brackets what they are.
    """
    return [
        f"{'.'.join(place)} ({block['@schedules']})"
        for place, block in _find_blocks(config, ())
        if "@schedules" in block and block["@schedules"] not in SCHEDULES
    ]


def _list_settings(block: Block) -> Tuple[str, ...]:
    if "@architectures" in block:
        return (ENCODER_SETTING,)
    return SCHEDULES.get(block.get("@schedules", ""), ())


def _find_blocks(block: Block, place: Tuple[str, ...]) -> Iterator[Tuple[Tuple[str, ...], Block]]:
    yield place, block
    for name, value in block.items():
        if isinstance(value, dict):
            yield from _find_blocks(value, (*place, name))


def _count_least(block: Block) -> int:
    """The steps of a slanted triangle whose rising part is a step or more: with none thinc divides by 0."""
    share = block.get("cut_frac", 0.1)
    least = 1
    while share > 0 and int(least * share) < 1:
        least += 1
    return least
