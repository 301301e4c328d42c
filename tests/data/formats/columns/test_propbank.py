import pytest
from hypothesis import given
from hypothesis import strategies as st

from spacy_mtl.data.formats.columns.propbank import format_column, full_role, parse_column, read_propbank
from spacy_mtl.types import FrameSpans, RoleSpan

DOCUMENT = "google/ewt/reviews/00/1.xml"


def rows(columns, rolesets, tags=None, number=0, words=None):
    """The text of a sentence from its predicates' columns and the rolesets by token."""
    length = len(rolesets)
    lines = []
    for i in range(length):
        lemma, roleset = ("-", "-") if rolesets[i] is None else (rolesets[i].split(".")[0], rolesets[i])
        word = words[i] if words else "[WORD]"
        tag = tags[i] if tags else "NN"
        lines.append(f"{DOCUMENT} {number} {i} {word} {tag} (X*) {lemma} {roleset} {' '.join(c[i] for c in columns)}")
    return "\n".join(line.rstrip() for line in lines) + "\n"


GIVE = rows(
    [["(ARG0*)", "(V*)", "(ARG2*)", "(ARG1*", "*)"], ["*", "*", "*", "(ARGM-ADJ*)", "(V*)"]],
    [None, "give.01", None, None, "advice.01"],
    tags=["PRP", "VBD", "PRP", "JJ", "NN"],
)


def read_one(tmp_path, text):
    path = tmp_path / "1.xml.gold_skel"
    path.write_text(text, encoding="utf8")
    (sentence,) = read_propbank(path)
    return sentence


@st.composite
def sentences(draw):
    """A length and frames whose own spans do not overlap, each frame with a first token of its own."""
    length = draw(st.integers(1, 10))
    starts = draw(st.lists(st.integers(0, length - 1), unique=True, max_size=4))
    frames = []
    for start in sorted(starts):
        end = draw(st.integers(start + 1, length))
        roles = []
        for low, high in ((0, start), (end, length)):
            while low < high:
                stop = draw(st.integers(low + 1, high))
                role = draw(st.sampled_from(["ARG0", "ARG1", "ARGM-TMP", "C-V", "C-ARG1", "R-ARG0", None]))
                if role:
                    roles.append(RoleSpan(role, low, stop))
                low = stop
        sense = draw(st.sampled_from(["give.01", "hang_up.08", "be.03"]))
        frames.append(FrameSpans(start, end, sense, tuple(roles)))
    return length, frames


def test_reads_words_tags_and_frames(tmp_path):
    sentence = read_one(tmp_path, GIVE)
    assert sentence.document == DOCUMENT
    assert sentence.number == 0
    assert sentence.words == ["[WORD]"] * 5
    assert sentence.tags == ["PRP", "VBD", "PRP", "JJ", "NN"]
    assert sentence.lemmas == ["", "give", "", "", "advice"]
    assert sentence.rolesets == ["", "give.01", "", "", "advice.01"]
    assert sentence.frames == [
        FrameSpans(1, 2, "give.01", (RoleSpan("ARG0", 0, 1), RoleSpan("ARG2", 2, 3), RoleSpan("ARG1", 3, 5))),
        FrameSpans(4, 5, "advice.01", (RoleSpan("ARGM-ADJ", 3, 4),)),
    ]
    assert sentence.moved == 0


def test_reads_real_words_and_sentences_without_predicates(tmp_path):
    sentence = read_one(tmp_path, rows([], [None, None], words=["Hello", "(you)"]))
    assert sentence.words == ["Hello", "(you)"]
    assert sentence.frames == []


def test_reads_sentences_in_order(tmp_path):
    path = tmp_path / "1.xml.gold_skel"
    path.write_text(GIVE + "\n" + rows([["(V*)"]], ["go.01"], number=1) + "\n", encoding="utf8")
    assert [(s.number, s.place.line, len(s.frames)) for s in read_propbank(path)] == [(0, 1, 2), (1, 7, 1)]


def test_a_predicate_of_several_words_and_its_further_part(tmp_path):
    sentence = read_one(tmp_path, rows([["(V*", "*)", "*", "(C-V*)"]], ["make_up.08", None, None, None]))
    assert sentence.frames == [FrameSpans(0, 2, "make_up.08", (RoleSpan("C-V", 3, 4),))]


