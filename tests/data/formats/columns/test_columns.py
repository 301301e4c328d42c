import warnings

import pytest
import spacy

from spacy_mtl.data.formats.columns.columns import (
    read_conll2003_docs,
    read_conll2005_docs,
    read_conll2012_docs,
    read_conllu_docs,
    read_iob2_docs,
    read_propbank_docs,
    read_proposition_docs,
)
from spacy_mtl.data.formats.remarks import BAD, Remarks
from spacy_mtl.frames import read_frame_spans
from spacy_mtl.types import FrameSpans, RoleSpan

from ...corpora import GIVE, GIVE_FRAMES, iob2, propbank

NLP = spacy.blank("en")
FRAME = [FrameSpans(1, 2, "run.02", (RoleSpan("ARG0", 0, 1),))]
TREE = """# sent_id = a-1
1\tShe\tshe\tPRON\tPRP\tCase=Nom|Odd|\t2\tnsubj\t_\t_
2\truns\trun\tVERB\tVBZ\t_\t0\troot\t_\tSpaceAfter=No
3\t!\t!\tSYMBOL\t.\t_\t2\tpunct\t_\t_
"""


def write(folder, text, name="a.txt"):
    path = folder / name
    path.write_text(text, encoding="utf8")
    return path


def test_iob2(tmp_path):
    (doc,) = read_iob2_docs(write(tmp_path, iob2("email-1", GIVE)), NLP)
    assert [(entity.text, entity.label_) for entity in doc.ents] == [("Mary", "PER"), ("Oslo", "LOC")]
    assert doc.user_data["sent_id"] == "email-1"
    (doc,) = read_iob2_docs(write(tmp_path, "Oslo x B-LOC"), NLP, word_column=0)
    assert doc.text == "Oslo " and doc.ents[0].label_ == "LOC"


def test_conllu_with_its_tree(tmp_path):
    (doc,) = read_conllu_docs(write(tmp_path, TREE), NLP)
    assert doc.text == "She runs! "
    assert [token.head.i for token in doc] == [1, 1, 1]
    assert [token.dep_ for token in doc] == ["nsubj", "ROOT", "punct"]
    assert [token.tag_ for token in doc] == ["PRP", "VBZ", "."]
    assert [token.lemma_ for token in doc] == ["she", "run", "!"]
    assert [token.pos_ for token in doc] == ["PRON", "VERB", ""]
    assert [str(token.morph) for token in doc] == ["Case=Nom", "", ""]
    assert doc.user_data["sent_id"] == "a-1"


@pytest.mark.parametrize("old, new", [("2\tnsubj", "_\t_"), ("2\tnsubj", "2\t_"), ("0\troot", "1\troot")])
def test_conllu_without_a_whole_tree_gives_none(tmp_path, old, new):
    (doc,) = read_conllu_docs(write(tmp_path, TREE.replace(old, new)), NLP)
    assert not doc.has_annotation("DEP")
    assert doc[1].lemma_ == "run"


def test_propositions(tmp_path):
    columns = [("_", "ARG0"), ("run.02", "V"), ("_", "_")]
    lines = TREE.rstrip("\n").split("\n")
    text = "\n".join([lines[0], *("\t".join([line, *cells]) for line, cells in zip(lines[1:], columns))])
    (doc,) = read_proposition_docs(write(tmp_path, text), NLP)
    assert read_frame_spans(doc) == FRAME
    assert doc.text == "She runs! " and doc[0].head.i == 1


def test_propbank_with_words_and_with_blanked_ones(tmp_path):
    text = propbank("email/a.xml", 0, GIVE, GIVE_FRAMES)
    with pytest.raises(ValueError, match=r"MTL-E146.*line 1.*'\[WORD\]'"):
        list(read_propbank_docs(write(tmp_path, text), NLP))
    for word, *_ in GIVE:
        text = text.replace("[WORD]", word, 1)
    (doc,) = read_propbank_docs(write(tmp_path, text), NLP)
    assert [token.text for token in doc] == [word for word, *_ in GIVE]
    assert read_frame_spans(doc) == GIVE_FRAMES
    assert doc.user_data == {"doc_id": "email/a.xml", "sent_id": "email/a.xml:0"}


