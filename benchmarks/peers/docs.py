"""Texts as Docs, and back."""

from typing import Sequence

from spacy.tokens import Doc
from spacy.training.iob_utils import biluo_tags_to_spans, biluo_to_iob, iob_to_biluo, offsets_to_biluo_tags
from spacy.vocab import Vocab
from texts import Text


def to_text(doc: Doc) -> Text:
    """RETURNS (Text): The Doc's words, entities and most probable category."""
    entities = [(entity.start_char, entity.end_char, entity.label_) for entity in doc.ents]
    tags = biluo_to_iob(offsets_to_biluo_tags(doc, entities))
    return Text([token.text for token in doc], tags, max(doc.cats, key=doc.cats.get))


def to_doc(text: Text, categories: Sequence[str]) -> Doc:
    """RETURNS (Doc): A Doc with the text's entities and category; a slot that begins with I counts as begun."""
    doc = Doc(Vocab(), words=text.words)
    doc.ents = biluo_tags_to_spans(doc, iob_to_biluo(text.tags))
    doc.cats = {category: float(category == text.category) for category in categories}
    return doc
