"""Docs from what readers read: words with spans in tokens, or text with spans in characters."""

from typing import Any, Dict, List, NamedTuple, Optional, Sequence

from spacy.language import Language
from spacy.tokens import Doc, Span
from spacy.vocab import Vocab

from ...errors import Errors
from ...frames import set_frames
from ...types import FrameSpans
from .columns.iob2 import TaggedSpan, spans_to_tags

_CONTEXT = 3


class TextSpan(NamedTuple):
    """A labelled part of a text.

    label (str): The label.
    start (int): Offset of the first character.
    end (int): Offset after the last character.
    """

    label: str
    start: int
    end: int


def make_doc(
    vocab: Vocab,
    words: Sequence[str],
    *,
    place: str = "",
    categories: Optional[Dict[str, float]] = None,
    entities: Optional[Sequence[TaggedSpan]] = None,
    frames: Optional[Sequence[FrameSpans]] = None,
    ids: Optional[Dict[str, str]] = None,
    **attributes: Any,
) -> Doc:
    """A Doc from words. What is None stays unannotated; what is empty is annotated as empty.

    vocab (Vocab): The vocabulary of the Doc.
    words (Sequence[str]): The tokens.
    place (str): Where they stand, for messages; "" if a caller's message says it.
    categories (Optional[Dict[str, float]]): The categories' values.
    entities (Optional[Sequence[TaggedSpan]]): The entities, in tokens.
    frames (Optional[Sequence[FrameSpans]]): The frames.
    ids (Optional[Dict[str, str]]): Such as "doc_id" or "sent_id", for the user data; what is "" is left out.
    **attributes (Any): Further arguments of `Doc`: spaces, tags, pos, lemmas, morphs, heads, deps.
    RETURNS (Doc): The Doc.
    RAISES (ValueError): E167 for what a Doc cannot hold, such as frames that E004-E007 and E009 refuse.
    """
    tags = None if entities is None else spans_to_tags(len(words), entities)
    try:
        doc = Doc(vocab, words=list(words), ents=tags, **attributes)
        if frames is not None:
            set_frames(doc, frames)
    except (ValueError, TypeError, OverflowError) as error:
        # spaCy's own refusals, whose codes say neither file nor line
        raise ValueError(Errors.E167.format(place=place or "A sentence", error=error)) from error
    doc.cats = dict(categories or {})
    doc.user_data.update({name: value for name, value in (ids or {}).items() if value})
    return doc


def check_text(text: str, nlp: Language, place: str) -> None:
    """Refuse a text that cannot become a Doc.

    text (str): The text.
    nlp (Language): Gives the length that a text may have.
    place (str): Where it stands, for messages.
    RAISES (ValueError): E126.
    """
    if len(text) > nlp.max_length:
        found, expected = f"{len(text):,} characters", f"at most {nlp.max_length:,} (nlp.max_length)"
        raise ValueError(Errors.E126.format(place=place, expected=expected, found=found, advice="Split the text."))


def set_text_entities(doc: Doc, spans: Sequence[TextSpan], place: str, *, complete: bool = True) -> None:
    """Write entities to a Doc, which is annotated from then on, also if there are none.

    doc (Doc): The Doc.
    spans (Sequence[TextSpan]): The entities, in any order.
    place (str): Where they stand, for messages.
    complete (bool): Whether the other tokens are known to be in none; else they stay unannotated.
    RAISES (ValueError): E138 for a span that cuts through a token or overlaps another.
    """
    entities: List[Span] = []
    for span in sorted(spans, key=lambda span: span.start):
        entity = find_tokens(doc, span, place)
        if entities and entity.start < entities[-1].end:
            raise ValueError(_describe(doc, span, place, f"overlaps '{entities[-1].text}'"))
        entities.append(entity)
    doc.set_ents(entities, default="outside" if complete else "missing")


def find_tokens(doc: Doc, span: TextSpan, place: str) -> Span:
    """The tokens of a labelled part of the text.

    doc (Doc): The Doc.
    span (TextSpan): The part.
    place (str): Where it stands, for messages.
    RETURNS (Span): The tokens, with the label.
    RAISES (ValueError): E138 if the part does not begin and end with a token.
    """
    inside = 0 <= span.start < span.end <= len(doc.text)
    found = doc.char_span(span.start, span.end, label=span.label) if inside else None
    if found is None:
        raise ValueError(_describe(doc, span, place, "does not lie on the borders of tokens"))
    return found


def _describe(doc: Doc, span: TextSpan, place: str, problem: str) -> str:
    near = [t.i for t in doc if t.idx < span.end and t.idx + len(t) > span.start] or [0]
    tokens = doc[max(near[0] - _CONTEXT, 0) : near[-1] + 1 + _CONTEXT]
    return Errors.E138.format(
        place=place,
        text=doc.text[max(span.start, 0) : max(span.end, 0)],
        label=span.label,
        start=span.start,
        end=span.end,
        problem=problem,
        tokens=" ".join(f"'{token.text}'" for token in tokens),
    )
