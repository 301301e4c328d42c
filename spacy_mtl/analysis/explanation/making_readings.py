"""Which way a component reads a text, and thus how words can be hidden from it."""

from typing import Any, Callable, Collection, Dict, List, Tuple, Union

import numpy
from spacy.language import Language
from spacy.tokens import Doc
from thinc.api import Model
from thinc.types import Floats1d

from .finding_inputs import find_listeners, find_word_inputs, unseen_words
from .inputs import EmbeddingInput, ListenerInput, WordInput
from .readings import Hiding, Reading, SharedEncoder
from .tasks import Task
from .words import WordReading

Readings = Dict[str, Union[Reading, WordReading]]


def make_readings(
    nlp: Language,
    tasks: Dict[str, Task],
    names: Collection[str],
    neutral: Callable[[Model], Floats1d],
    opaque: Dict[str, bool],
) -> Readings:
    """Prepare components to read copies of a text.

    nlp (Language): The pipeline.
    tasks (Dict[str, Task]): What its components find.
    names (Collection[str]): The components.
    neutral (Callable[[Model], Floats1d]): What hides a word from an embedding.
    opaque (Dict[str, bool]): Of components that are known already, whether they read words in other ways too; the
        others are added.
    RETURNS (Readings): By name. One whose words can all be hidden in its embeddings and n-grams has gradients and two
        routes; of others the text is changed.
    """
    encoders: Dict[str, SharedEncoder] = {}
    return {name: _make_reading(nlp, name, tasks[name], encoders, neutral, opaque) for name in names}


def _make_reading(
    nlp: Language,
    name: str,
    task: Task,
    encoders: Dict[str, SharedEncoder],
    neutral: Callable[[Model], Floats1d],
    opaque: Dict[str, bool],
) -> Union[Reading, WordReading]:
    doc, listeners = task.doc, find_listeners(task.pipe.model)
    pipes: Dict[str, Any] = {one: pipe for one, pipe in nlp.pipeline if hasattr(pipe, "listener_map")}
    upstreams = {one: pipe for one, pipe in pipes.items() if pipe.listener_map.get(name)}
    heard: List[Tuple[SharedEncoder, ListenerInput]] = []
    for one, pipe in pipes.items():
        known = {id(listener) for listeners in pipe.listener_map.values() for listener in listeners}
        own = [listener for listener in listeners if id(listener) in known]
        if not own:
            continue
        if one not in encoders:
            encoders[one] = SharedEncoder(pipe.model, doc, find_word_inputs(pipe.model, doc, neutral))
        heard.append((encoders[one], ListenerInput(own)))
    found = find_word_inputs(task.pipe.model, doc, neutral)
    inputs: List[WordInput] = [one for one in found if not heard and isinstance(one, EmbeddingInput)]
    reading = Reading(task, doc, heard, inputs, [one for one in found if one not in inputs])
    if name not in opaque:
        is_known = bool(heard or found) and all(encoder.inputs for encoder, _ in heard)
        is_known = is_known and sum(len(part.nodes) for _, part in heard) == len(listeners)
        opaque[name] = not is_known or _reads_more(reading, nlp)
    if opaque[name]:
        return WordReading(task, doc, list(upstreams.values()), nlp)
    return reading


def _reads_more(reading: Reading, nlp: Language) -> bool:
    """Whether a component still knows of the text when all its words are hidden."""
    other = Doc(nlp.vocab, words=list(unseen_words(len(reading.doc))))
    nothing = numpy.zeros((1, len(other)), dtype="f")
    return reading.differs(Hiding(nothing, nothing), other)
