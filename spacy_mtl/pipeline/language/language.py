"""What a pipeline does besides, when one of our components is in it."""

import os
from typing import Any, Dict, Iterable, Iterator, Optional, Protocol, Union, runtime_checkable

from spacy.language import Language
from spacy.tokens import Doc
from spacy.util import registry

from ...encoders.private_path import find_listener
from ...retokenization import renew_all, renew_spans
from ..competition import warn_of_losses
from .exchange import KnownFunctions, is_inside, iterate_inside
from .workers import ShareProcessors


@runtime_checkable
class KeepsBatch(Protocol):
    """An encoder that keeps a batch until the components that listen to it have reported."""

    def close_batch(self) -> None: ...

    def drop_batch(self, error: Optional[BaseException] = None) -> None: ...


@runtime_checkable
class ChecksPipeline(Protocol):
    """A callback of `[training] before_to_disk` that can tell early whether it fits a pipeline."""

    def check(self, nlp: Language) -> None: ...


class SharingPipeline:
    """Mixed into the class of a pipeline: an update that fails leaves no encoder with half a batch, processes exchange
    Docs fast, and spans stay on their words when a component merges or splits tokens.

    spaCy tells a component neither that an update has ended nor that it has failed; srsly looks through all
    installed packages whenever a group of spans is written or read; and a Doc whose span groups are older than its
    tokens cannot be saved.
    """

    def __call__(self, text: Union[str, Doc], **settings: Any) -> Doc:
        """`Language.__call__`, and the spans of the Doc on the words that they were written for.

        text (Union[str, Doc]): The text.
        RETURNS (Doc): The Doc.
        """
        return renew_spans(super().__call__(_renew_given(text), **settings))  # type: ignore[misc]

    def _link_components(self) -> None:
        super()._link_components()  # type: ignore[misc]
        named = self.__dict__.setdefault("_named_losses", set())
        warn_of_losses(self.pipeline, named)  # type: ignore[attr-defined]

    def update(self, *args: Any, **settings: Any) -> Dict[str, float]:
        """`Language.update`, and the end of the batch for the shared encoders: they learn from what the components
        have reported, or nothing at all from the batch if an exception came up.

        RETURNS (Dict[str, float]): The losses.
        """
        keepers = [pipe for _, pipe in self.components if isinstance(pipe, KeepsBatch)]  # type: ignore[attr-defined]
        try:
            losses = super().update(*args, **settings)  # type: ignore[misc]
        except BaseException as error:
            for keeper in keepers:
                keeper.drop_batch(error)
            raise
        for keeper in keepers:
            keeper.close_batch()
        return losses

    def initialize(self, *args: Any, **settings: Any) -> Any:
        """`Language.initialize`; what would come up when the pipeline is saved comes up before it is trained.

        RETURNS (Optimizer): The optimizer.
        """
        block = self.config["training"].get("before_to_disk")  # type: ignore[attr-defined]
        callback = registry.resolve({"callback": block})["callback"] if block else None
        if isinstance(callback, ChecksPipeline):
            callback.check(self)  # type: ignore[arg-type]
        return super().initialize(*args, **settings)  # type: ignore[misc]

    def replace_listeners(self, tok2vec_name: str, pipe_name: str, listeners: Iterable[str]) -> None:
        """`Language.replace_listeners`, where a path may also be that of the layer around a listener, such as a
        private path: "model.tok2vec" is right for every head.

        tok2vec_name (str): The name of the encoder.
        pipe_name (str): The name of the component.
        listeners (Iterable[str]): The paths in the component's config, such as "model.tok2vec".
        """
        config = self._pipe_configs.get(pipe_name, {})  # type: ignore[attr-defined]
        found = [find_listener(config, path) for path in listeners]
        super().replace_listeners(tok2vec_name, pipe_name, found)  # type: ignore[misc]

    def pipe(self, texts: Iterable[Any], *, as_tuples: bool = False, n_process: int = 1, **settings: Any) -> Iterator:
        """`Language.pipe`, with Docs that go fast from one process to another, and spans on the words that they were
        written for.

        texts (Iterable[Any]): Texts or Docs, with contexts or without.
        as_tuples (bool): Whether with contexts.
        n_process (int): The number of processes; -1 for that of the processors.
        YIELDS (Any): Docs, with contexts or without.
        """
        if as_tuples:
            # it comes back here without the contexts
            return super().pipe(texts, as_tuples=True, n_process=n_process, **settings)  # type: ignore[misc]
        docs = super().pipe(map(_renew_given, texts), n_process=n_process, **settings)  # type: ignore[misc]
        return map(renew_spans, docs) if n_process == 1 else iterate_inside(docs)

    def _multiprocessing_pipe(self, texts: Any, pipes: Iterable[Any], n_process: int, batch_size: int) -> Iterator:
        # the components of a worker are called in this order, and there is no other place before them
        workers_pipes = [ShareProcessors(n_process), *pipes, renew_all]
        return super()._multiprocessing_pipe(texts, workers_pipes, n_process, batch_size)  # type: ignore[misc]

    def __reduce_ex__(self, protocol: Any) -> Any:
        # a process that is not forked is given the pipeline in this way
        started_by = os.getpid() if is_inside() else None
        return _remake, (type(self).__mro__[2], started_by), self.__dict__


def attend(nlp: Language) -> None:
    """Mix `SharingPipeline` into the class of a pipeline. Other pipelines of the same class stay as they are.

    nlp (Language): The pipeline.
    """
    if not isinstance(nlp, SharingPipeline):
        nlp.__class__ = _mix(type(nlp))


_mixed: Dict[type, type] = {}


def _mix(base: type) -> type:
    if base not in _mixed:
        names = {name: getattr(base, name) for name in ("__module__", "__qualname__", "__doc__")}
        _mixed[base] = type(base.__name__, (SharingPipeline, base), names)
    return _mixed[base]


def _renew_given(text: Any) -> Any:
    return renew_spans(text) if isinstance(text, Doc) else text


def _remake(base: type, started_by: Optional[int]) -> Any:
    if started_by not in (None, os.getpid()):
        # this process is there to write Docs for the other
        KnownFunctions().__enter__()
    made = _mix(base)
    return object.__new__(made)
