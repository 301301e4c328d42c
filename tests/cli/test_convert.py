import pytest
from spacy.tokens import DocBin
from spacy.vocab import Vocab
from typer.testing import CliRunner

from spacy_mtl.cli.app import app

MARKUP = """# doc chat-01

neutral | [PER Kofi] left [DATE yesterday].
  | [ARG0 Kofi] [leave.01 left] [ARGM-TMP yesterday].
"""


def write(folder, name, text):
    path = folder / name
    path.write_text(text, encoding="utf8")
    return str(path)


def run(*arguments):
    result = CliRunner().invoke(app, ["convert", *map(str, arguments)])
    # long lines of a message are wrapped for the terminal
    return result.exit_code, " ".join(result.output.split())


def read(path):
    return list(DocBin().from_disk(path).get_docs(Vocab()))


def test_converts_and_prints_what_is_written(tmp_path):
    output = tmp_path / "chat.spacy"
    code, printed = run(write(tmp_path, "chat.txt", MARKUP), output, "--format", "markup")
    assert code == 0
    assert "Docs 1 Tokens 4 Docs with categories 1 Docs annotated for entities 1 Entities 2" in printed
    assert "Docs annotated for frames 1 Frames 1 Rolesets 1 Roles 2" in printed
    assert "Saved to" in printed
    (doc,) = read(output)
    assert doc.cats == {"positive": 0.0, "negative": 0.0, "neutral": 1.0}
    assert [entity.label_ for entity in doc.ents] == ["PER", "DATE"]


def test_several_inputs_and_options_of_tables(tmp_path):
    first = write(tmp_path, "a.tsv", "id\tmood\twords\n1\t0\two n't do\n")
    second = write(tmp_path, "b.tsv", "id\tmood\twords\n2\t1\tmoody\n")
    names = ("--text-column", "words", "--label-columns", "mood", "--label-names", "0=bad, 1=good")
    output = tmp_path / "x.spacy"
    code, _ = run(first, second, output, *names, "--tokens", "--labels", "good,bad,none")
    assert code == 0
    docs = read(output)
    assert [[token.text for token in doc] for doc in docs] == [["wo", "n't", "do"], ["moody"]]
    assert docs[0].cats == {"good": 0.0, "bad": 1.0, "none": 0.0}
    assert docs[1].cats == {"good": 1.0, "bad": 0.0, "none": 0.0}


def test_votes(tmp_path):
    (tmp_path / "a.csv").write_text("text,joy,anger\nBoats!,3,1\nRain,0,2\n", encoding="utf8")
    output = tmp_path / "a.spacy"
    result = CliRunner().invoke(
        app, ["convert", str(tmp_path / "a.csv"), str(output), "--label-columns", "joy,anger", "--votes"]
    )
    assert result.exit_code == 0, result.output
    docs = DocBin().from_disk(output).get_docs(Vocab())
    assert [doc.cats for doc in docs] == [{"joy": 0.75, "anger": 0.25}, {"joy": 0.0, "anger": 1.0}]


def test_options_of_columns(tmp_path):
    output = tmp_path / "x.spacy"
    code, _ = run(write(tmp_path, "a.iob2", "Oslo\tB-LOC\n"), output, "--word-column", 0, "--tag-column", 1)
    assert code == 0 and read(output)[0].ents[0].label_ == "LOC"
    path = write(tmp_path, "a.conll", "rainy O\nOslo I-LOC\nand O\nBo B-PER\n")
    assert run(path, output)[0] == 1
    assert run(path, output, "--repair")[0] == 0
    assert [entity.label_ for entity in read(output)[0].ents] == ["LOC", "PER"]
    words = write(tmp_path, "words.txt", "She\nran\n")
    assert run(write(tmp_path, "a.props", "- (A0*)\nrun (V*)\n"), output, "--words", words, "--keep-roles")[0] == 0
    (doc,) = read(output)
    assert [span.label_ for span in doc.spans["srl"]] == ["V", "A0"]


