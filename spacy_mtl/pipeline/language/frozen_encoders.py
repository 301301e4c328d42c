"""Pretrained encoders that are frozen for longer than a training lasts."""

import warnings

from spacy.language import Language

from ...encoders.pretrained.tuning import count_frozen_steps
from ...errors import Warnings


def warn_of_frozen(nlp: Language) -> None:
    """Name the components whose transformer would begin to learn after the last update (W441).

    nlp (Language): The pipeline, with the config of its training.
    """
    steps = nlp.config["training"].get("max_steps")
    # 0 is no limit; a variable is not resolved for a warning
    if not isinstance(steps, int) or steps < 1:
        return
    for name, component in nlp.pipeline:
        frozen = count_frozen_steps(getattr(component, "model", None))
        if frozen >= steps:
            warnings.warn(Warnings.W441.format(name=name, frozen=frozen, steps=steps, tenth=steps // 10), stacklevel=3)
