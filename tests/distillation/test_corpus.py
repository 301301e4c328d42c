import json

import pytest
import spacy
from spacy.tokens import Doc, DocBin

from spacy_mtl.annotation import LESSONS_KEY
from spacy_mtl.data.corpus import make_corpus
from spacy_mtl.data.sources import SOURCE_KEY
from spacy_mtl.data.writing import write_docs
from spacy_mtl.distillation import store
from spacy_mtl.distillation.corpus import make_distilled_corpus
from spacy_mtl.distillation.texts import read_texts
from spacy_mtl.pipeline.distillation.settings import make_distillation

from ..pipeline.toy_pipeline import HEADS, build, make_docs


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A teacher, a corpus and a file of texts."""
    folder = tmp_path_factory.mktemp("distillation")
    nlp = build(steps=5)
    nlp.to_disk(folder / "teacher")
    write_docs(make_docs(nlp), folder / "train.spacy")
    (folder / "texts.txt").write_text("\n".join(f"Kim likes Rome {i} ." for i in range(30)) + "\n\n", encoding="utf8")
    return folder


def make_reader(folder, path, **settings):
    return make_distilled_corpus(
        path,
        teachers=[str(folder / "teacher")],
        corpus=make_corpus(folder / "train.spacy"),
        texts=[str(folder / "texts.txt")],
        **settings,
    )


def read_stored(path):
    vocab = spacy.blank("en").vocab
    return [doc for file in sorted(path.rglob("*.spacy")) for doc in DocBin().from_disk(file).get_docs(vocab)]


def test_gold_and_texts_come_mixed_with_lessons(folder, tmp_path):
    nlp = build(steps=0)
    reader = make_reader(folder, tmp_path / "lessons")
    examples = list(reader(nlp))
    assert len(examples) == 12 + 30
    has_gold = ["srl" in example.reference.spans for example in examples]
    assert sum(has_gold) == 12 and has_gold[0] and sum(has_gold[:21]) == 6
    for example in examples:
        lessons = example.reference.user_data[LESSONS_KEY]["lessons"]
        assert set(lessons) == set(HEADS) and all(len(of_head) == 1 for of_head in lessons.values())
    assert {one.reference.user_data.get(SOURCE_KEY) for one in examples} == {None, "texts"}
    # later the teachers are not needed
    again = make_distilled_corpus(tmp_path / "lessons")
    assert [one.text for one in again(nlp)] == [one.text for one in examples]
    # a reader that keeps its Docs has none of it
    assert not any(LESSONS_KEY in one.reference.user_data for one in reader.corpus(nlp))


def test_the_ratio_of_texts(folder, tmp_path):
    nlp = build(steps=0)
    make_reader(folder, tmp_path / "lessons").prepare(nlp)
    reader = make_distilled_corpus(tmp_path / "lessons", text_ratio=2)
    first, second = ([one.text for one in reader(nlp) if "srl" not in one.reference.spans] for _ in range(2))
    assert len(first) == len(second) == 24
    assert first[:3] != second[:3] and len({*first, *second}) == 30
    none = make_distilled_corpus(tmp_path / "lessons", text_ratio=0)
    assert len(list(none(nlp))) == 12


def test_a_stopped_reading_goes_on(folder, tmp_path, monkeypatch):
    nlp = build(steps=0)
    monkeypatch.setattr(store, "FILE_SIZE", 5)
    make_reader(folder, tmp_path / "whole").prepare(nlp)
    calls, whole = [], store.annotate

    def stopping(teachers, examples, *settings):
        calls.append(len(examples))
        if len(calls) == 5:
            raise KeyboardInterrupt
        return whole(teachers, examples, *settings)

    monkeypatch.setattr(store, "annotate", stopping)
    with pytest.raises(KeyboardInterrupt):
        list(make_reader(folder, tmp_path / "stopped")(nlp))
    assert len(list((tmp_path / "stopped").rglob("*.spacy"))) == 4
    assert not store.Store(tmp_path / "stopped").find_sizes()
    make_reader(folder, tmp_path / "stopped").prepare(nlp)
    assert calls == [5, 5, 2, 5] + [5] * 6
    files = [sorted((tmp_path / name).rglob("*.spacy")) for name in ("whole", "stopped")]
    assert [path.name for path in files[0]] == [path.name for path in files[1]]
    assert all(one.read_bytes() == other.read_bytes() for one, other in zip(*files))


def test_a_file_that_is_gone_is_made_again(folder, tmp_path):
    nlp = build(steps=0)
    make_reader(folder, tmp_path / "lessons").prepare(nlp)
    (file,) = (tmp_path / "lessons" / "texts").iterdir()
    content = file.read_bytes()
    file.unlink()
    with pytest.raises(ValueError, match="E707"):
        list(make_distilled_corpus(tmp_path / "lessons")(nlp))
    assert len(list(make_reader(folder, tmp_path / "lessons")(nlp))) == 42
    assert file.read_bytes() == content


def test_tokens_of_the_pipeline(folder, tmp_path):
    """The teachers read the tokens that the student reads."""
    nlp = build(steps=0)
    doc = Doc(nlp.vocab, words=["Kim", "likes", "Rome."], spaces=[True, True, False], ents=["B-PER", "O", "O"])
    write_docs([doc], tmp_path / "gold.spacy")
    corpus = make_corpus(tmp_path / "gold.spacy", gold_tokens=False)
    settings = {"teachers": [str(folder / "teacher")], "corpus": corpus}
    (example,) = make_distilled_corpus(tmp_path / "lessons", gold_tokens=False, **settings)(nlp)
    pipe = nlp.get_pipe("ner")
    pipe.distillation = make_distillation()
    ((lesson,),) = pipe.read_lessons([example])
    assert len(example.predicted) == 4 == len(lesson["tags"]["sizes"])
    (example,) = make_distilled_corpus(tmp_path / "lessons", **settings)(nlp)
    with pytest.raises(ValueError, match="E459"):
        pipe.read_lessons([example])


def test_lessons_of_something_else_are_refused(folder, tmp_path):
    nlp = build(steps=0)
    with pytest.raises(ValueError, match="E707"):
        list(make_distilled_corpus(tmp_path / "lessons")(nlp))
    make_reader(folder, tmp_path / "lessons").prepare(nlp)
    with pytest.raises(ValueError, match="E706.*temperature"):
        make_reader(folder, tmp_path / "lessons", temperature=2).prepare(nlp)
    with pytest.raises(ValueError, match="E409"):
        make_reader(folder, tmp_path / "lessons", temperature=0)
    # a part of the heads is taught as well, others are not
    assert list(make_reader(folder, tmp_path / "lessons")(build(steps=0, heads=["ner"])))
    nlp.add_pipe("mtl_ner", name="others")
    with pytest.raises(ValueError, match="E706.*heads"):
        list(make_reader(folder, tmp_path / "lessons")(nlp))
    elsewhere = make_distilled_corpus(tmp_path / "lessons", teachers=["gone"], texts=["gone.txt"])
    assert list(elsewhere(build(steps=0)))


def test_teachers_that_cannot_teach(folder, tmp_path):
    other = spacy.blank("en")
    other.add_pipe("sentencizer")
    other.to_disk(tmp_path / "other")
    reader = make_distilled_corpus(
        tmp_path / "lessons", teachers=[str(tmp_path / "other")], texts=[str(folder / "texts.txt")]
    )
    with pytest.raises(ValueError, match="E703"):
        reader.prepare(build(steps=0))


def test_heads_that_nobody_teaches_are_named(folder, tmp_path):
    student = build(steps=0)
    student.add_pipe("mtl_textcat", name="topic")
    with pytest.warns(UserWarning, match="W750.*topic"):
        make_reader(folder, tmp_path / "lessons").load_teachers(student)


def test_texts_of_all_kinds(tmp_path):
    nlp = spacy.blank("en")
    (tmp_path / "a.txt").write_text("\ufeffOne text.\n\n  \nAnother one.\n", encoding="utf8")
    (tmp_path / "b.jsonl").write_text('{"text": "A third."}\n\n{"text": "And a long fourth one."}\n', encoding="utf8")
    write_docs([Doc(nlp.vocab, words=["Of", "its", "own"]), Doc(nlp.vocab)], tmp_path / "c.spacy")
    paths = [tmp_path / name for name in ("a.txt", "b.jsonl", "c.spacy")]
    found = [example.text for example in read_texts(paths, nlp, tmp_path / "out")]
    assert found == ["One text.", "Another one.", "A third.", "And a long fourth one.", "Of its own "]
    with pytest.warns(UserWarning, match="W751.* 1 texts .*; 4 are left"):
        assert len(list(read_texts(paths, nlp, tmp_path / "out", max_length=5))) == 4


def test_texts_that_cannot_be_read(tmp_path):
    nlp = spacy.blank("en")
    path = tmp_path / "texts.jsonl"
    lines = [{"words": ["a"]}, {"text": 3}, ["b"], {"text": "\ud800"}, {"text": "a b"}, {"text": "one two three"}]
    path.write_text("\n".join([*map(json.dumps, lines), "{"]), encoding="utf8")
    with pytest.warns(UserWarning, match="W752.* 5 texts .*; 2 are left.*texts.jsonl, line 1"):
        assert len(list(read_texts([path], nlp, tmp_path / "out"))) == 2
    with pytest.raises(ValueError, match="E705.*of 7 texts 2 are longer than 1 tokens.* 5 cannot"):
        list(read_texts([path], nlp, tmp_path / "out", max_length=1))
    with pytest.raises(FileNotFoundError, match="E101"):
        list(read_texts([tmp_path / "nothing.txt"], nlp, tmp_path / "out"))
