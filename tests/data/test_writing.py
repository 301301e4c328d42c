import os
import stat

import pytest
from spacy.tokens import Doc, DocBin
from spacy.vocab import Vocab

from spacy_mtl.data.writing import whole_file, write_docs


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
