"""Whether a text holds what a score of a task is computed from."""

from typing import Any, Optional, Sequence

from spacy.language import Language
from spacy.tokens import Doc

from ...data.masking import KNOWN_LAYERS, SPANS, TOKEN_ATTRIBUTES
from ...data.sources import DEFAULT_SPANS_KEY, Layers, find_layers
from ..metrics.metrics import Metric

SENTENCES = {"token.is_sent_start", "doc.sents"}


def find_gold_layers(nlp: Language, task: str, metrics: Sequence[Metric], source: str) -> Optional[Layers]:
    """The annotation that the main score of a component is computed from.

    nlp (Language): The pipeline, initialized or not.
    task (str): The name of the component.
    metrics (Sequence[Metric]): Its scores, the main one first.
    source (str): The name of the corpus, for messages.
    RETURNS (Optional[Layers]): The annotation; None if it is not known, as of a component that does not say what it
        assigns, or not to which span group.
    """
    layers = find_layers(nlp, [task], source)
    names = layers.names & KNOWN_LAYERS
    if metrics and metrics[0].layers:
        names &= set(metrics[0].layers)
    pipe: Any = nlp.get_pipe(task)
    settings = getattr(pipe, "cfg", {})
    if "spans_key" not in settings and nlp.get_pipe_meta(task).factory not in DEFAULT_SPANS_KEY:
        names -= {SPANS}
    return layers._replace(names=names) if names else None


def has_gold(layers: Layers, doc: Doc) -> bool:
    """Whether a text has any of the annotation.

    layers (Layers): The annotation.
    doc (Doc): The text.
    RETURNS (bool): Whether it has. A single token, which spaCy takes for a sentence in any case, has no borders.
    """
    return layers.are_in(doc) and not (layers.names <= SENTENCES and len(doc) == 1)


def is_whole(layers: Layers, doc: Doc) -> bool:
    """Whether a text has the annotation at all of its tokens.

    layers (Layers): The annotation.
    doc (Doc): The text.
    RETURNS (bool): Whether it has. Of annotation that is not of tokens, whether there is any.
    """
    attributes = {name for layer in layers.names for name in TOKEN_ATTRIBUTES.get(layer, ())}
    return has_gold(layers, doc) and all(doc.has_annotation(name, require_complete=True) for name in attributes)
