"""How much a head learns from teachers, and how much from gold."""

from ...setting_checks import check_setting
from ...shown import ShowsSettings

NAME = "spacy-mtl.Distillation.v1"


def make_distillation(
    weight: float = 1.0, gold_share: float = 0.0, final_gold_share: float = 1.0, steps: int = 0
) -> "Distillation":
    """Make `spacy-mtl.Distillation.v1`: a head learns from what teachers say of a text.

    Where a text has gold for the head, the loss is `share * gold + (1 - share) * weight * teachers`. The share moves
    evenly from `gold_share` to `final_gold_share` (teacher annealing, Clark et al., 2019). Where it has none, the loss
    is that of the teachers, times `weight`; where teachers say nothing, that of gold.

    weight (float): The weight of what teachers say, 0 or more.
    gold_share (float): The share of gold at the start, from 0 to 1.
    final_gold_share (float): The share of gold at the end.
    steps (int): In how many updates it moves from one to the other, as `${training.max_steps}`; 0 to stay at the first.
    RETURNS (Distillation): The settings, to be a head's `distillation`.
    RAISES (ValueError): E409 for a setting out of its range.
    """
    check_setting(NAME, "weight", weight, weight >= 0, "0 or more")
    for setting, share in (("gold_share", gold_share), ("final_gold_share", final_gold_share)):
        check_setting(NAME, setting, share, 0 <= share <= 1, "a share, from 0 to 1")
    check_setting(NAME, "steps", steps, steps >= 0, "the number of updates, or 0 for a share that stays")
    return Distillation(weight, gold_share, final_gold_share, steps)


class Distillation(ShowsSettings):
    """The settings of `make_distillation`, and how many updates were made with them."""

    def __init__(
        self, weight: float = 1.0, gold_share: float = 0.0, final_gold_share: float = 1.0, steps: int = 0
    ) -> None:
        self.weight = weight
        self.gold_share = gold_share
        self.final_gold_share = final_gold_share
        self.steps = steps
        self.done = 0

    @property
    def share(self) -> float:
        """RETURNS (float): The share of gold at the present update."""
        if not self.steps:
            return self.gold_share
        progress = min(self.done / self.steps, 1.0)
        return self.gold_share + (self.final_gold_share - self.gold_share) * progress

    def advance(self) -> None:
        """Count an update."""
        self.done += 1

    def restart(self) -> None:
        """Begin with the first update again."""
        self.done = 0
