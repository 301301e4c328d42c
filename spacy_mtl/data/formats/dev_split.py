"""Parts of a corpus held out for development and for testing: by document, and without a text that two parts have."""

import random
from typing import Dict, Iterable, List, NamedTuple, Sequence, Tuple

from spacy.tokens import Doc

from ...errors import Errors
from ..layers.characters import remove_blanks

_ID = "doc_id"


class DevSplit(NamedTuple):
    """The two parts of a corpus, each in the order of the corpus.

    train (List[Doc]): The greater part.
    dev (List[Doc]): The part held out.
    documents (int): The number of documents in the part held out.
    moved (int): How many Docs of these documents are in the greater part, because it has the same text anyway.
    """

    train: List[Doc]
    dev: List[Doc]
    documents: int
    moved: int


def split_dev(docs: Iterable[Doc], share: float, seed: int = 0) -> DevSplit:
    """Hold out documents until they make up a share of the Docs.

    A document is what has one doc_id in the user data, or a Doc that has none; documents with the same text, white
    space aside, are one. Where a Doc of a document that is held out has the text of a Doc that is not, as short
    sentences may, it joins that one: no text is in both parts.

    docs (Iterable[Doc]): The corpus.
    share (float): The share, above 0 and below 1.
    seed (int): Of the choice.
    RETURNS (DevSplit): The parts.
    RAISES (ValueError): E181 for a share out of its range, E182 if one of the parts is empty.
    """
    if not 0 < share < 1:
        raise ValueError(Errors.E181.format(found=share))
    docs = list(docs)
    documents = _find_documents(docs)
    random.Random(seed).shuffle(documents)
    held_out: List[int] = []
    number = 0
    while documents and len(held_out) < share * len(docs):
        # the last document is held out only if that comes nearer to the share than to stop before it
        after = len(held_out) + len(documents[-1])
        if held_out and after - share * len(docs) > share * len(docs) - len(held_out):
            break
        held_out += documents.pop()
        number += 1
    texts = [remove_blanks(doc.text) for doc in docs]
    kept = {texts[i] for document in documents for i in document}
    dev = {i for i in held_out if texts[i] not in kept}
    if not dev or not documents:
        raise ValueError(Errors.E182.format(docs=len(docs), documents=len(documents) + number))
    train = [doc for i, doc in enumerate(docs) if i not in dev]
    return DevSplit(train, [docs[i] for i in sorted(dev)], number, len(held_out) - len(dev))


def split_parts(docs: Iterable[Doc], shares: Sequence[float], seed: int = 0) -> Tuple[List[Doc], List[DevSplit]]:
    """Hold out several parts, one after the other, each as `split_dev` does.

    docs (Iterable[Doc]): The corpus.
    shares (Sequence[float]): For each part its share of the whole corpus.
    seed (int): Of the choice.
    RETURNS (Tuple[List[Doc], List[DevSplit]]): What is left, and for each part how it was split off.
    RAISES (ValueError): E181, E182 as `split_dev`; E181 also for shares that leave nothing.
    """
    if sum(shares) >= 1:
        raise ValueError(Errors.E181.format(found=" + ".join(map(str, shares))))
    left = list(docs)
    whole = len(left)
    splits: List[DevSplit] = []
    for share in shares:
        splits.append(split_dev(left, share * whole / max(len(left), 1) if splits else share, seed))
        left = splits[-1].train
    return left, splits


def parse_share(found: str) -> float:
    """A share as it is typed: "10%" or "0.1".

    found (str): The text.
    RETURNS (float): The share.
    RAISES (ValueError): E181 for anything but a number above 0 and below 1, or 100 %.
    """
    try:
        share = float(found.removesuffix("%")) / (100 if found.endswith("%") else 1)
    except ValueError:
        share = 0.0
    if not 0 < share < 1:
        raise ValueError(Errors.E181.format(found=found))
    return share


def _find_documents(docs: List[Doc]) -> List[List[int]]:
    """The indices of the Docs of each document, in the order of the corpus."""
    by_id: Dict[Tuple[str, object], List[int]] = {}
    for i, doc in enumerate(docs):
        found = doc.user_data.get(_ID)
        by_id.setdefault(("doc", i) if found is None else ("id", found), []).append(i)
    by_text: Dict[str, List[int]] = {}
    for members in by_id.values():
        by_text.setdefault("\n".join(remove_blanks(docs[i].text) for i in members), []).extend(members)
    return list(by_text.values())
