"""A component's model, run on copies of a text in which words are hidden."""

from contextlib import ExitStack
from typing import Any, Callable, Dict, List, NamedTuple, Optional, Sequence, Tuple

import numpy
from spacy.tokens import Doc
from thinc.api import Model
from thinc.types import Floats2d

from ...types import TokenVectors
from .inputs import EmbeddingInput, ListenerInput, WordInput
from .tasks import Task
from .window_layers import WindowLayers, find_window_layers

TOLERANCE = 1e-4


class Hiding(NamedTuple):
    """How much copies of a text keep of each word, 1 all and 0 nothing, single precision on the host, shape (copies,
    tokens).

    encoder (Floats2d): For the encoder.
    own (Floats2d): For what a head has of its own.
    """

    encoder: Floats2d
    own: Floats2d


class SharedEncoder:
    """An encoder that components listen to. Copies that it has just read are not read again, and of copies with little
    hidden an encoder of windows reads no more than what changes."""

    def __init__(self, model: Model, doc: Doc, inputs: List[WordInput]) -> None:
        """model (Model): The encoder. doc (Doc): The text. inputs (List[WordInput]): Where it reads words."""
        self.model, self.doc, self.inputs = model, doc, inputs
        self._layers = _make_layers(model, inputs)
        # by what a copy keeps of the words
        self._vectors: Dict[bytes, Floats2d] = {}
        self._graph: Optional[Tuple[Floats2d, Callable]] = None
        if self._layers is not None:
            self._vectors[_whole(doc)] = self._layers.vectors

    def run(self, kept: Floats2d) -> TokenVectors:
        """RETURNS (TokenVectors): The vectors of copies. kept (Floats2d): What they keep of the words."""
        copies = [row.tobytes() for row in kept]
        if not all(copy in self._vectors for copy in copies):
            self._read(kept, copies)
        return [self._vectors[copy] for copy in copies]

    def backprop(self, kept: Floats2d, d_vectors: TokenVectors) -> Floats2d:
        """RETURNS (Floats2d): The gradient in what the copies keep. kept (Floats2d): As it was read. d_vectors
        (TokenVectors): The gradient of their vectors."""
        if self._graph is None or self._graph[0] is not kept:
            self._graph = kept, self._encode(kept)[1]
        for one in self.inputs:
            one.hide(kept)
        self._graph[1](d_vectors)
        return sum((one.gradient for one in self.inputs), kept * 0)

    def _read(self, kept: Floats2d, copies: List[bytes]) -> None:
        is_changed = kept != 1
        whole = _whole(self.doc)
        # copies in which nothing is hidden are all alike, and are asked for again
        self._vectors = {whole: self._vectors[whole]} if whole in self._vectors else {}
        if not is_changed.any():
            self._vectors[whole] = self._encode(kept[:1])[0][0]
        elif self._layers is not None and is_changed.sum() * 2 < is_changed.size:
            self._vectors.update(zip(copies, self._encode_changes(self._layers, kept, is_changed)))
        else:
            vectors, backprop = self._encode(kept)
            self._vectors.update(zip(copies, vectors))
            self._graph = kept, backprop

    def _encode(self, kept: Floats2d) -> Tuple[TokenVectors, Any]:
        return _run(self.inputs, [kept] * len(self.inputs), self.model, [self.doc] * len(kept))

    def _encode_changes(self, layers: WindowLayers, kept: Floats2d, is_changed: Floats2d) -> TokenVectors:
        """From the first word that is hidden in a copy to the last."""
        tokens = kept.shape[1]
        starts = is_changed.argmax(axis=1)
        ends = numpy.where(is_changed.any(axis=1), tokens - is_changed[:, ::-1].argmax(axis=1), starts)
        copies, changed = numpy.nonzero(
            (numpy.arange(tokens) >= starts[:, None]) & (numpy.arange(tokens) < ends[:, None])
        )
        (embedding,) = self.inputs
        assert isinstance(embedding, EmbeddingInput)
        return layers.read(starts, ends, embedding.mix(changed, kept[copies, changed]))


