import pytest
import spacy
from spacy.language import Language
from spacy.tokens import Doc, DocBin, Span
from typer.testing import CliRunner

from spacy_mtl.cli.app import app
from spacy_mtl.data.writing import write_docs
from spacy_mtl.frames import read_frame_spans, set_frames
from spacy_mtl.types import FrameSpans

from ..pipeline.toy_pipeline import build, make_docs

WORDS = ["Ana", "likes", "Oslo", ".", "It", "rains", "."]


@Language.component("say_trees", assigns=["token.tag", "token.dep", "token.head"])
def say_trees(doc):
    """Each sentence hangs on its first token."""
    starts = [token.i for token in doc if token.is_sent_start or not token.i]
    heads = [max(start for start in starts if start <= token.i) for token in doc]
    deps = ["ROOT" if head == i else "dep" for i, head in enumerate(heads)]
    annotated = Doc(doc.vocab, words=[token.text for token in doc], tags=["T"] * len(doc), heads=heads, deps=deps)
    return doc.from_array(["TAG", "HEAD", "DEP"], annotated.to_array(["TAG", "HEAD", "DEP"]))


@Language.component("say_nothing", assigns=["doc.ents"])
def say_nothing(doc):
    return doc


def run(*arguments):
    result = CliRunner().invoke(app, ["silver", *map(str, arguments)])
    return result.exit_code, " ".join(result.output.split())


@pytest.fixture(scope="module")
def pipeline(tmp_path_factory):
    nlp = spacy.blank("en")
    for name in ("say_trees", "say_nothing", "merge_entities"):
        nlp.add_pipe(name)
    ruler = nlp.add_pipe("entity_ruler", before="merge_entities")
    ruler.add_patterns([{"label": "PER", "pattern": "Ana"}, {"label": "LOC", "pattern": "Oslo"}])
    path = tmp_path_factory.mktemp("pipelines") / "rules"
    nlp.to_disk(path)
    return path


def annotate(pipeline, folder, docs, *arguments):
    write_docs(docs, folder / "in.spacy")
    code, printed = run(pipeline, folder / "in.spacy", folder / "out.spacy", *arguments)
    assert code == 0, printed
    return list(DocBin().from_disk(folder / "out.spacy").get_docs(docs[0].vocab)), printed


def test_layers_are_added_and_the_others_left(pipeline, tmp_path):
    vocab = spacy.blank("en").vocab
    starts = [i in (0, 4) for i in range(7)]
    bare = Doc(vocab, words=WORDS, spaces=[True] * 6 + [False], sent_starts=starts)
    bare.ents = [Span(bare, 2, 3, "CITY")]
    bare.cats = {"good": 1.0}
    bare.user_data["doc_id"] = "7"
    set_frames(bare, [FrameSpans(1, 2, "like.01")])
    gold = Doc(vocab, words=["a", "b"], tags=["X", ""], heads=[1, 1], deps=["x", "ROOT"])
    (first, second), printed = annotate(pipeline, tmp_path, [bare, gold], "--layers", "tags,trees")
    assert [token.tag_ for token in first] == ["T"] * 7
    assert [token.head.i for token in first] == [0, 0, 0, 0, 4, 4, 4]
    assert [sentence.start for sentence in first.sents] == [0, 4]
    assert [(ent.text, ent.label_) for ent in first.ents] == [("Oslo", "CITY")]
    assert (first.cats, first.user_data["doc_id"], first.text) == ({"good": 1.0}, "7", bare.text)
    assert read_frame_spans(first) == read_frame_spans(bare)
    assert [token.tag_ for token in second] == ["X", "T"]
    assert [(token.head.i, token.dep_) for token in second] == [(1, "x"), (1, "ROOT")]
    assert "parse added 1" in printed and "parse kept 1" in printed and "tags added 2" in printed


def test_overwriting(pipeline, tmp_path):
    gold = Doc(spacy.blank("en").vocab, words=["a", "b"], tags=["X", ""], heads=[1, 1], deps=["x", "ROOT"])
    (doc,), printed = annotate(pipeline, tmp_path, [gold], "--layers", "parse", "--overwrite")
    assert [(token.tag_, token.head.i) for token in doc] == [("X", 0), ("", 0)]
    assert "parse replaced 1" in printed


