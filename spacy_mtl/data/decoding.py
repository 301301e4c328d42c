"""Reading DocBin files: fast, from several threads at once, and with every Doc checked before it is given out."""

import gc
import struct
import zlib
from functools import partial
from pathlib import Path
from typing import Any, Callable, Iterator, Sequence, Tuple

import srsly.msgpack
from spacy.attrs import ORTH
from spacy.tokens import Doc, Span, SpanGroup
from spacy.vocab import Vocab

from ..errors import Errors
from ..frames import PREDICATE
from ..span_places import copy_group
from .stored_docs import StoredDocs, expect, find_problems, store

_SPAN = struct.Struct(">QQQllll")  # id, knowledge base id, label, tokens, characters: as SpanGroup.to_bytes packs it
_NO_GROUPS = (b"", b"\x90")
Unpack = Callable[..., Any]


def decode_file(path: Path, vocab: Vocab) -> Iterator[Doc]:
    """The Docs of a DocBin file.

    path (Path): The file.
    vocab (Vocab): The vocabulary of the Docs.
    YIELDS (Doc): The Docs.
    RAISES (ValueError): E122 for a file that is no DocBin, or a Doc that cannot be read, with its number.
    """
    return decode_docs(path.read_bytes(), vocab, path)


def decode_docs(data: bytes, vocab: Vocab, path: Path) -> Iterator[Doc]:
    """The Docs of a DocBin. A Doc with spans takes a tenth of the time of `DocBin.get_docs`.

    For each group of spans srsly asks its registry of decoders, which looks through all entry points of all installed
    packages and all registered functions. Here it is asked once.

    data (bytes): What `DocBin.to_bytes` gives.
    vocab (Vocab): The vocabulary of the Docs.
    path (Path): The file, for messages.
    YIELDS (Doc): The Docs.
    RAISES (ValueError): E122 as `decode_file`.
    """
    unpack = _make_unpack()
    try:
        stored = store(_unpack_all(unpack, data))
        for string in stored.strings:
            vocab[string]
        problems = find_problems(stored, vocab)
    # zlib's, msgpack's and numpy's errors come as they are
    except Exception as error:
        raise ValueError(Errors.E122.format(path=path, error=_describe(error))) from error
    for i in range(len(stored)):
        try:
            if i in problems:
                raise ValueError(problems[i])
            doc = _make_doc(stored, i, vocab, unpack)
        except Exception as error:
            problem = f"Doc {i + 1} of {len(stored)}: {_describe(error)}"
            raise ValueError(Errors.E122.format(path=path, error=problem)) from error
        yield doc


def _make_unpack() -> Unpack:
    """A function that unpacks msgpack with the decoders that are registered."""
    hook: Any = None
    for decoder in srsly.msgpack.msgpack_decoders.get_all().values():
        hook = partial(decoder, chain=hook)

    def to_object(pairs: Sequence[Tuple[Any, Any]]) -> Any:
        return dict(pairs) if hook is None else hook(dict(pairs))

    def unpack(data: bytes, use_list: bool = True) -> Any:
        # with a hook of this kind srsly does not ask the registry
        return srsly.msgpack.unpackb(data, raw=False, use_list=use_list, object_pairs_hook=to_object)

    return unpack


def _unpack_all(unpack: Unpack, data: bytes) -> Any:
    enabled = gc.isenabled()
    # many objects at once, and none of them garbage
    gc.disable()
    try:
        return unpack(zlib.decompress(data))
    finally:
        if enabled:
            gc.enable()


def _make_doc(stored: StoredDocs, i: int, vocab: Vocab, unpack: Unpack) -> Doc:
    tokens = stored.tokens[i]
    spaces = None if stored.flags[i].get("has_unknown_spaces") else stored.spaces[i]
    doc = Doc(vocab, words=tokens[:, stored.attrs.index(ORTH)], spaces=spaces)
    doc.from_array(stored.attrs, tokens)
    expect(isinstance(stored.cats[i], dict), "categories with their values", stored.cats[i])
    doc.cats = stored.cats[i]
    # spaCy reads entities only when they are asked for, and refuses an "I" without a "B" then
    doc.ents  # noqa: B018
    _add_groups(doc, stored.span_groups[i], unpack)
    user_data = stored.user_data[i]
    if user_data is not None:
        doc.user_data.update(unpack(user_data, use_list=False))
    return doc


def _add_groups(doc: Doc, data: bytes, unpack: Unpack) -> None:
    """Read the span groups: a list of groups in old files, an object with a group's names since."""
    if data in _NO_GROUPS:
        return
    groups = unpack(data)
    if isinstance(groups, dict):
        for packed, names in groups.items():
            group = _make_group(doc, packed, unpack)
            for number, name in enumerate(names):
                # as spaCy does: each name has a group of its own
                doc.spans[name] = copy_group(group, doc) if number else group
    else:
        for packed in groups:
            group = _make_group(doc, packed, unpack)
            doc.spans[group.name] = group


def _make_group(doc: Doc, packed: bytes, unpack: Unpack) -> SpanGroup:
    content = unpack(packed)
    spans = []
    moved = False
    strings: Any = doc.vocab.strings  # its stubs know only strings
    for packed_span in content["spans"]:
        span_id, kb_id, label, start, end, first, after = _SPAN.unpack(packed_span)
        span = Span(doc, start, end, label=label, kb_id=kb_id, span_id=span_id)
        moved = moved or (span.start_char, span.end_char) != (first, after)
        spans.append(span)
    if any(span.label == strings[PREDICATE] for span in spans):
        # the ids hold frames together
        missing = [key for span in spans for key in (span.id, span.kb_id) if key and key not in strings]
        expect(not missing, "spans of frames with ids among the strings", missing)
    if moved:
        # written after a retokenization, which the characters give away
        return SpanGroup(doc).from_bytes(packed)
    return SpanGroup(doc, name=content["name"], attrs=content["attrs"], spans=spans)


def _describe(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"