def test_the_predicate_is_where_v_is_even_if_its_row_is_another(tmp_path):
    sentence = read_one(tmp_path, rows([["(V*)", "*", "(C-V*)"]], [None, None, "flipflop.01"]))
    assert sentence.frames == [FrameSpans(0, 1, "flipflop.01", (RoleSpan("C-V", 2, 3),))]
    assert sentence.moved == 0


def test_a_shared_first_token_moves_the_later_frame_to_its_row(tmp_path):
    columns = [["(V*)", "(ARG1*)", "*"], ["(V*)", "(ARG0*)", "(C-V*)"]]
    sentence = read_one(tmp_path, rows(columns, ["jump.01", None, "jumpstart.01"]))
    assert sentence.frames == [
        FrameSpans(0, 1, "jump.01", (RoleSpan("ARG1", 1, 2),)),
        FrameSpans(2, 3, "jumpstart.01", (RoleSpan("C-V", 0, 1), RoleSpan("ARG0", 1, 2))),
    ]
    assert sentence.moved == 1


@given(sentences())
def test_frames_to_columns_and_back(tmp_path_factory, case):
    length, frames = case
    rolesets = [None] * length
    for frame in frames:
        rolesets[frame.start] = frame.sense
    columns = [format_column(length, frame) for frame in frames]
    sentence = read_one(tmp_path_factory.mktemp("propbank"), rows(columns, rolesets))
    assert sentence.frames == frames
    assert [sense for sense in sentence.rolesets if sense] == [frame.sense for frame in frames]


@given(sentences())
def test_columns_to_spans_and_back(case):
    length, frames = case
    for frame in frames:
        spans = parse_column(format_column(length, frame), [""] * length)
        expected = [("V", frame.start, frame.end)] + [(r.role, r.start, r.end) for r in frame.roles]
        assert sorted(spans, key=lambda span: span[1]) == spans
        assert sorted(spans) == sorted(expected)


def test_overlapping_spans_do_not_fit_in_a_column():
    frame = FrameSpans(1, 2, "give.01", (RoleSpan("ARG1", 2, 4), RoleSpan("ARG2", 3, 5)))
    with pytest.raises(ValueError, match="MTL-E113.*'ARG2'.*token 3.*'ARG1'"):
        format_column(5, frame)


@pytest.mark.parametrize(
    "old, new, code, line",
    [
        ("(ARG0*) *", "(ARG0*)", "MTL-E109", 1),
        ("[WORD] PRP (X*) - - (ARG0*) *", "[WORD] PRP", "MTL-E103", 1),
        ("0 2 [WORD]", "0 3 [WORD]", "MTL-E108", 3),
        ("0 2 [WORD]", "1 2 [WORD]", "MTL-E108", 3),
        ("advice advice.01", "advice -", "MTL-E109", 1),
        ("(ARG2*)", "ARG2", "MTL-E110", 3),
        ("(ARG2*)", "(ARG2*(X*))", "MTL-E110", 3),
        ("(ARG2*)", "(ARG2*", "MTL-E111", 4),
        ("(ARG2*)", "*)", "MTL-E112", 3),
        ("*) (V*)", "* (V*)", "MTL-E112", 4),
        ("(V*) *", "(ARG1*) *", "MTL-E114", 2),
        ("(ARG2*) *", "(V*) *", "MTL-E114", 2),
    ],
)
def test_bad_rows_name_file_line_and_sentence(tmp_path, old, new, code, line):
    assert old in GIVE
    with pytest.raises(ValueError, match=code) as error:
        read_one(tmp_path, GIVE.replace(old, new, 1))
    assert f"1.xml.gold_skel, line {line}, sentence '{DOCUMENT}:0'" in str(error.value)


def test_two_predicates_on_one_token_are_refused(tmp_path):
    with pytest.raises(ValueError, match="MTL-E115.*line 2"):
        read_one(tmp_path, rows([["(V*)", "*"], ["(V*)", "*"]], ["go.01", "go.02"]))


@pytest.mark.parametrize(
    "short, full",
    [
        ("A0", "ARG0"),
        ("AA", "ARGA"),
        ("AM-TMP", "ARGM-TMP"),
        ("R-AM-LOC", "R-ARGM-LOC"),
        ("C-A1-DSP", "C-ARG1-DSP"),
        ("ARG0", "ARG0"),
        ("C-V", "C-V"),
        ("AGENT", "AGENT"),
    ],
)
def test_full_names_of_roles(short, full):
    assert full_role(short) == full
