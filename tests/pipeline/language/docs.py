"""Docs with annotation of every kind, and all that they say."""

import numpy
from hypothesis import strategies as st
from spacy.attrs import ENT_ID, ENT_KB_ID, NORM
from spacy.tokens import Doc, Span, SpanGroup

# symbols have small numbers in spaCy's store of strings, all others a hash
NAMES = ("A", "NOUN", "PERSON", "nsubj", "été", "\U0001f600", "x y", "", "ORTH")
WORDS = st.one_of(
    st.sampled_from([name for name in NAMES if name] + [" ", "\n\n", "n't"]),
    st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=6),
)
VALUES = st.sampled_from(
    [None, True, 1, 1.0, 2**70, "", b"a", [1, (2,)], (1, [2]), {"a": (1,)}, {(1, 2): {3}}, numpy.float32(0.1)]
)
KEYS = st.one_of(st.text(max_size=3), st.tuples(st.just("._."), st.sampled_from(NAMES), st.integers(0, 9), st.none()))
TENSORS = st.sampled_from([
    lambda n: numpy.zeros((0,), dtype="float32"),
    lambda n: numpy.arange(3 * n, dtype="float32").reshape(n, 3),
    lambda n: numpy.asfortranarray(numpy.arange(2.0 * n).reshape(n, 2)),
    lambda n: numpy.ones((n, 2, 2), dtype="float16"),
    lambda n: numpy.float64(0.5),
    lambda n: [n, "of another kind"],
])  # fmt: skip


def maybe(values):
    return st.one_of(st.none(), values)


@st.composite
def annotated(draw, vocab):
    """A Doc in which each kind of annotation is there or not."""
    words = draw(st.lists(WORDS, max_size=8))
    size = len(words)

    def column(values):
        return draw(maybe(st.lists(values, min_size=size, max_size=size)))

    names = st.sampled_from(NAMES)
    heads = column(st.integers(0, max(size - 1, 0)))
    settings = {
        "spaces": column(st.booleans()),
        "tags": column(names),
        "pos": column(st.sampled_from(["", "NOUN", "VERB", "X"])),
        "morphs": column(st.sampled_from(["", "Case=Nom", "Case=Nom|Number=Sing"])),
        "lemmas": column(names),
        "ents": column(st.sampled_from([None, "O", "B-A", "I-A", "B-ORTH", "I-ORTH"])),
    }
    if heads is None:
        settings["sent_starts"] = column(st.sampled_from([None, True, False]))
    else:
        # a tree: each token hangs on one before it in some order
        order = draw(st.permutations(range(size)))
        roots = draw(st.integers(1, 3))
        settings["heads"] = [0] * size
        for i, token in enumerate(order):
            settings["heads"][token] = token if i < roots else order[heads[token] % i]
        settings["deps"] = draw(st.lists(names, min_size=size, max_size=size))
    doc = Doc(vocab, words=words, **settings)
    annotate_beside(draw, doc)
    return doc


def annotate_beside(draw, doc):
    """Set what the constructor of Doc does not take."""
    size, names = len(doc), st.sampled_from(NAMES)
    for attribute in (NORM, ENT_KB_ID, ENT_ID):
        found = draw(maybe(st.lists(names, min_size=size, max_size=size)))
        if found is not None and size:
            numbers = numpy.asarray([doc.vocab.strings.add(name) for name in found], dtype="uint64")
            doc.from_array([attribute], numbers)
    if size and not doc.has_annotation("DEP") and draw(st.booleans()):
        doc[draw(st.integers(0, size - 1))].is_sent_start = draw(st.sampled_from([None, True, False]))
    for key in draw(st.lists(names, max_size=3, unique=True)):
        name = draw(st.sampled_from([*NAMES, "stale"]))
        spans = draw_spans(draw, doc, stale=name == "stale")
        doc.spans[key] = SpanGroup(doc, name=name, attrs={"a": draw(VALUES)}, spans=spans)
    if doc.spans and draw(st.booleans()):
        doc.spans["twin"] = doc.spans[next(iter(doc.spans))]
    doc.cats = draw(st.dictionaries(st.text(max_size=3), st.floats(0, 1), max_size=3))
    doc.user_data = draw(st.dictionaries(KEYS, VALUES, max_size=3))
    doc.sentiment = draw(st.floats(-1, 1, width=32))
    doc.tensor = draw(TENSORS)(size)
    doc._context = draw(VALUES)
    if draw(st.booleans()):
        doc.vector = numpy.arange(3.0)


def draw_spans(draw, doc, stale):
    spans = []
    for _ in range(draw(st.integers(0, 3))):
        start = draw(st.integers(0, len(doc)))
        end = draw(st.integers(start, len(doc)))
        label, kb_id = draw(st.sampled_from(NAMES)), draw(st.sampled_from(NAMES))
        span = Span(doc, start, end, label, kb_id=kb_id, span_id=draw(st.sampled_from([*NAMES, 0, 1, 10**15])))
        if stale and len(doc):
            span.end_char, span.end = span.end_char + 3, span.end + 1
        spans.append(span)
    return spans


def describe(doc):
    """All that a Doc says, strings as strings."""
    return {
        "text": (doc.text, doc.has_unknown_spaces, len(doc)),
        "tokens": [describe_token(token) for token in doc],
        "tree": describe_tree(doc),
        "is set": [doc.has_annotation(attribute) for attribute in ("SENT_START", "ENT_IOB", "DEP", "TAG", "MORPH")],
        "sentences": [(s.start, s.end) for s in doc.sents] if doc.has_annotation("SENT_START") else None,
        "labels": find_labels(doc),
        "spans": [(key, group.name, repr(group.attrs), find_places(group))
                  for key, group in doc.spans.items()],
        "twins": [doc.spans[key] is doc.spans[other] for key in doc.spans for other in doc.spans],
        "objects": repr((doc.cats, doc.user_data, doc.sentiment, doc._context)),
        "tensor": (str(getattr(doc.tensor, "dtype", "")), repr(doc.tensor)),
        "vector": repr(doc._vector),
    }  # fmt: skip


def find_labels(doc):
    # spans of before a Doc was retokenized may end behind it, and cannot be read then
    found = [span for group in doc.spans.values() if group.name != "stale" for span in group]
    numbers = [number for span in found for number in (span.label, span.kb_id, span.id)]
    return [doc.vocab.strings[number] for number in numbers if number in doc.vocab.strings]


def find_places(group):
    attrs, group.attrs = group.attrs, {}
    data = group.to_bytes()
    group.attrs = attrs
    return data


def describe_token(token):
    names = token.norm_, token.tag_, token.pos_, str(token.morph), token.lemma_, token.dep_
    entity = token.ent_iob, token.ent_type_, token.ent_kb_id_, token.ent_id_
    return token.text, token.whitespace_, token.idx, token.is_sent_start, names, entity


def describe_tree(doc):
    # without one the edges are what the tokenizer or a retokenizer has left there
    if all(token.head.i == token.i for token in doc) and not doc.has_annotation("DEP"):
        return None
    return [(token.head.i, token.left_edge.i, token.right_edge.i, token.n_lefts, token.n_rights) for token in doc]
