import spacy
import srsly
from spacy.util import load_config
from typer.testing import CliRunner

from spacy_mtl.cli.app import app
from spacy_mtl.data.masking import mask
from spacy_mtl.data.writing import write_docs

from ..pipeline.toy_pipeline import CNN, FACTORIES, build, head_config, make_docs


def run(*arguments):
    result = CliRunner().invoke(app, ["distill", *map(str, arguments)])
    return result.exit_code, " ".join(result.output.split())


def write_student(folder, heads=("sentiment", "ner", "srl")):
    nlp = spacy.blank("en")
    nlp.add_pipe("mtl_tok2vec", name="tok2vec", config={"model": CNN})
    for name in heads:
        nlp.add_pipe(FACTORIES[name], name=name, config=head_config(name))
    config = nlp.config.copy()
    config["corpora"] = {
        part: {"@readers": "spacy-mtl.Corpus.v1", "path": str(folder / "gold.spacy")} for part in ("train", "dev")
    }
    config["training"].update({"max_steps": 6, "eval_frequency": 3, "max_epochs": 0})
    config.to_disk(folder / "student.cfg")


def test_a_student_is_taught_trained_and_scored(tmp_path, quick_trainings):
    teacher = build(steps=8)
    teacher.to_disk(tmp_path / "teacher")
    write_docs(make_docs(teacher), tmp_path / "gold.spacy")
    (tmp_path / "texts.txt").write_text("Kim likes Rome .\nAna mocks Otto .\n", encoding="utf8")
    write_student(tmp_path)
    arguments = [tmp_path / "student.cfg", "--teacher", tmp_path / "teacher", "--text", tmp_path / "texts.txt"]
    arguments += ["--output", tmp_path / "out", "--temperature", 2, "--training.seed", 3]
    code, printed = run(*arguments)
    assert code == 0, printed
    assert "teaches sentiment, ner, srl" in printed and "12 gold, 2 texts" in printed
    assert "student" in printed and "words a second" in printed
    config = load_config(tmp_path / "out" / "config.cfg")
    assert config["corpora"]["train"]["@readers"] == "spacy-mtl.DistilledCorpus.v1"
    assert config["training"]["seed"] == 3
    student = spacy.load(tmp_path / "out" / "model-best")
    for name in ("sentiment", "ner", "srl"):
        assert config["components"][name]["distillation"]["steps"] == 6
        assert student.get_pipe(name).distillation.steps == 6
    scores = srsly.read_json(tmp_path / "out" / "scores.json")
    assert set(scores) == {str(tmp_path / "teacher"), "student"}
    before = (tmp_path / "out" / "run.json").stat().st_mtime_ns
    assert run(*arguments)[0] == 0
    assert (tmp_path / "out" / "run.json").stat().st_mtime_ns == before
    # a finished student is not mixed with another teaching
    code, printed = run(*arguments[:-4], "--temperature", 3)
    assert code == 1 and "MTL-E706" in printed and "temperature" in printed
    assert run(*arguments[:-2], "--text", tmp_path / "nothing.txt")[0] == 1


def test_a_student_without_gold_for_a_task(tmp_path, quick_trainings):
    teacher = build(steps=8)
    teacher.to_disk(tmp_path / "teacher")
    docs = make_docs(teacher)
    write_docs(docs, tmp_path / "dev.spacy")
    write_docs([mask(doc, ["doc.cats"]) for doc in docs], tmp_path / "gold.spacy")
    write_student(tmp_path)
    options = ["--teacher", tmp_path / "teacher", "--output", tmp_path / "out"]
    code, printed = run(tmp_path / "student.cfg", *options, "--corpora.dev.path", tmp_path / "dev.spacy")
    assert code == 0, printed
    student = spacy.load(tmp_path / "out" / "model-best")
    assert sorted(path.stem for path in (tmp_path / "out" / "labels").iterdir()) == ["ner", "srl"]
    for name in ("ner", "srl"):
        assert student.get_pipe(name).label_data == teacher.get_pipe(name).label_data


def test_refusals(tmp_path):
    write_docs(make_docs(spacy.blank("en")), tmp_path / "gold.spacy")
    write_student(tmp_path, ["ner"])
    spacy.blank("en").to_disk(tmp_path / "blank")
    build(steps=0, heads=["sentiment"]).to_disk(tmp_path / "other")
    for teacher, code in (("blank", "MTL-E703"), ("other", "MTL-E703"), ("nothing", "MTL-E603")):
        options = ["--teacher", tmp_path / teacher, "--output", tmp_path / "out"]
        assert code in run(tmp_path / "student.cfg", *options)[1]
    assert not (tmp_path / "out").exists()
