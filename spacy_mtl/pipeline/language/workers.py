"""What a worker of `nlp.pipe` does before its first batch: it takes its share of the processors, and no more.

A process that was forked has as many threads for matrices as its parent. Those of two workers wait for each other.
"""

import ctypes
import os
import sys
from typing import Any

from numpy.linalg import _umath_linalg

# OpenBLAS names its functions as it was built
AFFIXES = [(start, end) for start in ("scipy_openblas_", "openblas_") for end in ("64_", "")]


class ShareProcessors:
    """The first of the pipes of a worker. It hands Docs on as they are."""

    def __init__(self, n_process: int) -> None:
        """Share the processors among the workers.

        n_process (int): The number of workers.
        """
        self.n_threads = max(1, (os.cpu_count() or 1) // n_process)
        self.done = False

    def __call__(self, docs: Any) -> Any:
        """Set the threads of this process at the first call.

        docs (Any): The Docs.
        RETURNS (Any): The same.
        """
        if not self.done:
            limit_threads(self.n_threads)
            self.done = True
        return docs


def limit_threads(n_threads: int) -> None:
    """Let numpy and torch use no more threads in this process. Where they use fewer, it stays so.

    n_threads (int): The number of threads.
    """
    # the library that numpy brings along is found through the module that is linked to it
    library = ctypes.CDLL(_umath_linalg.__file__)
    for start, end in AFFIXES:
        getter = getattr(library, f"{start}get_num_threads{end}", None)
        setter = getattr(library, f"{start}set_num_threads{end}", None)
        if getter is not None and setter is not None:
            setter(min(n_threads, getter()))
    torch = sys.modules.get("torch")
    if torch is not None:
        torch.set_num_threads(min(n_threads, torch.get_num_threads()))
