"""All that a pipeline says about a text, as plain data: what `spacy mtl show --json` prints and `annotate` writes."""

from typing import Any, Dict, List, NamedTuple, Optional, Sequence

from spacy.attrs import IDX, LENGTH
from spacy.language import Language
from spacy.tokens import Doc, Span

from ..frames import SPANS_KEY, read_frame_spans
from ..translations import get_candidates, get_translations
from .categories import choose_labels, find_threshold
from .srl.component import SemanticRoleLabeller

OTHER = "other"
CATEGORIES = "doc.cats"


class Categorizer(NamedTuple):
    """A component that gives categories.

    name (str): Its name.
    labels (Sequence[str]): Its labels.
    threshold (Optional[float]): From which probability on a label is chosen; None where the best one is.
    """

    name: str
    labels: Sequence[str]
    threshold: Optional[float]


class Describer:
    """Describes the Docs of a pipeline, as its components are when it is made."""

    def __init__(self, nlp: Language) -> None:
        """nlp (Language): The pipeline."""
        self.categorizers = [_read_categorizer(name, pipe) for name, pipe in nlp.pipeline if _gives(nlp, name)]
        keys = {pipe.cfg["spans_key"] for _, pipe in nlp.pipeline if isinstance(pipe, SemanticRoleLabeller)}
        self.spans_keys = sorted(keys or {SPANS_KEY})

    def __call__(self, doc: Doc) -> Dict[str, Any]:
        """All annotation of a Doc. Offsets are characters of the text; probabilities are None if unknown.

        doc (Doc): The Doc.
        RETURNS (Dict[str, Any]): text; sentences, empty if unknown; categories (by component: chosen labels, all labels
            with their probability); entities; frames (predicate, sense, roles); translations by language, with the best
            ones that the model found.
        """
        text = doc.text
        sentences = doc.sents if doc.has_annotation("SENT_START") else ()
        return {
            "text": text,
            "sentences": [{"start": sentence.start_char, "end": sentence.end_char} for sentence in sentences],
            "categories": self._describe_categories(doc),
            "entities": [
                {**_describe_span(entity), "label": entity.label_, "confidence": _confidence(entity)}
                for entity in doc.ents
            ],
            "frames": self._describe_frames(doc, text),
            "translations": _describe_translations(doc),
        }

    def _describe_categories(self, doc: Doc) -> Dict[str, Any]:
        described: Dict[str, Any] = {}
        left = dict(doc.cats)
        for name, labels, threshold in self.categorizers:
            own = {label: left.pop(label) for label in labels if label in left}
            described[name] = _describe_labels(own, threshold)
        if left:
            described[OTHER] = _describe_labels(left, 0.5)
        return described

    def _describe_frames(self, doc: Doc, text: str) -> List[Dict[str, Any]]:
        frames = [frame for key in self.spans_keys for frame in read_frame_spans(doc, key)]
        if not frames:
            return []
        # to make a Span of each would take longer than all the rest
        tokens = doc.to_array([IDX, LENGTH]).tolist()

        def describe_tokens(start: int, end: int) -> Dict[str, Any]:
            first, after = tokens[start][0], sum(tokens[end - 1])
            return {"text": text[first:after], "start": first, "end": after}

        return [
            {
                **describe_tokens(frame.start, frame.end),
                "sense": frame.sense,
                "probability": _rounded(frame.probability),
                "sense_probability": _rounded(frame.sense_probability),
                "roles": [
                    {"role": role, **describe_tokens(start, end), "probability": _rounded(probability)}
                    for role, start, end, probability in frame.roles
                ],
            }
            for frame in frames
        ]


def _gives(nlp: Language, name: str) -> bool:
    return CATEGORIES in nlp.get_pipe_meta(name).assigns


def _read_categorizer(name: str, pipe: Any) -> Categorizer:
    return Categorizer(name, tuple(getattr(pipe, "labels", ())), find_threshold(pipe))


def _describe_labels(probabilities: Dict[str, float], threshold: Optional[float]) -> Dict[str, Any]:
    ranked = sorted(probabilities, key=lambda label: -probabilities[label])
    chosen = choose_labels(probabilities, threshold)
    return {"chosen": chosen, "probabilities": {label: round(probabilities[label], 4) for label in ranked}}


def _describe_translations(doc: Doc) -> Dict[str, Any]:
    texts = get_translations(doc)
    if not texts:
        return {}
    found = get_candidates(doc)
    return {
        language: {
            "text": text,
            "candidates": [{"text": one.text, "score": round(one.score, 4)} for one in found.get(language, ())],
        }
        for language, text in texts.items()
    }


def _describe_span(span: Span) -> Dict[str, Any]:
    return {"text": span.text, "start": span.start_char, "end": span.end_char}


def _confidence(entity: Span) -> Optional[float]:
    return _rounded(entity._.confidence) if Span.has_extension("confidence") else None


def _rounded(probability: Optional[float]) -> Optional[float]:
    return None if probability is None else round(float(probability), 4)
