from spacy_mtl.data.formats.columns.conllu import read_conllu
from spacy_mtl.data.formats.columns.spelling import MultiwordToken
from spacy_mtl.data.formats.columns.surface import Surface
from spacy_mtl.types import FrameSpans, RoleSpan

DO = Surface(["o", "livro", "de", "o", "Rio"], [MultiwordToken("do", 2, 4)])
GIVE = Surface(["quiere", "dar", "me", "lo", "hoy"], [MultiwordToken("dármelo", 1, 4)])
CONLLU = """1\to\to\tDET\tD\t_\t2\tdet\t_\t_
2\tlivro\tlivro\tNOUN\tN\t_\t0\troot\t_\t_
3-4\tdo\t_\t_\t_\t_\t_\t_\t_\tSpaceAfter=No
3\tde\tde\tADP\tP\t_\t5\tcase\t_\t_
4\to\to\tDET\tD\tDefinite=Def|Gender=Masc\t5\tdet\t_\t_
5\tRio\tRio\tPROPN\tN\tGender=Masc\t2\tnmod\t_\t_
"""


def test_entities_take_the_tokens_that_they_touch():
    assert DO.forms == ["o", "livro", "do", "Rio"]
    assert DO.move([("LOC", 3, 5)], []).entities == [("LOC", 2, 4)]
    assert DO.move([("LOC", 4, 5)], []).entities == [("LOC", 3, 4)]
    assert DO.move([("A", 0, 3), ("B", 3, 5)], []) == ([("A", 0, 3), ("B", 3, 4)], [], 0)
    assert GIVE.move([("A", 2, 3), ("B", 3, 4)], []) == ([("A", 1, 2)], [], 1)


def test_roles_move_and_what_shares_its_token_with_the_predicate_is_lost():
    roles = (RoleSpan("ARG2", 2, 3), RoleSpan("ARG1", 3, 4), RoleSpan("ARGM-TMP", 4, 5))
    frames = [FrameSpans(0, 1, "querer.01", (RoleSpan("ARG1", 1, 4),)), FrameSpans(1, 2, "dar.01", roles)]
    entities, moved, lost = GIVE.move([], frames)
    assert moved == [
        FrameSpans(0, 1, "querer.01", (RoleSpan("ARG1", 1, 2),)),
        FrameSpans(1, 2, "dar.01", (RoleSpan("ARGM-TMP", 2, 3),)),
    ]
    assert (entities, lost) == ([], 2)


def test_of_two_predicates_on_a_token_the_first_stays():
    frames = [FrameSpans(1, 2, "a.01"), FrameSpans(3, 4, "b.01", (RoleSpan("ARG0", 0, 1),))]
    assert GIVE.move([], frames) == ([], [FrameSpans(1, 2, "a.01")], 2)


def test_columns_of_conllu(tmp_path):
    path = tmp_path / "a.conllu"
    path.write_text(CONLLU, encoding="utf8")
    (sentence,) = read_conllu(path)
    moved = Surface(sentence.words, sentence.multiword).move_sentence(sentence)
    assert moved.words == ["o", "livro", "do", "Rio"]
    assert moved.spaces == [True, True, False, True]
    assert moved.lemmas == ["o", "livro", "de o", "Rio"]
    assert moved.tags == ["D", "N", "P_D", "N"]
    assert moved.pos == ["DET", "NOUN", "ADP", "PROPN"]
    assert moved.morphs == ["", "", "Definite=Def|Gender=Masc", "Gender=Masc"]
    assert (moved.heads, moved.deps) == ([1, 1, 3, 1], ["det", "root", "case", "nmod"])
