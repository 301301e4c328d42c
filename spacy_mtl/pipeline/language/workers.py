"""A worker of `nlp.pipe`: it annotates the batches that it is sent, and sends them back.

A process that was forked has as many threads for matrices as its parent. Those of two workers wait for each other.
"""

import ctypes
import gc
import multiprocessing
import pickle
import sys
import traceback
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from typing import Any, Callable, Iterable, Iterator, List, Sequence, Tuple

from numpy.linalg import _umath_linalg
from spacy.language import Language
from spacy.tokens import Doc
from spacy.tokens.underscore import Underscore

from ...retokenization import renew_spans
from .wire import PackedDocs, pack, unpack

# OpenBLAS names its functions as it was built
AFFIXES = [(start, end) for start in ("scipy_openblas_", "openblas_") for end in ("64_", "")]


class WithContext:
    """A text or Doc, and what comes back with its annotated Doc."""

    __slots__ = ("text", "context")

    def __init__(self, text: Any, context: Any) -> None:
        """Put them together.

        text (Union[str, Doc]): The text.
        context (Any): Any object that can be pickled.
        """
        self.text = text
        self.context = context


@dataclass
class Task:
    """A batch to be annotated, to be pickled.

    texts (List[Tuple[Any, Any]]): Texts and contexts; a text is None where a Doc takes its place.
    docs (PackedDocs): The Docs.
    """

    texts: List[Tuple[Any, Any]]
    docs: PackedDocs


def pack_task(batch: Sequence[Any]) -> bytes:
    """Pack a batch.

    batch (Sequence[Union[str, Doc, WithContext]]): The texts or Docs.
    RETURNS (bytes): A pickled Task.
    """
    texts: List[Tuple[Any, Any]] = []
    docs: List[Doc] = []
    for text in batch:
        context = None
        if isinstance(text, WithContext):
            text, context = text.text, text.context
            if isinstance(text, Doc):
                text._context = context
        if isinstance(text, Doc):
            docs.append(text)
            text, context = None, None
        texts.append((text, context))
    return pickle.dumps(Task(texts, pack(docs)), protocol=pickle.HIGHEST_PROTOCOL)


def work(
    nlp: Language,
    pipes: Sequence[Callable[[Iterable[Doc]], Iterator[Doc]]],
    tasks: Connection,
    results: Connection,
    stop: Connection,
    extensions: Tuple[dict, dict, dict],
    n_threads: int,
) -> None:
    """Annotate batches until there is something to be read from `stop`, or the parent is gone.

    nlp (Language): The pipeline, which makes Docs of texts.
    pipes (Sequence[Callable[[Iterable[Doc]], Iterator[Doc]]]): Its components.
    tasks (Connection): Gives pickled Tasks.
    results (Connection): Takes pickled PackedDocs, one for each Task, or the traceback of what went wrong.
    stop (Connection): Says when to stop.
    extensions (Tuple[dict, dict, dict]): The custom attributes of the parent.
    n_threads (int): The share of the processors.
    """
    limit_threads(n_threads)
    Underscore.load_state(extensions)
    # what the parent made is neither searched for garbage nor, for that, copied
    gc.freeze()
    parent: Any = multiprocessing.parent_process()
    # the next batch is begun while the parent is still to read this one
    with ThreadPoolExecutor(1) as sending:
        while wait([tasks, stop, parent.sentinel]) == [tasks]:
            sending.submit(results.send_bytes, annotate(nlp, pipes, tasks.recv_bytes()))


def annotate(nlp: Language, pipes: Sequence[Callable[[Iterable[Doc]], Iterator[Doc]]], data: bytes) -> bytes:
    """Annotate a batch.

    nlp (Language): The pipeline.
    pipes (Sequence[Callable[[Iterable[Doc]], Iterator[Doc]]]): Its components.
    data (bytes): A pickled Task.
    RETURNS (bytes): Pickled PackedDocs without those that an error handler has dropped, or a pickled traceback.
    """
    try:
        docs = _make_docs(nlp, pickle.loads(data))
        for pipe in pipes:
            docs = pipe(docs)
        return pickle.dumps(_pack_renewed(list(docs)), protocol=pickle.HIGHEST_PROTOCOL)
    except Exception:
        return pickle.dumps(traceback.format_exc(), protocol=pickle.HIGHEST_PROTOCOL)


def _pack_renewed(docs: List[Doc]) -> PackedDocs:
    packed = pack(docs)
    if not packed.groups.moved:
        return packed
    for i in packed.groups.moved:
        renew_spans(docs[i])
    return pack(docs)


def _make_docs(nlp: Language, task: Task) -> Iterator[Doc]:
    docs = unpack(task.docs, nlp.vocab)
    for text, context in task.texts:
        yield next(docs) if text is None else nlp._ensure_doc_with_context(text, context)


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
