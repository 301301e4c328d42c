"""Notices components that listen to an encoder and never report to it."""

import warnings
from typing import Collection, Dict, Iterable

from ...errors import Warnings

# Rare enough not to cry over a task that one corpus in many annotates, soon enough to save most of a training run.
SILENT_BATCHES = 100


class SilenceCounter:
    """Counts, for each component, the batches in a row for which it has reported nothing."""

    def __init__(self, encoder: str, most: int = SILENT_BATCHES) -> None:
        """Create the counter.

        encoder (str): The name of the encoder, for messages.
        most (int): After how many such batches it warns.
        """
        self._encoder = encoder
        self._most = most
        self._batches: Dict[str, int] = {}

    def add(self, listening: Iterable[str], reported: Collection[str]) -> None:
        """Count a batch. Warns with W401, once for a row of them.

        listening (Iterable[str]): The components that were given the batch.
        reported (Collection[str]): Those that have reported a gradient.
        """
        for name in listening:
            self._batches[name] = 0 if name in reported else self._batches.get(name, 0) + 1
            if self._batches[name] == self._most:
                message = Warnings.W401.format(name=name, encoder=self._encoder, batches=self._most)
                warnings.warn(message, stacklevel=2)
