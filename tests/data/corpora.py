"""Tiny corpora in the layouts of the real ones, of invented sentences."""

import gzip
from pathlib import Path
from typing import List, Optional, Sequence, Tuple

from spacy_mtl.data.formats.columns.propbank import format_column
from spacy_mtl.types import FrameSpans, RoleSpan

Token = Tuple[str, str, str, str]
"""Word, universal part of speech, tag, IOB2 tag."""

GIVE: List[Token] = [
    ("Mary", "PROPN", "NNP", "B-PER"),
    ("gave", "VERB", "VBD", "O"),
    ("Oslo", "PROPN", "NNP", "B-LOC"),
    ("hope", "NOUN", "NN", "O"),
    (".", "PUNCT", ".", "O"),
]
GIVE_FRAMES = [
    FrameSpans(1, 2, "give.01", (RoleSpan("ARG0", 0, 1), RoleSpan("ARG2", 2, 3), RoleSpan("ARG1", 3, 4))),
    FrameSpans(3, 4, "hope.01", (RoleSpan("ARG0", 2, 3),)),
]
RUN: List[Token] = [("Run", "VERB", "VB", "O"), ("!", "PUNCT", ".", "O")]
RUN_FRAMES = [FrameSpans(0, 1, "run.02")]


def conllu(sent_id: str, tokens: Sequence[Token]) -> str:
    lines = [f"# sent_id = {sent_id}"]
    for i, (word, pos, tag, _) in enumerate(tokens, start=1):
        misc = "SpaceAfter=No" if i == len(tokens) - 1 else "_"
        head, relation = ("0", "root") if i == 1 else ("1", "dep")
        lines.append("\t".join([str(i), word, word.lower(), pos, tag, "_", head, relation, "_", misc]))
    return "\n".join(lines) + "\n\n"


def iob2(sent_id: str, tokens: Sequence[Token]) -> str:
    lines = [f"# sent_id = {sent_id}"]
    lines += [f"{i}\t{word}\t{tag}\t-\t-" for i, (word, _, _, tag) in enumerate(tokens, start=1)]
    return "\n".join(lines) + "\n\n"


def propbank(document: str, number: int, tokens: Sequence[Token], frames: Sequence[FrameSpans]) -> str:
    columns = [format_column(len(tokens), frame) for frame in frames]
    senses = {frame.start: frame.sense for frame in frames}
    lines = []
    for i, (_, _, tag, _) in enumerate(tokens):
        sense = senses.get(i, "-")
        fixed = [document, str(number), str(i), "[WORD]", tag, "*", sense.split(".")[0], sense]
        lines.append(" ".join(fixed + [column[i] for column in columns]))
    return "\n".join(lines) + "\n\n"


def write_ewt(root: Path, words: Optional[str] = None) -> Path:
    """Three splits of one document each: `reviews-1` with two sentences, `email-2` with one, `weblog-3` without roles.

    words (Optional[str]): Replaces the train split's CoNLL-U text.
    """
    ud, uner = root / "UD_English-EWT", root / "UNER_English-EWT"
    roles = root / "propbank-release" / "data" / "google" / "ewt"
    for folder in (ud, uner, roles / "reviews" / "00", roles / "email" / "01"):
        folder.mkdir(parents=True)
    sentences = {
        "train": [("reviews-1-0001", GIVE), ("reviews-1-0002", RUN)],
        "dev": [("email-2-0001", RUN)],
        "test": [("weblog-3-0001", RUN)],
    }
    for split, members in sentences.items():
        text = "".join(conllu(*member) for member in members)
        (ud / f"en_ewt-ud-{split}.conllu").write_text(text, encoding="utf8")
        text = "".join(iob2(*member) for member in members)
        (uner / f"en_ewt-ud-{split}.iob2").write_text(text, encoding="utf8")
    if words is not None:
        (ud / "en_ewt-ud-train.conllu").write_text(words, encoding="utf8")
    document = "google/ewt/reviews/00/1.xml"
    text = propbank(document, 0, GIVE, GIVE_FRAMES) + propbank(document, 1, RUN, RUN_FRAMES)
    (roles / "reviews" / "00" / "1.xml.gold_skel").write_text(text, encoding="utf8")
    text = propbank("google/ewt/email/01/2.xml", 0, RUN, RUN_FRAMES)
    (roles / "email" / "01" / "2.xml.gold_skel").write_text(text, encoding="utf8")
    return root


def write_snips(root: Path) -> Path:
    """Three splits with the same utterances, in parallel files of words, slots and intents."""
    words = ["play blue monday now", "give this book five stars", "play something"]
    slots = ["O B-track I-track O", "O O O B-rating O", "O O"]
    intents = ["PlayMusic", "RateBook", "PlayMusic"]
    for split in ("train", "valid", "test"):
        folder = root / "SlotGated-SLU" / "data" / "snips" / split
        folder.mkdir(parents=True)
        for name, lines in (("seq.in", words), ("seq.out", slots), ("label", intents)):
            (folder / name).write_text("\n".join(lines) + "\n", encoding="utf8")
    return root


def write_sst2(root: Path) -> Path:
    """Three splits with the same sentences, in tab-separated text and label."""
    folder = root / "sst2"
    folder.mkdir(parents=True)
    for split in ("train", "dev", "test"):
        text = "a film that made my week\t1\ntwo hours i will not get back\t0\nsmall , warm , funny\t1\n"
        (folder / f"{split}.tsv").write_text(text, encoding="utf8")
    return root


def write_multi30k(root: Path) -> Path:
    """Five splits with the same captions, a file for each language."""
    folder = root / "multi30k" / "data" / "task1" / "raw"
    folder.mkdir(parents=True)
    captions = {
        "en": ["A dog runs through the snow.", "Two men sit on a bench.", "A girl in red laughs."],
        "de": ["Ein Hund läuft durch den Schnee.", "Zwei Männer sitzen auf einer Bank.", "Ein Mädchen in Rot lacht."],
    }
    for split in ("train", "val", "test_2016_flickr", "test_2017_flickr", "test_2017_mscoco"):
        for language, lines in captions.items():
            data = "".join(f"{line}\n" for line in lines).encode("utf8")
            (folder / f"{split}.{language}.gz").write_bytes(gzip.compress(data))
    return root
