"""How deep in a transformer its parameters lie, by their names."""

import re
from typing import Dict, Sequence

LAYER = re.compile(r"(?:^|\.)(?:layer|layers|h|block|blocks|albert_layer_groups)\.(\d+)\.")


def find_levels(names: Sequence[str]) -> Dict[str, int]:
    """Order the parameters of a transformer by depth.

    names (Sequence[str]): The names of its parameters.
    RETURNS (Dict[str, int]): 0 for what comes before the first layer, in the order of the names: embeddings; 1 for the
        first layer, and so on; for what comes after the layers, the highest layer's.
    """
    found = {name: LAYER.search(name) for name in names}
    depths = {name: int(match.group(1)) + 1 for name, match in found.items() if match}
    highest = max(depths.values(), default=0)
    levels = {}
    seen_layer = False
    for name in names:
        seen_layer = seen_layer or name in depths
        levels[name] = depths.get(name, highest if seen_layer else 0)
    return levels
