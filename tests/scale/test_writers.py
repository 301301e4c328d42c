import json

import pytest
import spacy
from spacy.tokens import Doc, DocBin

from spacy_mtl.frames import set_frames
from spacy_mtl.scale.records import Text
from spacy_mtl.scale.writers import WRITERS
from spacy_mtl.translations import get_candidates, set_translations
from spacy_mtl.types import FrameSpans, RoleSpan


def annotated(nlp):
    doc = Doc(nlp.vocab, words=["Ada", "gave", "Grace", "books"], ents=["B-PERSON", "O", "B-PERSON", "O"])
    doc.cats = {"letter": 0.25, "story": 0.75}
    roles = (RoleSpan("ARG0", 0, 1, 0.5), RoleSpan("ARG1", 3, 4))
    set_frames(doc, [FrameSpans(1, 2, "give.01", roles, 0.9, 0.8)])
    set_translations(doc, {"de": "Ja.", "fr": "Oui."}, {"de": [("Ja.", -0.5), ("Jawohl.", -1.0)]})
    return doc


def write(format, path):
    nlp = spacy.blank("en")
    nlp.add_pipe("mtl_textcat", name="genre", config={"labels": ["letter", "story"]})
    writer = WRITERS[format](nlp)
    texts = [Text("x", "", {"by": "me", "tags": ["a", 1]}), Text(1, "", {})]
    writer.write([writer.encode(text, doc) for text, doc in zip(texts, [annotated(nlp), nlp.make_doc("")])], path)
    return nlp


def test_jsonl(tmp_path):
    write("jsonl", tmp_path / "a")
    first, second = map(json.loads, (tmp_path / "a").read_text(encoding="utf8").splitlines())
    assert list(first) == ["id", "text", "sentences", "categories", "entities", "frames", "translations", "columns"]
    assert (first["id"], first["columns"]) == ("x", {"by": "me", "tags": ["a", 1]})
    assert first["categories"]["genre"]["chosen"] == ["story"] and first["entities"][1]["text"] == "Grace"
    assert second["id"] == 1 and "columns" not in second


def test_parquet_holds_what_jsonl_holds_in_columns_of_one_type(tmp_path):
    parquet = pytest.importorskip("pyarrow.parquet")
    write("jsonl", tmp_path / "a")
    write("parquet", tmp_path / "b")
    table = parquet.read_table(tmp_path / "b")
    expected = [json.loads(line) for line in (tmp_path / "a").read_text(encoding="utf8").splitlines()]
    rows = table.to_pylist()
    assert [row["id"] for row in rows] == ["x", "1"]
    assert dict(rows[0]["columns"]) == {"by": "me", "tags": '["a", 1]'} and rows[1]["columns"] == []
    for row, found in zip(rows, expected):
        assert {name: row[name] for name in ("text", "sentences", "entities", "frames")} == {
            name: found[name] for name in ("text", "sentences", "entities", "frames")
        }
        genre = row["categories"]["genre"]
        assert {**genre, "probabilities": dict(genre["probabilities"])} == found["categories"]["genre"]
        assert row["categories"]["other"] is None
        assert dict(row["translations"]) == found["translations"]
    assert rows[0]["translations"][0][1]["candidates"][1] == {"text": "Jawohl.", "score": -1.0}
    write("parquet", tmp_path / "c")
    assert (tmp_path / "b").read_bytes() == (tmp_path / "c").read_bytes()


def test_docs_keep_their_annotation_and_what_belongs_to_them(tmp_path):
    nlp = write("spacy", tmp_path / "a.spacy")
    first, second = DocBin().from_disk(tmp_path / "a.spacy").get_docs(nlp.vocab)
    assert first.to_json() == annotated(nlp).to_json() and first.spans["srl"][0].label_ == "V"
    assert get_candidates(first) == get_candidates(annotated(nlp))
    assert first.user_data == {"by": "me", "tags": ("a", 1), "id": "x"} and second.user_data == {"id": 1}
    with pytest.raises(TypeError):
        doc = nlp.make_doc("a")
        doc.user_data["set"] = {1}
        WRITERS["spacy"](nlp).encode(Text(1, "", {}), doc)
