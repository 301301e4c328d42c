"""Encoders that stay as they are while the heads that listen to them are trained."""

from typing import Any, Dict, Sequence

from spacy.language import Language
from spacy.pipeline import Tok2Vec
from spacy.tokens import Doc
from spacy.training import Example

from ...pipeline.extraction.dependencies import is_encoder

MAX_BYTES = 2**30
"""What the kept vectors may need."""


class FrozenEncoders:
    """Gives the Docs of each batch their vectors.

    A single encoder without other annotating components reads each Doc once: its vectors are kept, as long as there is
    room for them. Otherwise spaCy lets all of them annotate at each update.

    annotates (List[str]): The components that `nlp.update` should let annotate, in the order of the pipeline.
    """

    def __init__(self, nlp: Language, heads: Sequence[str], annotating: Sequence[str], *, keep: bool = True) -> None:
        """Find the encoders, and take what an earlier training left with their listeners.

        nlp (Language): The pipeline.
        heads (Sequence[str]): The components that are trained.
        annotating (Sequence[str]): The components that annotate for them.
        keep (bool): Whether Docs come again, so that it is worth keeping their vectors.
        """
        readers = {*heads, *annotating}
        encoders: Dict[str, Any] = {
            name: pipe
            for name, pipe in nlp.pipeline
            if is_encoder(pipe) and (name in annotating or readers & set(pipe.listening_components))  # type: ignore
        }
        for encoder in encoders.values():
            for listener in encoder.listeners:
                listener.receive(None, None, None)
        self.annotates = [name for name in nlp.pipe_names if name in encoders or name in annotating]
        self._encoder = None
        if keep and len(self.annotates) == len(encoders) == 1 and isinstance(encoders[self.annotates[0]], Tok2Vec):
            self._encoder = encoders[self.annotates.pop()]
        self._kept: Dict[int, Doc] = {}
        self._bytes = 0

    def prepare(self, examples: Sequence[Example]) -> None:
        """Give the predicted Docs of a batch their vectors, unless `nlp.update` will.

        examples (Sequence[Example]): The batch.
        """
        if self._encoder is None:
            return
        docs = [example.predicted for example in examples if id(example.predicted) not in self._kept]
        if docs:
            self._encoder.set_annotations(docs, self._encoder.predict(docs))
        for doc in docs:
            if self._bytes + doc.tensor.nbytes <= MAX_BYTES:
                self._bytes += doc.tensor.nbytes
                self._kept[id(doc)] = doc
