"""What annotation depends on, beside the texts."""

import hashlib
from pathlib import Path
from typing import Any, Iterator, Tuple

from spacy.language import Language

from .pipelines import Pipeline

_BLOCK = 1 << 20


def fingerprint_pipeline(pipeline: Pipeline) -> str:
    """A hash of a pipeline: of its files, where it was loaded from some, and of its user's code.

    pipeline (Pipeline): The pipeline.
    RETURNS (str): A hash that changes when it does.
    """
    digest = hashlib.blake2b(digest_size=16)
    if pipeline.folder is None:
        for name, data in _serialize(pipeline.nlp):
            digest.update(f"{name} {len(data)}\n".encode())
            digest.update(data)
    else:
        for path in sorted(pipeline.folder.rglob("*")):
            # caches of Python are written when a package is imported
            if path.is_file() and "__pycache__" not in path.parts:
                _add_file(digest, path.relative_to(pipeline.folder).as_posix(), path)
    if pipeline.code is not None:
        _add_file(digest, "code", pipeline.code)
    return digest.hexdigest()


def _serialize(nlp: Language) -> Iterator[Tuple[str, bytes]]:
    """The vocabulary is left out, as it grows when a pipeline is used."""
    yield "config", nlp.config.to_bytes()
    yield "disabled", " ".join(nlp.disabled).encode()
    if nlp.vocab.vectors.size:
        yield "vectors", nlp.vocab.vectors.to_bytes()
    for name, pipe in [("tokenizer", nlp.tokenizer), *nlp.pipeline]:
        if hasattr(pipe, "to_bytes"):
            yield name, pipe.to_bytes(exclude=["vocab"])


def _add_file(digest: Any, name: str, path: Path) -> None:
    digest.update(f"{name} {path.stat().st_size}\n".encode())
    with path.open("rb") as file:
        for block in iter(lambda: file.read(_BLOCK), b""):
            digest.update(block)
