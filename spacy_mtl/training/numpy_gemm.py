"""Matrix products by numpy instead of BLIS, where that is faster."""

from typing import Callable, Type

from spacy.language import Language
from thinc.api import NumpyOps, get_current_ops, set_current_ops


def make_use_numpy_gemm() -> Callable[[Type[Language]], Type[Language]]:
    """Create the callback registered as spacy-mtl.use_numpy_gemm.v1, for the setting `before_creation` in `[nlp]`.

    thinc multiplies matrices by BLIS. The BLAS that numpy is built with can be twice as fast, as on processors with
    AVX-512. The result is the same up to rounding. It takes as many threads as OPENBLAS_NUM_THREADS or OMP_NUM_THREADS
    say, BLIS only one.

    RETURNS (Callable[[Type[Language]], Type[Language]]): Makes models that are created from now on in this thread
        multiply by numpy, and gives the class back as it is. On a GPU, and where thinc has operations of its own for
        the machine, as on Apple's processors, nothing changes.
    """
    return use_numpy_gemm


def use_numpy_gemm(language: Type[Language]) -> Type[Language]:
    """Make models that are created from now on in this thread multiply by numpy.

    language (Type[Language]): The class of the pipeline.
    RETURNS (Type[Language]): The same.
    """
    ops = get_current_ops()
    if type(ops) is NumpyOps and ops.use_blis:
        set_current_ops(NumpyOps(use_blis=False))
    return language
