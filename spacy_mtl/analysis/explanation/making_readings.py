"""Which way a component reads a text, and thus how words can be hidden from it."""

from typing import Any, Collection, Dict, List, Tuple, Union

import numpy
from spacy.language import Language
from spacy.tokens import Doc

from .finding_inputs import WordReaders, unseen_words
from .inputs import EmbeddingInput, ListenerInput, WordInput
from .pretrained_input import PretrainedInput
from .readings import Hiding, Reading, SharedEncoder
from .tasks import Task
from .words import WordCopies, WordReading, find_mask

ENCODED = (EmbeddingInput, PretrainedInput)
"""What is an encoder's, where a component listens to none."""
Readings = Dict[str, Union[Reading, WordReading]]


def make_readings(
    nlp: Language,
    tasks: Dict[str, Task],
    names: Collection[str],
    readers: WordReaders,
) -> Readings:
    """Prepare components to read copies of a text.

    nlp (Language): The pipeline.
    tasks (Dict[str, Task]): What its components find.
    names (Collection[str]): The components.
    readers (WordReaders): Where its models read words.
    RETURNS (Readings): By name. One whose words can all be hidden in its embeddings and n-grams has gradients and two
        routes; of others the text is changed.
    """
    encoders: Dict[str, SharedEncoder] = {}
    copies: Dict[str, WordCopies] = {}
    return {name: _make_reading(nlp, name, tasks[name], encoders, copies, readers) for name in names}


def _make_reading(
    nlp: Language,
    name: str,
    task: Task,
    encoders: Dict[str, SharedEncoder],
    copies: Dict[str, WordCopies],
    readers: WordReaders,
) -> Union[Reading, WordReading]:
    doc, model = task.doc, task.pipe.model
    listeners = readers.find_places(model).listeners
    pipes: Dict[str, Any] = {one: pipe for one, pipe in nlp.pipeline if hasattr(pipe, "listener_map")}
    upstreams = {one: pipe for one, pipe in pipes.items() if pipe.listener_map.get(name)}
    if not task.reads_spelling and not readers.is_opaque.get(name, False):
        heard: List[Tuple[SharedEncoder, ListenerInput]] = []
        for one, pipe in pipes.items():
            known = {id(listener) for listeners in pipe.listener_map.values() for listener in listeners}
            own = [listener for listener in listeners if id(listener) in known]
            if not own:
                continue
            if one not in encoders:
                encoders[one] = SharedEncoder(pipe.model, doc, readers.read(pipe.model, doc))
            heard.append((encoders[one], ListenerInput(own)))
        found = readers.read(model, doc)
        inputs: List[WordInput] = [one for one in found if not heard and isinstance(one, ENCODED)]
        reading = Reading(task, doc, heard, inputs, [one for one in found if one not in inputs])
        if name not in readers.is_opaque:
            is_known = bool(heard or found) and all(encoder.inputs for encoder, _ in heard)
            is_known = is_known and sum(len(part.nodes) for _, part in heard) == len(listeners)
            readers.is_opaque[name] = not is_known or _reads_more(reading, nlp)
        if not readers.is_opaque[name]:
            return reading
    key = " ".join(upstreams) or name
    if key not in copies:
        models = [pipe.model for pipe in [*upstreams.values(), task.pipe]]
        copies[key] = WordCopies(doc, list(upstreams.values()), find_mask(models), nlp.vocab)
    return WordReading(task, copies[key])


def _reads_more(reading: Reading, nlp: Language) -> bool:
    """Whether a component still knows of the text when all its words are hidden."""
    other = Doc(nlp.vocab, words=list(unseen_words(len(reading.doc))))
    nothing = numpy.zeros((1, len(other)), dtype="f")
    return reading.differs(Hiding(nothing, nothing), other)
