from spacy.tokens import Doc, DocBin
from spacy.vocab import Vocab
from typer.testing import CliRunner

from spacy_mtl.cli.app import app
from spacy_mtl.data.writing import write_docs


def run(*arguments):
    result = CliRunner().invoke(app, ["join", *map(str, arguments)])
    return result.exit_code, " ".join(result.output.split())


def make(folder, name, *docs):
    path = folder / f"{name}.spacy"
    write_docs(docs, path)
    return path


def test_joins_and_prints_what_became_of_the_layers(tmp_path):
    vocab = Vocab()
    words = Doc(vocab, words=["Ana", "left"], tags=["NNP", "VBD"])
    names = Doc(vocab, words=["Ana", "left"], ents=["B-PER", "O"])
    first, second = make(tmp_path, "a", words, Doc(vocab, words=["x"])), make(tmp_path, "b", names)
    output = tmp_path / "joined.spacy"
    code, printed = run(f"words={first}", f"names={second}", "--output", output)
    assert code == 0
    assert "names entities joined 1" in printed and "names texts not in this corpus 1" in printed
    assert "names, texts not in this corpus: 'x'" in printed
    doc, _ = DocBin().from_disk(output).get_docs(Vocab())
    assert doc.ents[0].text == "Ana" and doc[0].tag_ == "NNP"


def test_refusals_leave_no_output(tmp_path):
    path = make(tmp_path, "a", Doc(Vocab(), words=["x"]))
    other = make(tmp_path, "b", Doc(Vocab(), words=["x"]))
    for arguments, expected in [
        ([path], "MTL-E194"),
        ([path, path], "MTL-E151"),
        ([path, tmp_path / "no.spacy"], "MTL-E120"),
        ([path, other, "--by", "id"], "MTL-E191"),
        ([path, other, "--layers", "roles"], "MTL-E193"),
    ]:
        code, printed = run(*arguments, "--output", tmp_path / "joined.spacy")
        assert code == 1 and expected in printed
    code, printed = run(path, other, "--output", tmp_path / "joined.txt")
    assert code == 1 and "MTL-E149" in printed
    assert sorted(file.name for file in tmp_path.iterdir()) == ["a.spacy", "b.spacy"]
