"""Which tasks a batch says something of."""

from typing import Dict, Mapping

from thinc.api import get_array_module, to_numpy
from thinc.types import Floats2d


def find_present(gradients: Mapping[str, Floats2d]) -> Dict[str, Floats2d]:
    """The gradients that are not zero. Whether they are is read of all at once: a GPU is waited for once.

    gradients (Mapping[str, Floats2d]): By task, of any shapes.
    RETURNS (Dict[str, Floats2d]): Those with an element that is not zero, in their order.
    """
    if not gradients:
        return {}
    xp = get_array_module(next(iter(gradients.values())))
    is_present = to_numpy(xp.stack([gradient.any() for gradient in gradients.values()]))
    return {name: gradient for (name, gradient), present in zip(gradients.items(), is_present.tolist()) if present}
