import pytest

from spacy_mtl.data.formats.parallel.recognition import find_target_langs


@pytest.mark.parametrize(
    "name,text,expected",
    [
        ("a.tsv", "en\tde\nHello.\tHallo.\n", ["de"]),
        ("a.csv", 'id,"de-AT","EN"\n1,Servus,Hello\n', ["de-AT"]),
        ("a.tsv", "\nen\tde\tfr\n", ["de", "fr"]),
        ("a.jsonl", '{"en": "Hello.", "de": "Hallo."}\n', ["de"]),
        ("a.jsonl", '{"id": 1, "translation": {"en": "Hello.", "pt-BR": "Oi."}}\n', ["pt-BR"]),
        # a column for each language that a text may be in
        ("a.csv", "text,en,de\nHello.,1,0\n", []),
        ("a.tsv", "de\tfr\n", []),
        ("a.tsv", "en\tlabel\n", []),
        ("a.tsv", "en\n", []),
        ("a.tsv", "en\ten-US\n", []),
        ("a.tsv", "", []),
        ("a.jsonl", '{"text": "Hello.", "label": "de"}\n', []),
        ("a.jsonl", "{\n", []),
        ("a.jsonl", "[1]\n", []),
        ("a.txt", "en\tde\n", []),
        ("a.spacy", "\0", []),
    ],
)
def test_files_say_what_languages_they_have(tmp_path, name, text, expected):
    (tmp_path / name).write_text(text, encoding="utf8")
    assert find_target_langs(tmp_path / name, "en") == expected


def test_what_cannot_be_read_says_nothing(tmp_path):
    (tmp_path / "a.tsv").write_bytes(b"en\tde\n\xff\xfe\xfa")
    assert find_target_langs(tmp_path / "a.tsv", "en") in ([], ["de"])
    assert find_target_langs(tmp_path / "none.tsv", "en") == find_target_langs(tmp_path, "en") == []
