"""What the documentation shows is run as it stands."""

import re
from pathlib import Path
from textwrap import dedent

import pytest
import spacy
from spacy.tokens import Doc, DocBin

from spacy_mtl.frames import get_frames, read_frame_spans

ROOT = Path(__file__).parents[1]


def python_blocks(name):
    text = (ROOT / name).read_text(encoding="utf8")
    return [dedent(block) for block in re.findall(r"^ *```python\n(.*?)^ *```", text, re.MULTILINE | re.DOTALL)]


def test_the_quickstart_writes_a_corpus(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    exec(next(block for block in python_blocks("README.md") if "DocBin" in block), {})
    (doc,) = DocBin().from_disk("train.spacy").get_docs(spacy.blank("en").vocab)
    assert (doc.cats, [entity.label_ for entity in doc.ents]) == ({"trade": 1.0, "travel": 0.0}, ["PER"])
    (frame,) = get_frames(doc)
    assert [(role, span.text) for role, span, _ in frame.arguments] == [("ARG0", "Ana"), ("ARG1", "her old car")]


def test_writing_frames_as_documented():
    doc = Doc(spacy.blank("en").vocab, words=["Ana", "gave", "two", "books"])
    writing = next(block for block in python_blocks("docs/frames.md") if "set_frames" in block)
    first, last = writing.rsplit("set_frames(doc, [])", 1)
    exec(first, {"doc": doc})
    assert [len(frame.roles) for frame in read_frame_spans(doc)] == [2]
    exec("from spacy_mtl.frames import set_frames\nset_frames(doc, [])" + last, {"doc": doc})
    assert "srl" in doc.spans and read_frame_spans(doc) == []


@pytest.mark.parametrize("name", ["README.md", "docs/frames.md"])
def test_every_block_is_valid_python(name):
    for block in python_blocks(name):
        compile(block, name, "exec")


def test_linked_files_exist():
    for name in ("README.md", *(f"docs/{path.name}" for path in (ROOT / "docs").glob("*.md"))):
        text = (ROOT / name).read_text(encoding="utf8")
        for made in ("reference/errors.md", "reference/commands.md"):
            text = text.replace(f"]({made})", "")
        for target in re.findall(r"\]\(([\w./-]+)\)", text):
            assert (ROOT / name).parent.joinpath(target).exists() or (ROOT / target).exists(), target
