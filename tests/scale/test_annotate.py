import json
import os
import sys

import pytest
import spacy

from spacy_mtl.analysis.trainings.locks import lock_folder
from spacy_mtl.pipeline.findings import Describer
from spacy_mtl.scale.annotate import annotate, annotate_files

from .nasty import build, read_folder

# what a process is copied with, such as the patches of a test, is there in no other way
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="processes are not copies of this one")

TEXTS = [{"id": f"n{i}", "text": f"{i} Ada gave Grace a book", "author": {"name": "A"}} for i in range(23)]


def read_lines(folder, pattern="part-*.jsonl"):
    return [json.loads(line) for path in sorted(folder.glob(pattern)) for line in path.read_bytes().splitlines()]


def test_texts_are_annotated_as_by_the_pipeline_and_keep_what_belongs_to_them(tmp_path):
    nlp = build()
    done = annotate(nlp, TEXTS, tmp_path / "out", shard_size=5, batch_size=2)
    assert (done.texts, done.failed, done.shards, done.position, done.total) == (23, 0, 5, 23, 23)
    describe = Describer(nlp)
    expected = [
        {"id": text["id"], **describe(doc), "columns": {"author": {"name": "A"}}}
        for text, doc in zip(TEXTS, nlp.pipe([text["text"] for text in TEXTS]))
    ]
    assert read_lines(tmp_path / "out") == expected
    assert expected[3]["entities"][0]["text"] == "Ada"
    assert not (tmp_path / "out" / "_failed").exists()


def test_any_number_of_processes_writes_the_same(tmp_path):
    nlp = build()
    annotate(nlp, iter(TEXTS), tmp_path / "one", shard_size=3)
    annotate(nlp, iter(TEXTS), tmp_path / "three", shard_size=3, workers=3)
    annotate(nlp, TEXTS, tmp_path / "more", shard_size=3, workers=20)
    one = read_folder(tmp_path / "one")
    assert one == read_folder(tmp_path / "three") == read_folder(tmp_path / "more")
    assert len([name for name in one if name.startswith("part-")]) == 8


def test_texts_that_fail_are_set_aside_with_their_reason(tmp_path):
    texts = [
        "fine",
        "please fail now",
        7,
        {"title": "no text"},
        {"id": "x", "text": "a" * 60, "by": "me"},
        "\ud800",
        "",
    ]
    done = annotate(build(), texts, tmp_path, max_length=50, shard_size=100)
    assert (done.texts, done.failed) == (7, 5)
    assert [line["id"] for line in read_lines(tmp_path)] == [0, 6]
    failures = read_lines(tmp_path, "_failed/part-*.jsonl")
    assert [failure["id"] for failure in failures] == [1, 2, 3, "x", 5]
    assert [failure["reason"].split("]")[0] for failure in failures] == [
        f"[MTL-{code}" for code in ("E783", "E781", "E781", "E782", "E781")
    ]
    assert "what it was told to" in failures[0]["reason"] and failures[0]["text"] == "please fail now"
    assert failures[3]["text"] == "a" * 60 and failures[3]["columns"] == {"by": "me"}
    assert all(failure["line"] == i + 1 for failure, i in zip(failures, (1, 2, 3, 4, 5)))


def test_what_was_set_aside_can_be_annotated_later(tmp_path):
    annotate(build(), ["short", {"id": "x", "text": "a" * 60, "by": "me"}], tmp_path / "a", max_length=50)
    done = annotate_files(build(), [tmp_path / "a" / "_failed"], tmp_path / "b")
    (line,) = read_lines(tmp_path / "b")
    assert done.failed == 0 and line["id"] == "x" and line["text"] == "a" * 60


def test_a_text_that_ends_its_process_alone_is_set_aside_and_no_other(tmp_path):
    texts = [f"{i} Ada" for i in range(12)]
    texts[4], texts[6], texts[9] = "4 kill", "6 kill", "9 once"
    done = annotate(build(tmp_path), texts, tmp_path / "out", shard_size=8, batch_size=4, workers=2)
    assert (done.texts, done.failed) == (12, 2)
    assert [line["id"] for line in read_lines(tmp_path / "out")] == [0, 1, 2, 3, 5, 7, 8, 9, 10, 11]
    failures = read_lines(tmp_path / "out", "_failed/part-*.jsonl")
    assert [(failure["id"], failure["text"]) for failure in failures] == [(4, "4 kill"), (6, "6 kill")]
    assert all("[MTL-E745]" in failure["reason"] and "-9" in failure["reason"] for failure in failures)


def test_a_stopped_run_goes_on(tmp_path):
    def stop(progress):
        if progress.shards == 3:
            raise KeyboardInterrupt

    nlp = build()
    annotate(nlp, TEXTS, tmp_path / "whole", shard_size=4)
    with pytest.raises(KeyboardInterrupt):
        annotate(nlp, TEXTS, tmp_path / "stopped", shard_size=4, progress=stop)
    found = read_folder(tmp_path / "stopped")
    assert 3 <= len([name for name in found if name.startswith("part-")]) < 6
    assert not any(name.startswith(".") for name in found)
    done = annotate(nlp, TEXTS, tmp_path / "stopped", shard_size=4, workers=2)
    assert done.kept >= 12 and (done.texts, done.position, done.shards) == (23, 23, 6)
    assert read_folder(tmp_path / "stopped") == read_folder(tmp_path / "whole")
    again = annotate(nlp, TEXTS, tmp_path / "stopped", shard_size=4)
    assert again.kept == again.texts == 23


