import pytest
import spacy

from spacy_mtl.data.formats.converting import FORMATS, read_docs
from spacy_mtl.data.formats.recognition import recognize

from .columns.test_fuzz_columns import SEEDS

NLP = spacy.blank("en")
TEXTS = {
    **{format: "\n".join(seeds.values()) for format, seeds in SEEDS.items() if format not in ("iob2", "propositions")},
    "iob2": SEEDS["iob2"]["numbered"],
    "propositions": SEEDS["propositions"]["release 1.0"],
    "jsonl": '{"text": "a | b", "label": "x"}\n{"text": "a, b", "label": "y"}\n',
    "tsv": "good film\tpos\nbad, dull film\tneg\n",
    "csv": "text,label\ngood film,pos\n",
    "markup": "# doc a\n\nneutral | [PER Ana] sang.\n  | [ARG0 Ana] [sing.01 sang].\n",
}


@pytest.mark.parametrize("format", TEXTS)
def test_formats_are_recognized(tmp_path, format):
    path = tmp_path / "a.txt"
    path.write_text(TEXTS[format], encoding="utf8")
    assert recognize(path)[0] == format


@pytest.mark.parametrize("format", TEXTS)
@pytest.mark.parametrize("given", ["iob2", "conllu", "conll2003", "conll2012", "propbank", "propositions", "jsonl"])
def test_who_names_another_format_is_told_which_fits(tmp_path, format, given):
    path = tmp_path / "a.txt"
    path.write_text(TEXTS[format], encoding="utf8")
    if given in recognize(path) or {given, format} == {"iob2", "conll2003"}:
        return
    with pytest.raises(ValueError, match=f"MTL-E1.*looks like the format '{format}' .--format {format}"):
        list(read_docs([path], given, NLP))


def test_what_fits_nothing_or_the_format_itself_gives_no_advice(tmp_path):
    path = tmp_path / "a.txt"
    for text in ("just words\n", "", "Oslo I-\nis O\na O\nb O\nc O\n"):
        path.write_text(text, encoding="utf8")
        with pytest.raises(ValueError, match="MTL-E1") as error:
            list(read_docs([path], "iob2", NLP))
        assert "looks like" not in str(error.value)
    path.write_bytes(b"\xff")
    assert recognize(path) == []


def test_every_name_is_that_of_a_format():
    assert set(TEXTS) <= set(FORMATS)


@pytest.mark.parametrize(
    "text",
    [
        '[{"text": "a", "label": "x"},\n',
        "# global.columns = ID FORM LEMMA UPOS XPOS FEATS HEAD DEPREL DEPS MISC PARSEME:MWE\n1\ta\n",
    ],
)
def test_other_files_are_not_taken_for_a_format(tmp_path, text):
    path = tmp_path / "a.txt"
    path.write_text(text, encoding="utf8")
    assert not {"csv", "propositions"} & set(recognize(path))
