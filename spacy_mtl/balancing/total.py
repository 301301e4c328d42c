"""The plain sum of the tasks' gradients."""

from typing import Mapping

from thinc.api import get_array_module
from thinc.types import Floats2d

from .balancer import Balancer
from .report import NO_REPORT, BatchReport


class Sum(Balancer):
    """Adds the gradients as they are: joint training on the sum of the losses, as spaCy's own Tok2Vec does it.

    The sum is the same at both levels, and cheaper at the representation: the registered balancer has no choice.
    """

    has_fixed_weights = True

    def __call__(self, gradients: Mapping[str, Floats2d], report: BatchReport = NO_REPORT) -> Floats2d:
        """Add the gradients, from zeros and in the order of the mapping, so that the last bit is that of Tok2Vec.

        gradients (Mapping[str, Floats2d]): By task, all of one shape.
        report (BatchReport): Not used.
        RETURNS (Floats2d): Their sum, of the same shape.
        """
        rows = list(gradients.values())
        total = get_array_module(rows[0]).zeros_like(rows[0])
        for gradient in rows:
            total += gradient
        self.last_weights = dict.fromkeys(gradients, 1.0)
        return total


def make_sum() -> Sum:
    """RETURNS (Sum): The balancer registered as spacy-mtl.Sum.v1."""
    return Sum()
