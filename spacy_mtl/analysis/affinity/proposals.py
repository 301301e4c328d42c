"""Which groupings the measurement of affinity speaks for."""

from typing import List, Sequence

from .affinity import Affinity
from .grouping import Grouping, find_groupings


def propose(found: Affinity, encoders: Sequence[int]) -> List[Grouping]:
    """The groupings to train.

    found (Affinity): What was measured.
    encoders (Sequence[int]): How many encoders there may be, each 1 or more.
    RETURNS (List[Grouping]): One for each number; all tasks together where no pair is further from 0 than two standard
        errors.
    RAISES (ValueError): E750 for a number below 1.
    """
    groupings = find_groupings(found.tasks, found.means, encoders, found.matrices)
    if any(pair.both.differs for pair in found.pairs):
        return groupings
    (together,) = find_groupings(found.tasks, found.means, [1], found.matrices)
    return [together._replace(encoders=number) for number in encoders]
