"""Saving and loading of the shared encoder, together with what its balancer has learned."""

from contextlib import contextmanager
from pathlib import Path
from typing import Iterable, Iterator, TypeVar, Union

from spacy.errors import Errors as SpacyErrors
from spacy.pipeline.tok2vec import Tok2Vec

from ...balancing.balancer import Balancer
from ...encoders.pretrained.file_parts import load_model
from ..saved_settings import kept_settings

EncoderT = TypeVar("EncoderT", bound="SavedWithBalancer")


class SavedWithBalancer(Tok2Vec):
    """Base of the encoder: what is saved has the balancer's state, and no open batch.

    balancer (Balancer): Whose state is saved; its settings are those of the config.
    """

    balancer: Balancer

    def drop_batch(self) -> None:
        """Learn nothing from the open batch."""
        raise NotImplementedError

    def to_bytes(self, *, exclude: Iterable[str] = ()) -> bytes:
        """Drop an open batch and serialize the component, with the balancer's state.

        exclude (Iterable[str]): Names of fields to leave out.
        RETURNS (bytes): The component.
        """
        with self._balancer_state():
            return super().to_bytes(exclude=exclude)

    def from_bytes(self: EncoderT, bytes_data: bytes, *, exclude: Iterable[str] = ()) -> EncoderT:
        """Load what `to_bytes` gave. An open batch is dropped. RETURNS (Tok2Vec): The component."""
        self._forget_batch()
        with kept_settings(self.name, self.cfg, self.model, ("balancer",)):
            super().from_bytes(bytes_data, exclude=exclude)
        self._load_balancer_state()
        return self

    def to_disk(self, path: Union[str, Path], *, exclude: Iterable[str] = ()) -> None:
        """Drop an open batch and save the component, with the balancer's state.

        path (Union[str, Path]): The directory.
        exclude (Iterable[str]): Names of fields to leave out.
        """
        with self._balancer_state():
            super().to_disk(path, exclude=exclude)

    def from_disk(self: EncoderT, path: Union[str, Path], *, exclude: Iterable[str] = ()) -> EncoderT:
        """Load what `to_disk` saved. An open batch is dropped. RETURNS (Tok2Vec): The component."""
        self._forget_batch()
        exclude = list(exclude)
        with kept_settings(self.name, self.cfg, self.model, ("balancer",)):
            super().from_disk(path, exclude=[*exclude, "model"])
            if "model" not in exclude:
                try:
                    load_model(self.model, Path(path) / "model")
                except AttributeError as error:
                    raise ValueError(SpacyErrors.E149) from error
        self._load_balancer_state()
        return self

    @contextmanager
    def _balancer_state(self) -> Iterator[None]:
        self.drop_batch()
        self.cfg["balancer"] = self.balancer.get_state()
        try:
            yield
        finally:
            del self.cfg["balancer"]

    def _load_balancer_state(self) -> None:
        state = self.cfg.pop("balancer", None)
        if state:
            self.balancer.set_state(state)

    def _forget_batch(self) -> None:
        raise NotImplementedError
