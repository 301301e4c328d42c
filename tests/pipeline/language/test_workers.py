"""Workers of `nlp.pipe` take no more threads than their share."""

import multiprocessing

import pytest
from numpy.linalg import _umath_linalg

from spacy_mtl.pipeline.language import workers
from spacy_mtl.pipeline.language.workers import limit_threads


def _count_threads(connection):
    import torch

    limit_threads(1)
    library = workers.ctypes.CDLL(_umath_linalg.__file__)
    getters = [getattr(library, f"{start}get_num_threads{end}", None) for start, end in workers.AFFIXES]
    connection.send([get() for get in getters if get] + [torch.get_num_threads()])


@pytest.mark.skipif("fork" not in multiprocessing.get_all_start_methods(), reason="No processes are forked")
def test_threads_of_a_worker():
    pytest.importorskip("torch")
    here, there = multiprocessing.Pipe(False)
    process = multiprocessing.get_context("fork").Process(target=_count_threads, args=(there,))
    process.start()
    counts = here.recv()
    process.join()
    assert counts and set(counts) == {1}