def _whole(doc: Doc) -> bytes:
    """The key of a copy in which nothing is hidden."""
    return numpy.ones(len(doc), dtype="f").tobytes()


def _make_layers(model: Model, inputs: List[WordInput]) -> Optional[WindowLayers]:
    """The layers of an encoder that is an embedding and layers of windows, and nothing else."""
    if len(inputs) != 1 or not isinstance(inputs[0], EmbeddingInput) or len(model.layers) != 2:
        return None
    embedding, encode = model.layers
    found = find_window_layers(encode) if embedding is inputs[0].node else None
    if found is None:
        return None
    difference = inputs[0].difference
    return WindowLayers(*found, inputs[0].neutral + difference)


class Reading:
    """A component that reads a text through encoders, and by what it has of its own.

    own (bool): Whether it has anything of its own.
    """

    def __init__(
        self,
        task: Task,
        doc: Doc,
        encoders: List[Tuple[SharedEncoder, ListenerInput]],
        inputs: List[WordInput],
        own: List[WordInput],
    ) -> None:
        """Read a text.

        task (Task): The component and what it finds.
        doc (Doc): The text, as the components before it leave it.
        encoders (List[Tuple[SharedEncoder, ListenerInput]]): The encoders that it listens to, with the listeners.
        inputs (List[WordInput]): Where its encoder reads words, if it is none of those.
        own (List[WordInput]): Where else it reads words.
        """
        self.task, self.doc, self.encoders, self.inputs = task, doc, encoders, inputs
        self.own: Sequence[Any] = own
        self.splits = True
        self.problem = "" if task.has_gradient else "the component gives none"

    def differs(self, hiding: Hiding, other: Doc) -> bool:
        """Whether the component tells two texts apart of which as much is hidden: then it reads words elsewhere too.

        hiding (Hiding): What one copy keeps of the words.
        other (Doc): A text of as many tokens.
        RETURNS (bool): Whether it does.
        """
        finding, values = self.task.findings[0], []
        for doc in (self.doc, other):
            encoders = [(SharedEncoder(one.model, doc, one.inputs), heard) for one, heard in self.encoders]
            reading = Reading(self.task, doc, encoders, self.inputs, list(self.own))
            values.append(self.task.measure(finding, reading.run(hiding)[0], 1, None).values[0])
        return bool(abs(values[0] - values[1]) > TOLERANCE)

    def run(self, hiding: Hiding) -> Tuple[Any, Callable[[Any], Tuple[Floats2d, Floats2d]]]:
        """Score copies of the text.

        hiding (Hiding): What they keep of the words.
        RETURNS (Tuple[Any, Callable]): The scores, and a callback that takes their gradient and gives those in what the
            encoder and what the head's own parts keep, shape (copies, tokens) each.
        """
        for encoder, heard in self.encoders:
            heard.feed(encoder.run(hiding.encoder))
        places = [*self.inputs, *self.own]
        kept = [hiding.encoder] * len(self.inputs) + [hiding.own] * len(self.own)
        with ExitStack() as stack:
            for _, heard in self.encoders:
                stack.enter_context(heard.open())
            scores, backprop = _run(places, kept, self.task.score, [self.doc] * len(hiding.own))

        def backprop_words(d_scores: Any) -> Tuple[Floats2d, Floats2d]:
            for place, of_place in zip(places, kept):
                place.hide(of_place)
            for _, heard in self.encoders:
                heard.gradient = None
            assert backprop is not None
            backprop(d_scores)
            through = sum((place.gradient for place in self.inputs), hiding.encoder * 0)
            for encoder, heard in self.encoders:
                if heard.gradient is not None:
                    through = through + encoder.backprop(hiding.encoder, heard.gradient)
            return through, sum((place.gradient for place in self.own), hiding.own * 0)

        return scores, backprop_words


def _run(
    places: List[WordInput], kept: List[Floats2d], run: Callable, docs: List[Doc]
) -> Tuple[Any, Optional[Callable]]:
    for place, of_place in zip(places, kept):
        place.hide(of_place)
    with ExitStack() as stack:
        for place in places:
            stack.enter_context(place.open())
        return run(docs, False) if isinstance(run, Model) else run(docs)
