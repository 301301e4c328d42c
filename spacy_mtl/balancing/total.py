"""The plain sum of the tasks' gradients."""

from typing import Mapping

from thinc.api import get_array_module
from thinc.types import Floats2d

from .balancer import Balancer


class Sum(Balancer):
    """Adds the gradients as they are: joint training on the sum of the losses, as spaCy's own Tok2Vec does it."""

    def __call__(self, gradients: Mapping[str, Floats2d]) -> Floats2d:
        """Add the gradients, from zeros and in the order of the mapping, so that the last bit is that of Tok2Vec.

        gradients (Mapping[str, Floats2d]): By task, shape (tokens, width).
        RETURNS (Floats2d): Their sum, shape (tokens, width).
        """
        rows = list(gradients.values())
        total = get_array_module(rows[0]).zeros_like(rows[0])
        for gradient in rows:
            total += gradient
        return total


def make_sum() -> Sum:
    """RETURNS (Sum): The balancer registered as spacy-mtl.Sum.v1."""
    return Sum()
