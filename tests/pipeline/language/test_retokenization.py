"""Spans stay on their words when a component behind the one that wrote them merges or splits tokens."""

import pytest
import spacy
from spacy.language import Language
from spacy.tokens import DocBin, Span, SpanGroup
from spacy.training import Example

from spacy_mtl.frames import get_frames, set_frames
from spacy_mtl.pipeline.language.language import attend
from spacy_mtl.types import FrameSpans, RoleSpan

TEXTS = ["Dana Hill sold her boat in New York.", "", "In New York Dana Hill can't sell it.", "Nothing here."]


@Language.component("test_write_spans")
def write_spans(doc):
    words = [token.text for token in doc]
    heads = [i for i, word in enumerate(words) if word in ("sold", "sell")]
    frames = [FrameSpans(i, i + 1, "sell.01", (RoleSpan("ARGM", i + 1, len(doc)),)) for i in heads]
    names = [i for i, word in enumerate(words) if word in ("Dana", "New")]
    set_frames(doc, [f._replace(roles=(RoleSpan("ARG0", names[0], names[0] + 2), *f.roles)) for f in frames])
    spans = [Span(doc, i, i + 2, label="NAME") for i in names]
    doc.spans["found"] = SpanGroup(doc, name="found", attrs={"scores": [0.5] * len(spans)}, spans=spans)
    doc.ents = spans
    return doc


# as people write them: without saying that they retokenize
@Language.component("test_split_tokens")
def split_tokens(doc):
    with doc.retokenize() as retokenizer:
        for token in doc:
            if token.text == "York":
                retokenizer.split(token, ["Yo", "rk"], heads=[(token, 1), token.head])
    return doc


@Language.component("test_merge_first")
def merge_first(doc):
    with doc.retokenize() as retokenizer:
        retokenizer.merge(doc[:2])
    return doc


@pytest.fixture
def nlp():
    nlp = spacy.blank("en")
    nlp.add_pipe("test_write_spans")
    attend(nlp)
    return nlp


def read(doc):
    frames = [(f.predicate.text, [(a.role, a.span.text) for a in f.arguments]) for f in get_frames(doc)]
    # spaCy's own ways, which look at tokens alone
    spans = [(span.text, span.label_) for span in doc.spans["found"]]
    copied = doc.copy()
    assert [span.text for span in copied.spans["found"]] == [text for text, _ in spans]
    assert len(list(DocBin(docs=[doc]).get_docs(doc.vocab))) == 1
    assert [span["label"] for span in doc.to_json()["spans"]["found"]] == [label for _, label in spans]
    return [token.text for token in doc], frames, spans


@pytest.mark.parametrize(
    "components", [["merge_entities"], ["test_split_tokens"], ["merge_entities", "test_split_tokens"]]
)
def test_every_way_through_the_pipeline(nlp, components):
    before = [read(doc)[1:] for doc in nlp.pipe(TEXTS)]
    for name in components:
        nlp.add_pipe(name)
    one_by_one = [read(nlp(text)) for text in TEXTS]
    assert [found[1:] for found in one_by_one] == before
    assert [read(doc) for doc in nlp.pipe(TEXTS)] == one_by_one
    assert [read(doc) for doc in nlp.pipe(TEXTS, n_process=2)] == one_by_one
    pairs = [(text, {"number": i}) for i, text in enumerate(TEXTS)]
    for processes in (1, 2):
        found = list(nlp.pipe(pairs, as_tuples=True, n_process=processes))
        assert [read(doc) for doc, _ in found] == one_by_one
        assert [context for _, context in found] == [context for _, context in pairs]
    with nlp.select_pipes(disable=components):
        assert [read(doc)[1:] for doc in nlp.pipe(TEXTS)] == before
    nlp.evaluate([Example(nlp.make_doc(text), nlp.make_doc(text)) for text in TEXTS])


@pytest.mark.parametrize("processes", [1, 2])
def test_docs_that_were_merged_before_they_are_given(nlp, processes):
    given = [merge_first(nlp(TEXTS[0])) for _ in range(3)]
    with nlp.select_pipes(disable=["test_write_spans"]):
        found = [read(nlp(given[0])), *(read(doc) for doc in nlp.pipe(given[1:], n_process=processes))]
    for words, _, spans in found:
        assert words[0] == "Dana Hill"
        assert spans == [("Dana Hill", "NAME"), ("New York", "NAME")]
