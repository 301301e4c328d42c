import pytest

from spacy_mtl.data.formats.columns.propositions import read_propositions
from spacy_mtl.types import FrameSpans, RoleSpan

# Word, part of speech, head, relation, SpaceAfter.
SENTENCE = [
    ("My", "PRON", 2, "nmod:poss", "_"),
    ("aunt", "NOUN", 3, "nsubj", "_"),
    ("says", "VERB", 0, "root", "_"),
    ("it", "PRON", 5, "nsubj", "_"),
    ("rains", "VERB", 3, "ccomp", "_"),
    ("in", "ADP", 8, "case", "_"),
    ("old", "ADJ", 8, "amod", "_"),
    ("Turku", "PROPN", 5, "obl", "SpaceAfter=No"),
    (".", "PUNCT", 3, "punct", "_"),
]
WORDS = [row[0] for row in SENTENCE]
ROLESETS = ["_", "_", "say.01", "_", "rain.01", "_", "_", "_", "_"]
SAY = ["_", "ARG0", "V", "_", "ARG1", "_", "_", "_", "_"]
RAIN = ["_", "_", "_", "ARGM-ADV", "V", "_", "_", "ARGM-LOC", "_"]
FRAMES = [
    FrameSpans(2, 3, "say.01", (RoleSpan("ARG0", 0, 2), RoleSpan("ARG1", 3, 8))),
    FrameSpans(4, 5, "rain.01", (RoleSpan("ARGM-ADV", 3, 4), RoleSpan("ARGM-LOC", 5, 8))),
]
HEADS_ONLY = [
    FrameSpans(2, 3, "say.01", (RoleSpan("ARG0", 1, 2), RoleSpan("ARG1", 4, 5))),
    FrameSpans(4, 5, "rain.01", (RoleSpan("ARGM-ADV", 3, 4), RoleSpan("ARGM-LOC", 7, 8))),
]


def rows(sentence, *columns, width=10):
    """CoNLL-U's columns, or the first of them, and others after them."""
    lines = []
    for i, (word, pos, head, dep, misc) in enumerate(sentence):
        conllu = [str(i + 1), word, word.lower(), pos, "_", "_", str(head), dep, "_", misc][:width]
        lines.append("\t".join([*conllu, *(column[i] for column in columns)]))
    return "\n".join(lines) + "\n"


def english(*, id="s-1", columns=(ROLESETS, SAY, RAIN)):
    return f"# sent_id = {id}\n{rows(SENTENCE, *columns)}\n"


def flagged():
    flags = ["Y" if roleset != "_" else "_" for roleset in ROLESETS]
    short = [["_" if c == "V" else c.replace("ARG", "A") for c in column] for column in (SAY, RAIN)]
    lines = rows(SENTENCE, flags, ROLESETS, *short, width=8).split("\n")
    # a multiword token may have fewer columns
    lines.insert(7, "\t".join(["8-9", "Turku.", *["_"] * 8]))
    return "# sent_id s-1/fi\n" + "\n".join(lines)


def listed(*, with_words):
    heads = ["_", "_", "A0:2|A1:5", "_", "AM-ADV:4|AM-LOC:8|AM-LOC:7", "_", "_", "_", "_"]
    spans = ["_", "_", "A0:1-2|A1:4-8", "_", "AM-ADV:4-4|AM-LOC:6-8|AM-LOC:6-8", "_", "_", "_", "_"]
    names = "ID UP:PRED UP:ARGHEADS UP:ARGSPANS"
    text = "\n".join("\t".join(cells) for cells in zip("123456789", ROLESETS, heads, spans)) + "\n"
    if with_words:
        names = "ID FORM LEMMA UPOS XPOS FEATS HEAD DEPREL DEPS MISC UP:PRED UP:ARGHEADS UP:ARGSPANS"
        text = rows(SENTENCE, ROLESETS, heads, spans)
    return f"# global.columns = {names}\n# sent_id = s-1\n{text}"


def write(folder, text, name="a.conllu"):
    path = folder / name
    path.write_text(text, encoding="utf8")
    return path


@pytest.mark.parametrize("text", [english(), flagged(), listed(with_words=True)], ids=["english", "flagged", "listed"])
def test_every_layout_gives_the_same_words_and_spans(tmp_path, text):
    ((sentence, frames),) = read_propositions(write(tmp_path, text))
    assert sentence.words == WORDS
    assert frames == FRAMES


@pytest.mark.parametrize("text", [english(), flagged()], ids=["english", "flagged"])
def test_arguments_may_stay_single_tokens(tmp_path, text):
    ((_, frames),) = read_propositions(write(tmp_path, text), heads_only=True)
    assert frames == HEADS_ONLY


def test_listed_heads_may_be_taken_instead_of_spans(tmp_path):
    ((_, frames),) = read_propositions(write(tmp_path, listed(with_words=True)), heads_only=True)
    assert frames[0] == HEADS_ONLY[0]
    assert [(role.start, role.end) for role in frames[1].roles] == [(3, 4), (7, 8), (6, 7)]


