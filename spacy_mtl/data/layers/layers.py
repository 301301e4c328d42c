"""The layers of annotation of a Doc: reading one for the tokens of another Doc, and writing it there."""

from typing import Any, Dict, List, Sequence, Tuple, Union

import numpy
from spacy.tokens import Doc, Span, SpanGroup

from ...annotation import has_annotation
from ...frames import SPANS_KEY, read_frame_spans, set_frames
from ...span_places import place_spans
from ...translations import TRANSLATIONS_KEY, add_translations, get_translations, set_translations
from ...types import FrameSpans
from .characters import DoesNotFit, Mapping

_MISSING = 0
_OWN_LAYERS = {SPANS_KEY, TRANSLATIONS_KEY}


class Layer:
    """A layer. What it reads of two Docs, for the tokens of one, can be compared."""

    def __init__(self, name: str) -> None:
        """Give the layer a name.

        name (str): The name, for messages and to choose it.
        """
        self.name = name

    def is_in(self, doc: Doc) -> bool:
        """RETURNS (bool): Whether the Doc is annotated."""
        raise NotImplementedError

    def read(self, doc: Doc, mapping: Mapping) -> Any:
        """The annotation.

        doc (Doc): The Doc.
        mapping (Mapping): To the tokens that the annotation is for.
        RETURNS (Any): The annotation; as a dict where a Doc can have a part of it from elsewhere.
        RAISES (DoesNotFit): If the tokens do not allow it.
        """
        raise NotImplementedError

    def write(self, doc: Doc, value: Any) -> None:
        """Annotate a Doc.

        doc (Doc): The Doc.
        value (Any): What `read` gave.
        RAISES (DoesNotFit): If the Doc cannot have it; it is left as it was.
        """
        raise NotImplementedError

    def complete(self, doc: Doc, value: Any) -> bool:
        """Annotate what a Doc leaves open; what it has stays.

        doc (Doc): The Doc.
        value (Any): What `read` gave of a Doc with the same tokens.
        RETURNS (bool): Whether the Doc was changed.
        RAISES (DoesNotFit): As `write`.
        """
        if self.is_in(doc):
            return False
        self.write(doc, value)
        return True


class Attributes(Layer):
    """Attributes of tokens, which need the same tokens."""

    def __init__(self, name: str, attrs: Sequence[str], *, together: bool = False) -> None:
        """Name the attributes.

        name (str): The name of the layer.
        attrs (Sequence[str]): The attributes; the last one tells whether a token is annotated.
        together (bool): Whether tokens can only be annotated together.
        """
        super().__init__(name)
        self.attrs: List[Union[int, str]] = list(attrs)
        self.together = together

    def is_in(self, doc: Doc) -> bool:
        """See `Layer.is_in`."""
        return has_annotation(doc, str(self.attrs[-1]))

    def read(self, doc: Doc, mapping: Mapping) -> Any:
        """See `Layer.read`."""
        if not mapping.is_same:
            raise DoesNotFit
        return doc.to_array(self.attrs).reshape((len(doc), len(self.attrs))).tolist()

    def write(self, doc: Doc, value: Any) -> None:
        """See `Layer.write`."""
        doc.from_array(self.attrs, numpy.asarray(value, dtype="uint64").reshape((len(doc), len(self.attrs))))

    def complete(self, doc: Doc, value: Any) -> bool:
        """See `Layer.complete`."""
        if self.together:
            return super().complete(doc, value)
        old = doc.to_array(self.attrs).reshape((len(doc), len(self.attrs)))
        new = numpy.asarray(value, dtype="uint64").reshape(old.shape)
        filled = numpy.where(old[:, -1:] == 0, new, old)
        self.write(doc, filled)
        return bool((filled != old).any())


class Borders(Layer):
    """Where sentences begin."""

    def is_in(self, doc: Doc) -> bool:
        """See `Layer.is_in`."""
        # spaCy says of every Doc with one token that it is
        return len(doc) > 1 and doc.has_annotation("SENT_START")

    def read(self, doc: Doc, mapping: Mapping) -> List[int]:
        """See `Layer.read`."""
        return [mapping.move(sentence.start, sentence.end)[0] for sentence in doc.sents]

    def write(self, doc: Doc, value: Any) -> None:
        """See `Layer.write`."""
        for token in doc:
            token.is_sent_start = token.i in value