def read_entities(doc):
    return [(ent.start, ent.end, ent.label_) for ent in doc.ents]


def test_entities_go_around_those_that_are_there(pipeline, tmp_path):
    vocab = spacy.blank("en").vocab
    part = Doc(vocab, words=WORDS)
    part.set_ents([], missing=[part[0:1], part[4:7]], default="outside")
    crossed = Doc(vocab, words=WORDS)
    crossed.set_ents([Span(crossed, 1, 3, "X")], missing=[crossed[0:1]], default="outside")
    closed = Doc(vocab, words=WORDS, ents=["O"] * 7)
    docs = [part, crossed, closed, Doc(vocab, words=WORDS)]
    found, printed = annotate(pipeline, tmp_path, docs, "--layers", "entities")
    assert list(map(read_entities, found)) == [
        [(0, 1, "PER")],
        [(0, 1, "PER"), (1, 3, "X")],
        [],
        [(0, 1, "PER"), (2, 3, "LOC")],
    ]
    assert all(token.ent_iob_ for doc in found for token in doc)
    assert "entities added 3" in printed and "entities kept 1" in printed


def test_our_pipelines(tmp_path):
    nlp = build(heads=("sentiment", "ner", "srl", "tagger"))
    nlp.to_disk(tmp_path / "toy")
    bare = [Doc(nlp.vocab, words=[token.text for token in doc]) for doc in make_docs(nlp)]
    bare[0].cats = {"good": 0.0}
    found, _ = annotate(tmp_path / "toy", tmp_path, bare, "--layers", "categories,entities,roles,tags")
    for number, (doc, own) in enumerate(zip(found, bare)):
        expected = nlp(Doc(nlp.vocab, words=[token.text for token in own]))
        assert [token.tag_ for token in doc] == [token.tag_ for token in expected]
        assert read_entities(doc) == read_entities(expected)
        frames, expected_frames = ([frame[:3] for frame in read_frame_spans(d)] for d in (doc, expected))
        assert frames == expected_frames and frames
        # what holds, not how probable it is
        assert doc.cats == {"bad": float(expected.cats["bad"] > 0.5), "good": doc.cats["good"]}
        assert doc.cats["good"] == (float(expected.cats["good"] > 0.5) if number else 0.0)


def test_refusals_leave_no_output(pipeline, tmp_path):
    vocab = spacy.blank("en").vocab
    corpus = tmp_path / "in.spacy"
    write_docs([Doc(vocab, words=["New", "York"], ents=["B-LOC", "I-LOC"])], corpus)
    output = tmp_path / "out.spacy"
    merging = spacy.blank("en")
    merging.add_pipe("entity_ruler").add_patterns([{"label": "LOC", "pattern": "New York"}])
    merging.add_pipe("merge_entities")
    merging.add_pipe("say_nothing")
    merging.to_disk(tmp_path / "merging")
    silent = spacy.blank("en")
    silent.add_pipe("say_nothing")
    silent.to_disk(tmp_path / "silent")
    for arguments, expected in [
        ([pipeline, corpus, output, "--layers", "tags,moods"], "MTL-E650"),
        ([pipeline, corpus, output, "--layers", ","], "MTL-E650"),
        ([pipeline, corpus, output, "--layers", "frames"], "MTL-E651"),
        ([tmp_path / "silent", corpus, output, "--layers", "entities"], "MTL-E652"),
        ([tmp_path / "merging", corpus, output, "--layers", "entities"], "MTL-E653"),
        ([pipeline, corpus, corpus, "--layers", "tags"], "MTL-E153"),
        ([pipeline, corpus, tmp_path / "out.txt", "--layers", "tags"], "MTL-E149"),
        ([pipeline, tmp_path / "no.spacy", output, "--layers", "tags"], "MTL-E120"),
        ([tmp_path / "no", corpus, output, "--layers", "tags"], "MTL-E603"),
    ]:
        code, printed = run(*arguments)
        assert code == 1 and expected in printed, (expected, printed)
    assert sorted(file.name for file in tmp_path.iterdir()) == ["in.spacy", "merging", "silent"]
