import os
import sys

# torch with several threads in each of several workers waits more than it computes; set before it is loaded
for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(name, "1")

import pytest
from spacy.lang.en import English

# English has more than a thousand tokenizer exceptions, and every pipeline that a test makes or loads would add each
# of them anew: that took a fifth of the time of many tests.
EXCEPTIONS = English.Defaults.tokenizer_exceptions
KEPT = ("n't", "I'm", "it's", "a.m.", "p.m.", "Mr.", "U.S.")
FEW = {text: EXCEPTIONS[text] for text in EXCEPTIONS if text.endswith(KEPT)}
English.Defaults.tokenizer_exceptions = FEW


@pytest.fixture(scope="module")
def all_exceptions():
    """English as it is, for tests that read real text."""
    English.Defaults.tokenizer_exceptions = EXCEPTIONS
    yield
    English.Defaults.tokenizer_exceptions = FEW


@pytest.fixture
def quick_trainings(monkeypatch):
    """Trainings that `train_runs` starts are copies of this process, where the system can make them."""
    if sys.platform == "linux":
        from .forks import Fork

        monkeypatch.setattr("spacy_mtl.analysis.trainings.executors.Process", Fork)
