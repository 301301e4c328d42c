"""`spacy mtl evaluate`: one corpus or several, whatever they are annotated for."""

import json

import pytest
import spacy
from spacy.cli import evaluate as stock_evaluate
from typer.testing import CliRunner

from spacy_mtl.cli.app import app
from spacy_mtl.cli.evaluate import tell_signatures
from spacy_mtl.data.writing import write_docs
from tests.pipeline.toy_pipeline import build, make_docs

LAYERS = ("cats", "ents", "srl")


def keep(doc, layers):
    """The Doc with some of its annotation."""
    kept = spacy.tokens.Doc(doc.vocab, words=[token.text for token in doc], spaces=[bool(t.whitespace_) for t in doc])
    if "cats" in layers:
        kept.cats = dict(doc.cats)
    if "ents" in layers:
        kept.set_ents([spacy.tokens.Span(kept, e.start, e.end, e.label_) for e in doc.ents])
    if "srl" in layers:
        kept.spans["srl"] = [
            spacy.tokens.Span(kept, span.start, span.end, span.label_, kb_id=span.kb_id_, span_id=span.id_)
            for span in doc.spans["srl"]
        ]
    return kept


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A pipeline, and corpora annotated for each task alone, for all, and for none."""
    folder = tmp_path_factory.mktemp("evaluate")
    build(steps=10).to_disk(folder / "pipeline")
    docs = make_docs(spacy.blank("en"))
    for name, layers in {"all": LAYERS, "none": (), **{layer: (layer,) for layer in LAYERS}}.items():
        write_docs([keep(doc, layers) for doc in docs], folder / f"{name}.spacy")
    write_docs([keep(doc, (LAYERS[i % 3],)) for i, doc in enumerate(docs)], folder / "mixed.spacy")
    return folder


def run(folder, *arguments):
    return CliRunner().invoke(app, ["evaluate", str(folder / "pipeline"), *map(str, arguments)])


def read_scores(folder, output, *arguments):
    result = run(folder, *arguments, "--output", output)
    assert result.exit_code == 0, result.output
    return json.loads(output.read_text("utf8")), result.output


def test_scores_of_one_corpus(folder, tmp_path):
    scores, printed = read_scores(folder, tmp_path / "scores.json", folder / "all.spacy")
    nlp = spacy.load(folder / "pipeline")
    assert {name: scores[f"{name}_texts"] for name in ("sentiment", "ents", "srl")} == {
        "sentiment": 12, "ents": 12, "srl": 12,
    }  # fmt: skip
    assert set(nlp.get_pipe("ner").labels) == set(scores["ents_per_type"])
    summary, _, details = printed.partition(" Details ")
    rows = {line.split()[0]: line.split()[1:] for line in summary.splitlines() if line.split()}
    assert list(rows)[2:5] == ["sentiment", "ner", "srl"]
    shown = f"{100 * scores['srl_argument_f']:.2f}"
    assert rows["srl"] == ["arguments,", "F", "(srl_argument_f)", shown, "12"]
    below = {line.split()[0]: line.split()[1:] for line in details.splitlines() if line.split()}
    assert below["ents"] == [f"{100 * scores[f'ents_{kind}']:.2f}" for kind in "prf"]
    assert below["srl_sense_acc"] == [f"{100 * scores['srl_sense_acc']:.2f}"]


@pytest.mark.parametrize("layer,scored", [("cats", "sentiment"), ("ents", "ents"), ("srl", "srl")])
def test_a_corpus_for_one_task(folder, tmp_path, layer, scored):
    scores, _ = read_scores(folder, tmp_path / "scores.json", folder / f"{layer}.spacy")
    counts = {name: scores[f"{name}_texts"] for name in ("sentiment", "ents", "srl")}
    assert counts == {**dict.fromkeys(counts, 0), scored: 12}


@pytest.mark.parametrize("corpus", [*LAYERS, "mixed", "none"])
@pytest.mark.parametrize("options", [{}, {"gold_preproc": True}, {"per_component": True}])
def test_the_stock_command_takes_a_corpus_for_some_tasks(folder, tmp_path, corpus, options):
    scores = stock_evaluate(
        str(folder / "pipeline"), folder / f"{corpus}.spacy", output=tmp_path / "o.json", silent=False, **options
    )
    assert scores and (tmp_path / "o.json").exists()


def test_several_corpora_in_one_table(folder, tmp_path):
    names = ["all", "cats", "mixed"]
    arguments = [f"{name}={folder / name}.spacy" for name in names]
    scores, printed = read_scores(folder, tmp_path / "scores.json", *arguments)
    assert list(scores) == names
    alone, _ = read_scores(folder, tmp_path / "alone.json", folder / "mixed.spacy")
    assert {k: v for k, v in scores["mixed"].items() if k != "speed"} == {
        k: v for k, v in alone.items() if k != "speed"
    }
    lines = [line.split() for line in printed.splitlines()]
    assert ["Score", *names] in lines
    values = [f"{100 * scores[name]['srl_argument_f']:.2f}" for name in ("all", "mixed")]
    assert ["srl", "arguments,", "F", "(srl_argument_f)", values[0], "(12)", "-", values[1], "(4)"] in lines
    assert ["ents_f", f"{100 * scores['all']['ents_f']:.2f}", "-", f"{100 * scores['mixed']['ents_f']:.2f}"] in lines
    assert ["ents_per_type,", "F", *names, "Gold"] in lines


def test_signatures_of_components_that_differ():
    german, chinese = {"bleu": "tok:13a", "chrf": "nc:6"}, {"bleu": "tok:zh", "chrf": "nc:6"}
    one = {"german_signatures": german, "translation_signatures": german}
    assert tell_signatures({"a": one, "b": one}) == ["bleu: tok:13a", "chrf: nc:6"]
    both = {**one, "chinese_signatures": chinese, "translation_signatures": chinese}
    lines = ["german, bleu: tok:13a", "german, chrf: nc:6", "chinese, bleu: tok:zh", "chinese, chrf: nc:6"]
    assert tell_signatures({"a": both}) == lines


def test_a_name_alone_gives_json_by_name(folder, tmp_path):
    scores, _ = read_scores(folder, tmp_path / "scores.json", f"news={folder / 'all.spacy'}")
    assert list(scores) == ["news"]


def test_unknown_labels_are_named(folder, tmp_path):
    docs = make_docs(spacy.blank("en"))
    for doc in docs[:2]:
        doc.cats = {**dict.fromkeys(doc.cats, 0.0), "mixed": 1.0}
    write_docs(docs, tmp_path / "strange.spacy")
    scores, printed = read_scores(folder, tmp_path / "scores.json", tmp_path / "strange.spacy")
    assert scores["sentiment_texts"] == 12 and scores["sentiment_unknown"] == {"mixed": 2}
    assert "MTL-W601" in printed and "mixed (2)" in printed


def test_a_corpus_for_none_of_the_tasks(folder, tmp_path):
    result = run(folder, folder / "none.spacy", "--output", tmp_path / "scores.json")
    assert result.exit_code == 1 and "MTL-E611" in result.output and list(tmp_path.iterdir()) == []
    result = run(folder, folder / "none.spacy", folder / "all.spacy")
    assert result.exit_code == 0 and "MTL-W602" in result.output


def write_empty(path):
    write_docs([], path)


def write_garbage(path):
    path.write_bytes(b"no DocBin")


@pytest.mark.parametrize("write,code", [(write_empty, "E123"), (write_garbage, "E122"), (lambda path: None, "E120")])
def test_a_corpus_that_cannot_be_read(folder, tmp_path, write, code):
    write(tmp_path / "bad.spacy")
    result = run(folder, folder / "all.spacy", tmp_path / "bad.spacy")
    assert result.exit_code == 1 and f"MTL-{code}" in result.output


@pytest.mark.parametrize("value", [None, float("nan"), "1", 2.0, -1])
def test_gold_categories_that_are_no_numbers(folder, tmp_path, value):
    docs = make_docs(spacy.blank("en"))
    docs[3].cats = {"good": value}
    write_docs(docs, tmp_path / "bad.spacy")
    result = run(folder, tmp_path / "bad.spacy")
    assert result.exit_code == 1 and "[MTL-E190] Doc 4" in result.output


@pytest.mark.parametrize("arguments,code", [(["a=x", "a=y"], "E151"), (["=x"], "E150"), (["a="], "E150")])
def test_wrong_names(folder, arguments, code):
    result = run(folder, *arguments)
    assert result.exit_code == 1 and f"MTL-{code}" in result.output


def test_an_output_that_cannot_be_written(folder, tmp_path):
    (tmp_path / "file").write_text("")
    for output in (tmp_path, tmp_path / "file" / "scores.json"):
        result = run(folder, folder / "all.spacy", "--output", output)
        assert result.exit_code == 1 and ("MTL-E612" in result.output or "MTL-E192" in result.output)


def test_docs_joined_to_texts(folder, tmp_path):
    single, _ = read_scores(folder, tmp_path / "single.json", folder / "all.spacy")
    joined, _ = read_scores(folder, tmp_path / "joined.json", folder / "all.spacy", "--join", 4)
    assert (single["srl_texts"], joined["srl_texts"]) == (12, 3)
    assert joined["srl_argument_f"] is not None and joined["ents_f"] is not None
    result = run(folder, folder / "all.spacy", "--join", 0)
    assert result.exit_code == 1 and "E511" in result.output