def test_a_changed_pipeline_or_setting_is_noticed(tmp_path):
    nlp = build()
    annotate(nlp, TEXTS, tmp_path)
    before = read_folder(tmp_path)
    list(nlp.pipe(["words that the vocabulary did not know"]))
    annotate(nlp, TEXTS, tmp_path)
    with pytest.raises(ValueError, match="E756.*settings"):
        annotate(nlp, TEXTS, tmp_path, shard_size=7)
    nlp.get_pipe("entity_ruler").add_patterns([{"label": "PERSON", "pattern": "Grace"}])
    with pytest.raises(ValueError, match="E756.*pipeline"):
        annotate(nlp, TEXTS, tmp_path)
    assert read_folder(tmp_path) == before


@pytest.mark.parametrize(
    "texts", [TEXTS[:-1], TEXTS[1:], [*TEXTS[:-1], "another"], [*TEXTS, "one more"], TEXTS[:10], []]
)
def test_changed_texts_are_noticed(tmp_path, texts):
    annotate(build(), TEXTS, tmp_path, shard_size=10)
    before = read_folder(tmp_path)
    with pytest.raises(ValueError, match="E757"):
        annotate(build(), texts, tmp_path, shard_size=10)
    assert read_folder(tmp_path) == before


def test_two_runs_at_once_are_refused(tmp_path):
    with lock_folder(tmp_path / "_shards") as lock:
        lock.write(f"{os.getpid()}\n")
        lock.flush()
        with pytest.raises(BlockingIOError, match="E726"):
            annotate(build(), TEXTS, tmp_path)


def test_a_folder_with_something_else_is_left_alone(tmp_path):
    (tmp_path / "precious.txt").write_text("mine")
    with pytest.raises(FileExistsError, match="E758.*precious"):
        annotate(build(), TEXTS, tmp_path)
    with pytest.raises(NotADirectoryError, match="E192"):
        annotate(build(), TEXTS, tmp_path / "precious.txt")
    assert [path.name for path in tmp_path.iterdir()] == ["precious.txt"]


def test_a_full_disk_ends_the_run_and_keeps_what_is_whole(tmp_path, monkeypatch):
    from spacy_mtl.scale import writers

    nlp = build()
    annotate(nlp, TEXTS, tmp_path / "whole", shard_size=4)
    write = writers.JsonlWriter.write

    def fill(self, rows, path):
        write(self, rows[:1], path)
        if b'"n8"' in rows[0]:
            raise OSError(28, "No space left on device")
        write(self, rows, path)

    with monkeypatch.context() as patch:
        patch.setattr(writers.JsonlWriter, "write", fill)
        with pytest.raises(OSError, match="E777.*No space left"):
            annotate(nlp, TEXTS, tmp_path / "full", shard_size=4)
    found = read_folder(tmp_path / "full")
    assert [name for name in found if name.startswith("part-")] == ["part-00000.jsonl", "part-00001.jsonl"]
    annotate(nlp, TEXTS, tmp_path / "full", shard_size=4)
    assert read_folder(tmp_path / "full") == read_folder(tmp_path / "whole")


def test_processes_that_die_before_they_annotate_end_the_run(tmp_path, monkeypatch):
    monkeypatch.setattr("spacy_mtl.scale.sessions.limit_threads", lambda n: os._exit(3))
    with pytest.raises(RuntimeError, match="E778.*exit code 3"):
        annotate(build(), TEXTS, tmp_path)


def test_an_error_of_a_process_is_told(tmp_path, monkeypatch):
    monkeypatch.setattr("spacy_mtl.scale.sessions.ShardAnnotator", lambda *args: 1 / 0)
    with pytest.raises(RuntimeError, match="E779.*ZeroDivisionError"):
        annotate(build(), TEXTS, tmp_path)


@pytest.mark.parametrize("setting", ["workers", "shard_size", "batch_size", "max_length"])
def test_numbers_are_checked(tmp_path, setting):
    with pytest.raises(ValueError, match=f"E750.*{setting}"):
        annotate(build(), TEXTS, tmp_path / "out", **{setting: 0})
    assert not (tmp_path / "out").exists()


def test_formats_and_gpus_are_checked(tmp_path):
    with pytest.raises(ValueError, match="E763.*xml"):
        annotate(build(), TEXTS, tmp_path / "out", format="xml")
    with pytest.raises(ValueError, match="E746"):
        annotate(build(), TEXTS, tmp_path / "out", gpu_id=0)


def test_a_process_that_has_grown_makes_place_for_another(tmp_path, monkeypatch):
    annotate(build(), TEXTS, tmp_path / "one", shard_size=4)
    monkeypatch.setattr("spacy_mtl.scale.sessions.GROWTH_BYTES", -1)
    annotate(build(), TEXTS, tmp_path / "many", shard_size=4, workers=2)
    assert read_folder(tmp_path / "one") == read_folder(tmp_path / "many")


@pytest.mark.slow
def test_a_pipeline_is_loaded_by_each_process_where_it_cannot_be_copied(tmp_path, monkeypatch):
    nlp = spacy.blank("en")
    nlp.add_pipe("entity_ruler").add_patterns([{"label": "PERSON", "pattern": "Ada"}])
    nlp.to_disk(tmp_path / "pipeline")
    annotate(tmp_path / "pipeline", TEXTS, tmp_path / "copied")
    monkeypatch.setattr("spacy_mtl.scale.pipelines.FORK", "none")
    annotate(tmp_path / "pipeline", TEXTS, tmp_path / "loaded")
    assert read_folder(tmp_path / "copied") == read_folder(tmp_path / "loaded")
