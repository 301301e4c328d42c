"""Pipelines by folder or name, with errors that say what is wrong with them."""

from pathlib import Path

import spacy
from spacy.language import Language

from ..errors import Errors


def load_pipeline(pipeline: str) -> Language:
    """Load a pipeline.

    pipeline (str): A folder or the name of a package.
    RETURNS (Language): The pipeline.
    RAISES (OSError): E603 if there is none, E610 if it is damaged or needs what is not there.
    """
    path = Path(pipeline)
    if not pipeline or "\0" in pipeline:
        raise OSError(Errors.E603.format(path=pipeline, found="no name"))
    if path.exists() and not (path / "config.cfg").exists():
        raise OSError(Errors.E603.format(path=pipeline, found="no config.cfg in it" if path.is_dir() else "a file"))
    if not path.exists() and not spacy.util.is_package(pipeline):
        raise OSError(Errors.E603.format(path=pipeline, found="neither"))
    try:
        return spacy.load(pipeline)
    # a damaged file has no error of its own: those of json, msgpack, numpy, thinc and torch come through
    except Exception as error:
        raise OSError(Errors.E610.format(path=pipeline, problem=f"{type(error).__name__}: {error}")) from error