def test_conll(tmp_path):
    (doc,) = read_conll2003_docs(write(tmp_path, "-DOCSTART- O\n\nOslo I-LOC\nrains O\n", "b.iob"), NLP)
    assert [(entity.text, entity.label_) for entity in doc.ents] == [("Oslo", "LOC")]
    assert doc.user_data["doc_id"] == "b-1" and "srl" not in doc.spans
    (doc,) = read_conll2005_docs(write(tmp_path, "She - (A0*)\nruns run (V*)\n"), NLP)
    assert read_frame_spans(doc) == [FRAME[0]._replace(sense="")]
    assert not doc.has_annotation("ENT_IOB")
    row = "doc 0 {} {} {} * {} - - {} {} -\n"
    text = row.format(0, "Oslo", "NNP", "- -", "(GPE)", "(ARG0*)") + row.format(1, "runs", "V", "run 02", "*", "(V*)")
    (doc,) = read_conll2012_docs(write(tmp_path, "#begin document (x/1); part 000\n" + text), NLP)
    assert read_frame_spans(doc) == FRAME
    assert [(entity.text, entity.label_) for entity in doc.ents] == [("Oslo", "GPE")]
    assert doc.user_data["doc_id"] == "x/1" and doc[1].tag_ == "V"


CONTRACTED = """# sent_id = a-1
# text = Li o livro do Rio.
1\tLi\tler\tVERB\tV\t_\t0\troot\t_\t_\tler.01\tV
2\to\to\tDET\tD\t_\t3\tdet\t_\t_\t_\t_
3\tlivro\tlivro\tNOUN\tN\t_\t1\tobj\t_\t_\t_\tA1
4-5\tdo\t_\t_\t_\t_\t_\t_\t_\t_
4\tde\tde\tADP\tP\t_\t6\tcase\t_\t_\t_\t_
5\to\to\tDET\tD\t_\t6\tdet\t_\t_\t_\t_
6\tRio\tRio\tPROPN\tN\t_\t3\tnmod\t_\t_\t_\t_
7\t.\t.\tPUNCT\t.\t_\t1\tpunct\t_\t_\t_\t_
"""


def test_multiword_tokens_are_words_with_a_warning_or_the_tokens_of_the_text(tmp_path):
    path = write(tmp_path, CONTRACTED + "\n" + CONTRACTED)
    with pytest.warns(UserWarning, match="MTL-W103. 2 times.*'do' for 'de' . 'o'.*line 1.*--surface") as found:
        first, _ = read_proposition_docs(path, NLP)
    assert len(found) == 1 and first.text == "Li o livro de o Rio. "
    first, _ = read_proposition_docs(path, NLP, surface=True)
    assert first.text == "Li o livro do Rio. "
    assert read_frame_spans(first) == [FrameSpans(0, 1, "ler.01", (RoleSpan("ARG1", 1, 5),))]
    assert [token.head.i for token in first] == [0, 2, 0, 4, 2, 0]
    plain = "\n".join("\t".join(line.split("\t")[:10]) for line in CONTRACTED.split("\n"))
    (doc,) = read_conllu_docs(write(tmp_path, plain), NLP, surface=True)
    assert doc.text == "Li o livro do Rio. " and doc[3].lemma_ == "de o" and doc[3].pos_ == "ADP"


def test_what_the_tokenizer_splits_in_the_same_way_is_no_warning(tmp_path):
    text = "1-2\tdon't\t_\t_\t_\t_\t_\t_\t_\t_\n1\tdo\t_\tX\t_\t_\t0\troot\t_\t_\n2\tn't\t_\tX\t_\t_\t1\tx\t_\t_\n"
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        (doc,) = read_conllu_docs(write(tmp_path, text), NLP)
    assert doc.text == "don't "


def test_entities_on_the_tokens_of_the_text(tmp_path):
    path = write(tmp_path, "# text = Luta no Rio.\nLuta O\nem O\no B-LOC\nRio I-LOC\n. O\n")
    for read in (read_iob2_docs, read_conll2003_docs):
        (doc,) = read(path, NLP, surface=True)
        assert doc.text == "Luta no Rio. " and [entity.text for entity in doc.ents] == ["no Rio"]


def test_annotation_without_a_token_of_its_own_is_counted(tmp_path):
    path = write(tmp_path, "# text = dámelo\ndar O\nme B-A\nlo B-B\n")
    with pytest.warns(UserWarning, match="MTL-W104. 1 entities.*line 1"):
        (doc,) = read_iob2_docs(path, NLP, surface=True)
    assert [(entity.text, entity.label_) for entity in doc.ents] == [("dámelo", "A")]


def test_frames_that_a_doc_cannot_hold_name_file_and_line_or_are_skipped(tmp_path):
    text = "She - (A0*) (V*)\nruns run (V*) (A1*)\nfar go * *\n\nShe - (A0*)\nruns run (V*)\n"
    path = write(tmp_path, text.replace("(A1*)", "(V*)"))
    with pytest.raises(ValueError, match="MTL-E114.*a.txt, line 3"):
        list(read_conll2005_docs(path, NLP))
    remarks = Remarks(skip_bad=True)
    assert len(list(read_conll2005_docs(path, NLP, remarks=remarks))) == 1
    assert remarks.left_out == {BAD: 1}
