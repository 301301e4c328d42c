"""What a pipeline does besides, when one of our components is in it."""

import multiprocessing
from itertools import tee
from typing import Any, Collection, Dict, Iterable, Iterator, Optional, Protocol, Tuple, Union, runtime_checkable

from spacy.language import Language
from spacy.tokens import Doc
from spacy.training import Example
from spacy.util import registry
from thinc.api import Config, Model, Optimizer

from ...encoders.pretrained.precision import find_precision
from ...encoders.private_path import find_listener
from ...retokenization import renew_spans
from ..columns import check_columns
from ..competition import warn_of_losses
from ..reading import check_readers, learning_sources, link_readers
from .frozen_encoders import warn_of_frozen
from .naming import name_anew
from .processes import annotate_by_workers
from .silent_encoders import SilenceCheck
from .variables import write_out_absent, write_out_variables
from .vectors import annotate_with_vectors, missing_vectors_named
from .workers import WithContext


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
    """Mixed into the class of a pipeline: an update that fails leaves no encoder with half a batch, processes share
    work with little ado, and spans stay on their words when a component merges or splits tokens.

    spaCy tells a component neither that an update has ended nor that it has failed; its workers write Docs one by one,
    for which srsly looks through all installed packages; and a Doc whose span groups are older than its tokens cannot
    be saved.
    """

    def __call__(self, text: Union[str, Doc], **settings: Any) -> Doc:
        """`Language.__call__`, and the spans of the Doc on the words that they were written for.

        text (Union[str, Doc]): The text.
        RETURNS (Doc): The Doc.
        """
        with missing_vectors_named(self):  # type: ignore[arg-type]
            return renew_spans(super().__call__(self._take(text, settings), **settings))  # type: ignore[misc]

    @property
    def config(self) -> Config:
        """RETURNS (Config): `Language.config`. What is set is to have every component that its variables refer to; of
        those that the pipeline has not, such as excluded ones, it keeps the values."""
        return super().config  # type: ignore[misc]

    @config.setter
    def config(self, value: Config) -> None:
        write_out_absent(self, value)  # type: ignore[arg-type]
        Language.config.__set__(self, value)  # type: ignore[attr-defined]

    def _link_components(self) -> None:
        super()._link_components()  # type: ignore[misc]
        self.__dict__.pop("_silence_check", None)
        link_readers(self)  # type: ignore[arg-type]
        check_columns(self.pipeline)  # type: ignore[attr-defined]
        named = self.__dict__.setdefault("_named_losses", set())
        warn_of_losses(self.pipeline, named)  # type: ignore[attr-defined]

    def update(
        self, examples: Iterable[Example], *args: Any, sgd: Union[Optimizer, bool, None] = None, **settings: Any
    ) -> Dict[str, float]:
        """`Language.update`, and the end of the batch for the shared encoders: they learn from what the components
        have reported, or nothing at all from the batch if an exception came up. A head that others read has the whole
        gradient before its parameters are updated.

        examples (Iterable[Example]): The batch.
        sgd (Optional[Optimizer]): The optimizer; None for the pipeline's own, False for none.
        RETURNS (Dict[str, float]): The losses.
        """
        settings["exclude"] = excluded = list(settings.get("exclude", ()))
        nlp: Any = self
        keepers = [pipe for _, pipe in nlp.components if isinstance(pipe, KeepsBatch)]
        try:
            with missing_vectors_named(nlp), learning_sources(nlp, excluded) as is_fed_back:
                is_late = is_fed_back and sgd is not False and examples != []
                given = False if is_late else sgd
                losses = super().update(examples, *args, sgd=given, **settings)  # type: ignore[misc]
        except BaseException as error:
            for keeper in keepers:
                keeper.drop_batch(error)
            raise
        for keeper in keepers:
            keeper.close_batch()
        if is_late:
            self._finish_update(sgd, excluded)
        return losses

    def evaluate(self, *args: Any, **settings: Any) -> Dict[str, Any]:
        """`Language.evaluate`; `meta["precision"]` then says in which precision each pretrained encoder computed
        when the scores were measured.

        RETURNS (Dict[str, Any]): The scores.
        """
        scores: Dict[str, Any] = super().evaluate(*args, **settings)  # type: ignore[misc]
        nlp: Any = self
        found = {name: find_precision(pipe.model) for name, pipe in nlp.pipeline if hasattr(pipe, "model")}
        precisions = {name: precision for name, precision in found.items() if precision is not None}
        if precisions:
            nlp.meta["precision"] = precisions
        return scores

    def _finish_update(self, sgd: Any, excluded: Collection[str]) -> None:
        nlp: Any = self
        if sgd is None:
            nlp._optimizer = nlp._optimizer or nlp.create_optimizer()
            sgd = nlp._optimizer
        for name, pipe in nlp.pipeline:
            if name not in excluded and getattr(pipe, "is_trainable", False) and isinstance(pipe.model, Model):
                pipe.finish_update(sgd)

    def initialize(self, *args: Any, **settings: Any) -> Any:
        """`Language.initialize`; what would come up when the pipeline is saved comes up before it is trained.

        RETURNS (Optimizer): The optimizer.
        """
        block = self.config["training"].get("before_to_disk")  # type: ignore[attr-defined]
        callback = registry.resolve({"callback": block})["callback"] if block else None
        if isinstance(callback, ChecksPipeline):
            callback.check(self)  # type: ignore[arg-type]
        self._link_components()
        check_readers(self)  # type: ignore[arg-type]
        with missing_vectors_named(self):  # type: ignore[arg-type]
            optimizer = super().initialize(*args, **settings)  # type: ignore[misc]
        warn_of_frozen(self)  # type: ignore[arg-type]
        return optimizer

    def from_disk(self, *args: Any, **settings: Any) -> Language:
        """`Language.from_disk`. RETURNS (Language): The pipeline. RAISES (ValueError): See `check_readers`."""
        nlp = super().from_disk(*args, **settings)  # type: ignore[misc]
        write_out_absent(nlp, nlp._config)
        check_readers(nlp)
        return nlp

    def from_bytes(self, *args: Any, **settings: Any) -> Language:
        """`Language.from_bytes`. RETURNS (Language): The pipeline. RAISES (ValueError): See `check_readers`."""
        nlp = super().from_bytes(*args, **settings)  # type: ignore[misc]
        write_out_absent(nlp, nlp._config)
        check_readers(nlp)
        return nlp

    def rename_pipe(self, old_name: str, new_name: str) -> None:
        """`Language.rename_pipe`, where what is saved can be loaded: what else knows the component by its name goes by
        the new one.

        old_name (str): The name of the component.
        new_name (str): Its new name.
        """
        nlp: Any = self
        write_out_variables(nlp, old_name)
        super().rename_pipe(old_name, new_name)  # type: ignore[misc]
        name_anew(nlp, old_name, new_name)
        self._link_components()

    def remove_pipe(self, name: str) -> Any:
        """`Language.remove_pipe`, where what is saved can be loaded: other components keep what they took from it.

        name (str): The name of the component.
        RETURNS (Tuple[str, Callable]): The name, and the component.
        """
        write_out_variables(self, name)  # type: ignore[arg-type]
        return super().remove_pipe(name)  # type: ignore[misc]

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
        """`Language.pipe`, where several processes share the work with little ado, and with spans on the words that
        they were written for.

        texts (Iterable[Any]): Texts or Docs, with contexts or without.
        as_tuples (bool): Whether with contexts.
        n_process (int): The number of processes; -1 for that of the processors.
        YIELDS (Any): Docs, with contexts or without.
        """
        annotate = super().pipe  # type: ignore[misc]
        if n_process == -1:
            n_process = multiprocessing.cpu_count()
        if n_process == 1 and as_tuples:
            # it comes back here without the contexts
            return annotate(texts, as_tuples=True, **settings)
        if n_process == 1:
            docs = map(renew_spans, annotate(self._take_all(texts, settings), **settings))
            return annotate_with_vectors(self, docs)  # type: ignore[arg-type]
        if not as_tuples:
            return annotate(self._take_all(texts, settings), n_process=n_process, **settings)
        # spaCy would make the Docs here, and send those
        first, second = tee(texts)
        given = self._take_all((text for text, _ in first), settings)
        with_contexts = (WithContext(text, context) for text, (_, context) in zip(given, second))
        return _take_contexts(annotate(with_contexts, n_process=n_process, **settings))

    def _multiprocessing_pipe(self, texts: Any, pipes: Any, n_process: int, batch_size: int) -> Iterator[Doc]:
        return annotate_by_workers(self, texts, pipes, n_process, batch_size)  # type: ignore[arg-type]

    def _take(self, given: Any, settings: Dict[str, Any]) -> Any:
        return next(self._take_all([given], settings))

    def _take_all(self, texts: Iterable[Any], settings: Dict[str, Any]) -> Iterator[Any]:
        check = self.__dict__.setdefault("_silence_check", SilenceCheck()).check
        is_checked = False
        for given in texts:
            is_checked = is_checked or check(self, given, settings.get("disable", ()))
            yield renew_spans(given) if isinstance(given, Doc) else given

    def __reduce_ex__(self, protocol: Any) -> Any:
        return _remake, (type(self).__mro__[2],), self.__dict__


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


def _remake(base: type) -> Any:
    return object.__new__(_mix(base))


def _take_contexts(docs: Iterator[Doc]) -> Iterator[Tuple[Doc, Any]]:
    for doc in docs:
        context = doc._context
        doc._context = None
        yield doc, context
