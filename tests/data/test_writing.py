import os
import stat

import pytest
from spacy.tokens import Doc, DocBin
from spacy.vocab import Vocab

from spacy_mtl.data.writing import whole_file, whole_folder, write_docs, write_together


def test_the_file_appears_when_the_block_ends(tmp_path):
    path = tmp_path / "new" / "a.txt"
    with whole_file(path) as temporary:
        temporary.write_text("whole")
        assert temporary.parent == path.parent
        assert not path.exists()
    assert path.read_text() == "whole"
    assert os.listdir(path.parent) == ["a.txt"]


def test_a_failure_leaves_the_old_file_and_nothing_else(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("old")
    with pytest.raises(RuntimeError), whole_file(path) as temporary:
        temporary.write_text("ha")
        raise RuntimeError
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["a.txt"]


def test_the_file_is_readable_as_others_are(tmp_path):
    (tmp_path / "plain").write_text("")
    with whole_file(tmp_path / "a.txt"):
        pass
    modes = {stat.S_IMODE((tmp_path / name).stat().st_mode) for name in ("plain", "a.txt")}
    assert len(modes) == 1


def test_the_folder_appears_when_the_block_ends_and_others_can_read_it(tmp_path):
    (tmp_path / "plain").mkdir()
    path = tmp_path / "new" / "a"
    with whole_folder(path) as folder:
        (folder / "file").write_text("text", encoding="utf8")
        assert not path.exists()
    assert (path / "file").read_text(encoding="utf8") == "text"
    assert os.listdir(path.parent) == ["a"]
    assert path.stat().st_mode == (tmp_path / "plain").stat().st_mode


def test_a_failure_leaves_no_folder(tmp_path):
    with pytest.raises(RuntimeError), whole_folder(tmp_path / "a") as folder:
        (folder / "file").write_text("half", encoding="utf8")
        raise RuntimeError
    assert os.listdir(tmp_path) == []


def test_a_folder_that_was_made_meanwhile_is_left_alone(tmp_path):
    path = tmp_path / "a"
    with pytest.raises(OSError), whole_folder(path) as folder:
        (folder / "file").write_text("new", encoding="utf8")
        path.mkdir()
        (path / "mine").write_text("mine", encoding="utf8")
    assert os.listdir(path) == ["mine"]
    assert os.listdir(tmp_path) == ["a"]


def test_a_folder_is_replaced_as_a_whole_if_that_is_wanted(tmp_path):
    path = tmp_path / "a"
    path.mkdir()
    (path / "old").write_text("old")
    with pytest.raises(RuntimeError), whole_folder(path, replace=True):
        raise RuntimeError
    assert os.listdir(path) == ["old"]
    with whole_folder(path, replace=True) as folder:
        (folder / "new").write_text("new")
    assert os.listdir(path) == ["new"] and os.listdir(tmp_path) == ["a"]


def test_docs_that_fail_leave_no_file(tmp_path):
    def docs():
        yield Doc(Vocab(), words=["a"])
        raise ValueError("bad input")

    with pytest.raises(ValueError, match="bad input"):
        write_docs(docs(), tmp_path / "a.spacy")
    assert os.listdir(tmp_path) == []


def test_writes_every_doc(tmp_path):
    vocab = Vocab()
    assert write_docs([Doc(vocab, words=["a"]), Doc(vocab, words=["b", "c"])], tmp_path / "a.spacy") == 2
    docs = list(DocBin().from_disk(tmp_path / "a.spacy").get_docs(vocab))
    assert [[t.text for t in doc] for doc in docs] == [["a"], ["b", "c"]]


@pytest.mark.parametrize("cats", [{"\ud800": 1.0}, {"a": object()}, {"a": 10**30}])
def test_a_doc_that_no_doc_bin_can_hold_is_named(tmp_path, cats):
    good, bad = Doc(Vocab(), words=["a"]), Doc(Vocab(), words=["b"])
    bad.cats = cats
    with pytest.raises(ValueError, match="MTL-E192.*x.spacy.*Doc 2"):
        write_docs([good, bad], tmp_path / "x.spacy")
    with pytest.raises(ValueError, match="MTL-E192.*y.spacy.*Doc 1"):
        write_together([([good], tmp_path / "x.spacy"), ([bad], tmp_path / "y.spacy")])
    assert list(tmp_path.iterdir()) == []


def test_two_files_are_written(tmp_path):
    one, other = Doc(Vocab(), words=["a"]), Doc(Vocab(), words=["b"])
    write_together([([one], tmp_path / "x.spacy"), ([other], tmp_path / "y.spacy")])
    read = [DocBin().from_disk(tmp_path / f"{name}.spacy").get_docs(Vocab()) for name in "xy"]
    assert [[doc.text for doc in docs] for docs in read] == [["a "], ["b "]]


def test_a_place_that_cannot_be_written_to(tmp_path):
    doc = Doc(Vocab(), words=["a"])
    (tmp_path / "folder.spacy").mkdir()
    (tmp_path / "file").touch()
    for name in ("folder.spacy", "file/x.spacy"):
        with pytest.raises(OSError, match="MTL-E192"):
            write_docs([doc], tmp_path / name)
        with pytest.raises(OSError, match="MTL-E192"):
            write_together([([doc], tmp_path / "y.spacy"), ([doc], tmp_path / name)])
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "folder.spacy"]