@pytest.mark.parametrize(
    "text, options, shown",
    [
        (MARKUP + "\nhappy | Yes.\n", [], "MTL-E135"),
        (MARKUP.replace("[PER Kofi]", "[PER Kof]i"), [], "MTL-E138"),
        ("", [], "MTL-E148"),
        (MARKUP, ["--repair"], "MTL-E149"),
        (MARKUP, ["--label-names", "0"], "MTL-E149"),
        (MARKUP, ["--lang", "qqq"], "E048"),
        (MARKUP, ["--format", "csv2"], "MTL-E149"),
    ],
)
def test_faults_are_shown_and_leave_no_output(tmp_path, text, options, shown):
    output = tmp_path / "new" / "x.spacy"
    code, printed = run(write(tmp_path, "a.txt", text), output, "--format", "markup", *options)
    assert code == 1
    assert shown in printed
    assert "Traceback" not in printed
    assert not output.parent.exists()


def test_an_input_that_is_not_there(tmp_path):
    code, printed = run(tmp_path / "a.csv", tmp_path / "x.spacy")
    assert code == 1 and "MTL-E101" in printed


def test_columns_labels_and_an_example_are_printed(tmp_path):
    path = write(tmp_path, "a.csv", "id,message,category\n1,it rains,wet\n2,it snows,wet\n3,it is dry,dry\n")
    code, printed = run(path, tmp_path / "a.spacy")
    assert code == 0
    assert "text in column 'message' (1), categories in 'category' (2), ids in 'id' (0), with a header" in printed
    assert "Categories: wet 2, dry 1" in printed and "The first: 'it rains' [wet]" in printed


def test_an_ambiguous_header_is_refused(tmp_path):
    path = write(tmp_path, "a.csv", "id,message,author,category\n1,it rains,Ana,wet\n")
    code, printed = run(path, tmp_path / "a.spacy")
    assert code == 1 and "MTL-E125" in printed and "--text-column" in printed
    assert not (tmp_path / "a.spacy").exists()


def test_what_is_left_out_is_printed(tmp_path):
    lines = ['{"text": "a", "label": "x"}', "{", '{"text": "b", "label": "x", "answer": "reject"}']
    path = write(tmp_path, "a.jsonl", "\n".join(lines))
    code, printed = run(path, tmp_path / "a.spacy")
    assert code == 1 and "MTL-E140" in printed and not (tmp_path / "a.spacy").exists()
    code, printed = run(path, tmp_path / "a.spacy", "--skip-bad")
    assert code == 0 and len(read(tmp_path / "a.spacy")) == 1
    assert "Left out (bad): 1" in printed and "line 2" in printed and 'Left out ("answer": "reject"): 1' in printed


@pytest.mark.parametrize("name, dev", [("train", "dev"), ("sst-train-1", "sst-dev-1"), ("all", "all-dev")])
def test_a_share_is_held_out(tmp_path, name, dev):
    path = write(tmp_path, "a.tsv", "".join(f"text {i}\t{'xy'[i % 2]}\n" for i in range(20)))
    code, printed = run(path, tmp_path / f"{name}.spacy", "--dev", "10%", "--seed", "3")
    assert code == 0 and "Held out: 2 Docs, 4 tokens" in printed and "documents held out with seed 3: 2" in printed
    assert (len(read(tmp_path / f"{name}.spacy")), len(read(tmp_path / f"{dev}.spacy"))) == (18, 2)


def test_a_wrong_share(tmp_path):
    code, printed = run(write(tmp_path, "a.tsv", "a\tx\nb\ty\n"), tmp_path / "x.spacy", "--dev", "ten")
    assert code == 1 and "MTL-E181" in printed and not (tmp_path / "x.spacy").exists()


def test_nothing_is_said_of_what_no_doc_is_annotated_for(tmp_path):
    (tmp_path / "a.csv").write_text("text,label\nGood bike,pos\nBad tram,neg\n", encoding="utf8")
    result = CliRunner().invoke(app, ["convert", str(tmp_path / "a.csv"), str(tmp_path / "a.spacy")])
    assert result.exit_code == 0 and "Docs with categories" in result.output
    assert not any(word in result.output for word in ("Entities", "entities", "Frames", "Roles"))
