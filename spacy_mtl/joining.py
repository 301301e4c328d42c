"""What several Docs hold, moved to the Doc that they are joined to."""

import copy
import warnings
from itertools import accumulate
from typing import Any, Dict, List, Sequence, cast

from spacy.tokens import Doc, Span

from .errors import Warnings
from .span_places import place_spans


def join_groups(docs: Sequence[Doc], key: str, joined: Doc) -> List[Span]:
    """The spans of a group, on the tokens of the joined Doc.

    docs (Sequence[Doc]): The Docs; some may lack the group.
    key (str): The name of the group.
    joined (Doc): All their tokens.
    RETURNS (List[Span]): The spans. What lies on no tokens since a retokenization is left out.
    """
    spans = []
    for doc, offset in zip(docs, accumulate(map(len, docs), initial=0)):
        for stored, start, end in place_spans(doc.spans[key]) if key in doc.spans else ():
            if start >= 0:
                ids = {"kb_id": stored.kb_id, "span_id": stored.id}
                spans.append(Span(joined, start + offset, end + offset, label=stored.label, **ids))
    return spans


def join_user_data(docs: Sequence[Doc]) -> Dict[Any, Any]:
    """User data of a joined Doc: those of tokens and spans moved, others where all Docs say the same.

    docs (Sequence[Doc]): The Docs.
    RETURNS (Dict[Any, Any]): The user data. A warning, W012, counts what is left out.
    """
    found: Dict[Any, Any] = {}
    left_out: Dict[str, int] = {}
    for doc, offset in zip(docs, accumulate((len(doc.text) for doc in docs), initial=0)):
        for name, value in doc.user_data.items():
            if _has_place(name):
                kind, extension, start, end = cast(Any, name)
                found[kind, extension, start + offset, None if end is None else end + offset] = copy.copy(value)
            elif all(name in other.user_data and _is_same(other.user_data[name], value) for other in docs):
                found[name] = copy.copy(value)
            else:
                shown = str(name[1] if isinstance(name, tuple) and len(name) == 4 else name)
                left_out[shown] = left_out.get(shown, 0) + 1
    if left_out:
        names = ", ".join(sorted(left_out))
        warnings.warn(Warnings.W012.format(count=sum(left_out.values()), docs=len(docs), names=names), stacklevel=3)
    return found


def _has_place(name: Any) -> bool:
    return isinstance(name, tuple) and len(name) == 4 and name[0] == "._." and name[2] is not None


def _is_same(one: Any, other: Any) -> bool:
    # what compares to an array compares element by element
    return one is other or (type(one) is type(other) and isinstance(one, (str, int, float, tuple)) and one == other)
