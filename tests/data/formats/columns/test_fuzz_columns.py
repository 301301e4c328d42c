import pytest
import spacy

from ...corpora import GIVE, GIVE_FRAMES, RUN, RUN_FRAMES, propbank
from ...fuzzing import check_conversion, fuzz
from .test_conll import CONLL2012, IOB1, IOB2, PROPS, WORDS, paste
from .test_conllu import SENTENCE
from .test_iob2 import TEXT

NLP = spacy.blank("en")


def with_words(text, tokens):
    for word, *_ in tokens:
        text = text.replace("[WORD]", word, 1)
    return text


TREE = SENTENCE.replace("4.1\tsing\tsing\tVERB\tVB\t_\t_\t_\t4:conj\tCopyOf=4\n", "").replace(
    "2-3\tdon't\t_\t_\t_\t_\t_\t_\t_\t_\n", ""
)
ROWS = TREE.rstrip("\n").split("\n")
CELLS = [("_", "A0"), ("do.01", "V"), ("_", "_"), ("_", "A1"), ("_", "_")]
UP1 = "\n".join([*ROWS[:3], *("\t".join([row, *cells]) for row, cells in zip(ROWS[3:], CELLS))]) + "\n"
UP2 = (
    "# global.columns = ID FORM LEMMA UPOS XPOS FEATS HEAD DEPREL DEPS MISC UP:PRED UP:ARGHEADS UP:ARGSPANS\n"
    + "\n".join([*ROWS[:3], *(f"{row}\t_\t_\t_" for row in ROWS[3:])]).replace(
        "Cxn=x|SpaceAfter=No\t_\t_\t_", "Cxn=x\tsing.01\tA0:1|AM-NEG:3\tA0:1-1|AM-NEG:2-3"
    )
    + "\n"
)
MULTIWORD = """# newdoc
# text = Li o livro do Rio.
1\tLi\tler\tVERB\tV\tMood=Ind\t0\troot\t_\t_
2\to\to\tDET\tD\t_\t3\tdet\t_\t_
3\tlivro\tlivro\tNOUN\tN\t_\t1\tobj\t_\t_
4-5\tdo\t_\t_\t_\t_\t_\t_\t_\tSpacesAfter=\\s
4\tde\tde\tADP\tP\t_\t6\tcase\t_\t_
5\to\to\tDET\tD\tGender=Masc\t6\tdet\t_\t_
6\tRio\tRio\tPROPN\tN\t_\t3\tnmod\t_\tSpaceAfter=No
7\t.\t.\tPUNCT\t.\t_\t1\tpunct\t_\t_
"""
SEEDS = {
    "iob2": {
        "numbered": TEXT,
        "blanks": "Oslo x B-LOC\nis x O\n",
        "two columns": "Oslo U-LOC\nis O\n\nBo U-PER\n",
    },
    "conllu": {"words": SENTENCE, "contractions": MULTIWORD},
    "conll2003": {"IOB1": IOB1, "IOB2": IOB2, "tabs": "New York\tB-LOC\nis\tO\n"},
    "conll2005": {"beside": paste(WORDS, PROPS)},
    "conll2012": {"both": CONLL2012},
    "propbank": {
        "words": with_words(propbank("a/b.xml", 0, GIVE, GIVE_FRAMES), GIVE)
        + with_words(propbank("a/b.xml", 1, RUN, RUN_FRAMES), RUN)
    },
    "propositions": {"release 1.0": UP1, "release 2.0": UP2},
}


def fuzz_format(folder, format, count, seed=0):
    seeds = {name: text.encode("utf8") for name, text in SEEDS[format].items()}
    options = {"surface": True} if format in ("iob2", "conllu", "conll2003", "propositions") else {}

    def read(_, data):
        check_conversion(folder / "a.txt", data, format, NLP)

    def read_on(_, data):
        check_conversion(folder / "a.txt", data, format, NLP, skip_bad=True, **options)

    return fuzz(seeds, read, count, seed) + fuzz(seeds, read_on, count, seed)


@pytest.mark.parametrize("format", SEEDS)
def test_seeds_are_good(tmp_path, format):
    options = {"surface": True} if format == "conllu" else {}
    for text in SEEDS[format].values():
        check_conversion(tmp_path / "a.txt", text.encode("utf8"), format, NLP, **options)


@pytest.mark.parametrize("format", SEEDS)
def test_damaged_files_are_read_or_refused_with_a_code(tmp_path, format):
    assert fuzz_format(tmp_path, format, 60) == []


@pytest.mark.slow
@pytest.mark.parametrize("format", SEEDS)
def test_many_damaged_files(tmp_path, format):
    assert fuzz_format(tmp_path, format, 1500, seed=1000) == []
