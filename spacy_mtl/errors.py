"""Every message of the package, each with a code that tests and users can search for."""

from typing import Any


class _MessagesWithCodes(type):
    def __getattribute__(cls, code: str) -> Any:
        message = super().__getattribute__(code)
        if code.startswith("_"):
            return message
        return f"[MTL-{code}] {message}"


class Errors(metaclass=_MessagesWithCodes):
    """Messages of exceptions. Codes: 0xx frames, 1xx data, 2xx NER, 3xx text categories,
    4xx encoder and balancing, 5xx semantic roles, 6xx scoring, logging and command line."""

    E001 = (
        "Span group '{key}' holds a span without a frame id: '{text}' (tokens {start}-{end}, label '{label}'). "
        "Expected the id of every span to be the index of its predicate's first token. "
        "Write frames with spacy_mtl.frames.set_frames, which sets the ids."
    )
    E002 = (
        "Span group '{key}' holds the frame '{frame}' without a predicate: expected exactly one span labelled 'V', "
        "found {found}. Its spans: {spans}. Add the predicate, or drop the frame, with spacy_mtl.frames.set_frames."
    )
    E003 = (
        "Frame '{frame}' in span group '{key}' has its predicate at token {start}: the id no longer names the "
        "predicate's first token. Doc.from_docs, Span.as_doc and retokenization shift tokens but not ids. Use "
        "spacy_mtl.frames.join_docs and spacy_mtl.frames.slice_doc, or write the frames again with set_frames."
    )
    E004 = (
        "A frame cannot be written: {what} covers tokens {start}-{end}, but the Doc has tokens 0-{length}. "
        "Expected 0 <= start < end <= {length}."
    )
    E005 = (
        "A frame cannot be written: two frames have their predicate at token {start} ('{token}'). "
        "A token heads at most one frame; merge the two or move one of them."
    )
    E006 = "A frame cannot be written: the {what} at tokens {start}-{end} is empty. Expected a label such as 'ARG0'."
    E007 = (
        "A frame cannot be written: an argument at tokens {start}-{end} has the role 'V'. 'V' marks the predicate "
        "itself; give the predicate's span as the frame's start and end, and use 'C-V' for its further parts."
    )
    E008 = (
        "Docs cannot be joined: {what} of the docs do. Expected frames on every Doc or on none, because a joined "
        "Doc is annotated as a whole. Set frames on the rest with spacy_mtl.frames.set_frames(doc, [])."
    )


class Warnings(metaclass=_MessagesWithCodes):
    """Messages of warnings, numbered as the errors are."""

    W001 = (
        "A slice of the Doc (tokens {start}-{end}) cuts through the frame of '{predicate}': {dropped} of its "
        "arguments lie outside and are dropped."
    )
