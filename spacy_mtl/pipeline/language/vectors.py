"""Names the component whose encoder reads static vectors that are not there: spaCy's layer fails on an index."""

from contextlib import contextmanager
from typing import Iterable, Iterator

from spacy.language import Language
from spacy.tokens import Doc
from thinc.api import Model

from ...encoders.embed import check_static_vectors


@contextmanager
def missing_vectors_named(nlp: Language) -> Iterator[None]:
    """A block in which an index out of bounds is looked into.

    nlp (Language): The pipeline that works in the block.
    RAISES (ValueError): E425 if the vocabulary has no vectors and a component reads some.
    """
    try:
        yield
    except IndexError as error:
        for name, pipe in nlp.components:
            model = getattr(pipe, "model", None)
            if isinstance(model, Model):
                try:
                    check_static_vectors(model, nlp.vocab, name)
                except ValueError as named:
                    raise named from error
        raise


def annotate_with_vectors(nlp: Language, docs: Iterable[Doc]) -> Iterator[Doc]:
    """The Docs that a pipeline annotates, each in such a block.

    nlp (Language): The pipeline.
    docs (Iterable[Doc]): The Docs, annotated one by one.
    YIELDS (Doc): The Docs.
    RAISES (ValueError): E425 as above.
    """
    with missing_vectors_named(nlp):
        yield from docs