def test_listed_heads_without_spans_are_widened(tmp_path):
    text = listed(with_words=True).replace(" UP:ARGSPANS", "").replace("|AM-LOC:7", "")
    text = "\n".join(line if line.startswith("#") else line.rpartition("\t")[0] for line in text.split("\n"))
    ((_, frames),) = read_propositions(write(tmp_path, text))
    assert frames == FRAMES


def test_words_come_from_the_treebank(tmp_path):
    words = write(tmp_path, f"# sent_id = s-0\n{rows(SENTENCE)}\n# sent_id = s-1\n{rows(SENTENCE)}", "words.conllu")
    path = write(tmp_path, listed(with_words=False), "a.conllup")
    ((sentence, frames),) = read_propositions(path, words=words)
    assert sentence.words == WORDS and sentence.spaces[7] is False
    assert frames == FRAMES


def test_short_names_of_roles_may_stay(tmp_path):
    ((_, frames),) = read_propositions(write(tmp_path, flagged()), keep_roles=True)
    assert [role.role for frame in frames for role in frame.roles] == ["A0", "A1", "AM-ADV", "AM-LOC"]


def test_sentences_without_predicates_and_without_annotation(tmp_path):
    empty = ["_"] * 9
    blank = [""] * 9
    text = english() + english(id="s-2", columns=(empty, blank)) + english(id="s-3", columns=(blank, blank))
    assert [frames for _, frames in read_propositions(write(tmp_path, text))] == [FRAMES, [], None]


def test_the_predicate_is_where_v_is(tmp_path):
    moved = ["_", "_", "C-V", "_", "ARG1", "_", "V", "_", "_"]
    text = english(columns=(["_", "_", "speak_up.01", *["_"] * 6], moved))
    ((_, frames),) = read_propositions(write(tmp_path, text), heads_only=True)
    assert frames == [FrameSpans(6, 7, "speak_up.01", (RoleSpan("C-V", 2, 3), RoleSpan("ARG1", 4, 5)))]


def test_a_second_predicate_on_a_token_moves_to_its_row(tmp_path):
    second = ["_", "_", "V", "_", "C-V", "_", "_", "_", "_"]
    ((_, frames),) = read_propositions(write(tmp_path, english(columns=(ROLESETS, SAY, second))), heads_only=True)
    assert frames[1] == FrameSpans(4, 5, "rain.01", (RoleSpan("C-V", 2, 3),))


def test_an_empty_file_has_no_sentence(tmp_path):
    assert list(read_propositions(write(tmp_path, "\n"))) == []


LISTED = listed(with_words=True)


@pytest.mark.parametrize(
    "text, old, new, code, place, shown",
    [
        (english(), "say.01\t", "_\t", "MTL-E109", "line 2, sentence 's-1'", "expected one column"),
        (english(), "\train.01\tARG1\tV", "\train.01\tARG1", "MTL-E109", "line 6, sentence 's-1'", "found 1"),
        (english(), "\train.01\tARG1\tV", "\train.01\tARG1\tARG2", "MTL-E111", "line 6", "'V'"),
        (english(), "\t3\tnsubj", "\t30\tnsubj", "MTL-E105", "line 3", "'30'"),
        (rows(SENTENCE), "", "", "MTL-E147", "a.conllu", "'10 columns'"),
        (LISTED, "UP:PRED", "PRED", "MTL-E147", "line 1", "UP:PRED"),
        (LISTED, "A0:1-2", "A0:1-12", "MTL-E147", "line 5, sentence 's-1'", "'A0:1-12'"),
        (LISTED, "A0:1-2", "A0:2-1", "MTL-E147", "line 5", "'A0:2-1'"),
        (LISTED, "A0:1-2", "A0", "MTL-E147", "line 5", "'A0'"),
        (LISTED, "A0:1-2", "A0:1-3", "MTL-E111", "line 5", "'V'"),
        (LISTED, "AM-ADV:4-4", "AM-ADV:4-4|A1:4-4", "MTL-E111", "line 7", "'AM-ADV'"),
        (LISTED, "say.01", "_", "MTL-E147", "line 5", "a roleset"),
        (LISTED, "\tA0:2|A1:5\tA0:1-2|A1:4-8", "\t_", "MTL-E103", "line 5", "found 12"),
        (listed(with_words=False), "", "", "MTL-E146", "a.conllu", "--words"),
    ],
)
def test_bad_files_name_the_place(tmp_path, text, old, new, code, place, shown):
    assert old in text
    with pytest.raises(ValueError, match=code) as error:
        list(read_propositions(write(tmp_path, text.replace(old, new, 1))))
    assert "a.conllu" in str(error.value) and place in str(error.value)
    assert shown in str(error.value)


@pytest.mark.parametrize("id, shown", [("s-2", "found none"), ("s-1", "found 1 words")])
def test_words_that_do_not_go_with_the_propositions(tmp_path, id, shown):
    words = write(tmp_path, f"# sent_id = {id}\n{rows([('it', 'PRON', 0, 'root', '_')])}", "words.conllu")
    with pytest.raises(ValueError, match="MTL-E145.*sentence 's-1'.*words.conllu") as error:
        list(read_propositions(write(tmp_path, listed(with_words=False)), words=words))
    assert shown in str(error.value)