class Entities(Layer):
    """Entities, and the tokens that are not annotated for them."""

    def is_in(self, doc: Doc) -> bool:
        """See `Layer.is_in`."""
        return has_annotation(doc, "ENT_IOB")

    def read(self, doc: Doc, mapping: Mapping) -> Tuple[List[Tuple[Any, ...]], List[int]]:
        """See `Layer.read`."""
        spans = [(*mapping.move(e.start, e.end), e.label_, e.kb_id_, e.id_) for e in doc.ents]
        unknown = numpy.flatnonzero(doc.to_array("ENT_IOB") == _MISSING).tolist()
        return spans, sorted({i for token in unknown for i in mapping.touch(token)})

    def write(self, doc: Doc, value: Any) -> None:
        """See `Layer.write`."""
        spans, unknown = value
        entities = [Span(doc, a, b, label=label, kb_id=kb_id, span_id=key) for a, b, label, kb_id, key in spans]
        inside = {i for entity in entities for i in range(entity.start, entity.end)}
        missing = [doc[i : i + 1] for i in unknown if i not in inside]
        doc.set_ents(entities, missing=missing, default="outside")

    def complete(self, doc: Doc, value: Any) -> bool:
        """See `Layer.complete`. Tokens stay open on which an entity would overlap with one that is there."""
        is_open = doc.to_array("ENT_IOB").reshape(-1) == _MISSING
        fitting = [span for span in value[0] if is_open[span[0] : span[1]].all()]
        others = {i for span in value[0] if span not in fitting for i in range(span[0], span[1]) if is_open[i]}
        own = [(e.start, e.end, e.label_, e.kb_id_, e.id_) for e in doc.ents]
        unknown = sorted(others | {i for i in value[1] if is_open[i]})
        self.write(doc, (own + fitting, unknown))
        return len(unknown) < int(is_open.sum())


class Frames(Layer):
    """Predicates with their arguments."""

    def is_in(self, doc: Doc) -> bool:
        """See `Layer.is_in`."""
        return SPANS_KEY in doc.spans

    def read(self, doc: Doc, mapping: Mapping) -> List[FrameSpans]:
        """See `Layer.read`."""
        frames = []
        for frame in read_frame_spans(doc):
            start, end = mapping.move(frame.start, frame.end)
            places = [mapping.move(role.start, role.end) for role in frame.roles]
            roles = tuple(role._replace(start=a, end=b) for role, (a, b) in zip(frame.roles, places))
            frames.append(frame._replace(start=start, end=end, roles=roles))
        return sorted(frames)

    def write(self, doc: Doc, value: Any) -> None:
        """See `Layer.write`."""
        try:
            set_frames(doc, value)
        except ValueError as error:
            raise DoesNotFit from error


class SpanGroups(Layer):
    """Other span groups, by their keys."""

    def is_in(self, doc: Doc) -> bool:
        """See `Layer.is_in`."""
        return any(key not in _OWN_LAYERS for key in doc.spans)

    def read(self, doc: Doc, mapping: Mapping) -> Dict[str, List[Tuple[Any, ...]]]:
        """See `Layer.read`."""
        groups = {key: group for key, group in doc.spans.items() if key not in _OWN_LAYERS}
        return {
            key: [
                (*mapping.move(start, end), s.label_, s.kb_id, s.id)
                for s, start, end in place_spans(group, widen=True)
                if start < end
            ]
            for key, group in groups.items()
        }

    def write(self, doc: Doc, value: Any) -> None:
        """See `Layer.write`."""
        for key, spans in value.items():
            made = [Span(doc, a, b, label=label, kb_id=kb_id, span_id=found) for a, b, label, kb_id, found in spans]
            doc.spans[key] = SpanGroup(doc, name=key, spans=made)

    def complete(self, doc: Doc, value: Any) -> bool:
        """See `Layer.complete`."""
        lacking = {key: spans for key, spans in value.items() if key not in doc.spans}
        self.write(doc, lacking)
        return bool(lacking)


class Translations(Layer):
    """Translations, by their languages."""

    def is_in(self, doc: Doc) -> bool:
        """See `Layer.is_in`."""
        return bool(get_translations(doc))

    def read(self, doc: Doc, mapping: Mapping) -> Dict[str, str]:
        """See `Layer.read`."""
        return get_translations(doc) or {}

    def write(self, doc: Doc, value: Any) -> None:
        """See `Layer.write`."""
        set_translations(doc, value)

    def complete(self, doc: Doc, value: Any) -> bool:
        """See `Layer.complete`."""
        old = get_translations(doc) or {}
        lacking = {language: text for language, text in value.items() if language not in old}
        if lacking:
            add_translations(doc, lacking)
        return bool(lacking)


class Categories(Layer):
    """Text categories, by their labels."""

    def is_in(self, doc: Doc) -> bool:
        """See `Layer.is_in`."""
        return bool(doc.cats)

    def read(self, doc: Doc, mapping: Mapping) -> Dict[str, Any]:
        """See `Layer.read`."""
        return dict(doc.cats)

    def write(self, doc: Doc, value: Any) -> None:
        """See `Layer.write`."""
        doc.cats = value

    def complete(self, doc: Doc, value: Any) -> bool:
        """See `Layer.complete`."""
        lacking = set(value) - set(doc.cats)
        self.write(doc, {**value, **doc.cats})
        return bool(lacking)


LAYERS: List[Layer] = [
    Attributes("tags", ["TAG"]),
    Attributes("pos", ["POS"]),
    Attributes("morphology", ["MORPH"]),
    Attributes("lemmas", ["LEMMA"]),
    Attributes("parse", ["HEAD", "DEP"], together=True),
    Borders("borders"),
    Entities("entities"),
    Frames("frames"),
    Translations("translations"),
    SpanGroups("spans"),
    Categories("categories"),
]
"""In the order in which they are joined: a parse brings its sentences along."""
