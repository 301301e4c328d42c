"""Check the starter corpus: every sentence, and what the splits have in common. Ends with 1 if a rule is broken."""

import re
from collections import Counter, defaultdict
from pathlib import Path
from typing import Annotated, Dict, FrozenSet, Iterator, List, NamedTuple, Set, Tuple

import spacy
import typer
from wasabi import msg

from spacy_mtl.data.formats.texts.markup import markup_to_doc, read_markup
from spacy_mtl.data.formats.texts.markup_lines import MarkupSentence

SPLITS = ("train", "dev", "test")
ENTITIES = frozenset({"PER", "ORG", "LOC", "PRODUCT", "DATE"})
# Months and weekdays return; names should not.
NAMES = ENTITIES - {"DATE"}
MODIFIERS = "TMP|LOC|MNR|CAU|PRP|DIR|EXT|ADV|NEG|MOD|DIS|PRD|GOL|COM|REC|ADJ|PNC"
ROLE = re.compile(rf"(C-V|(C-|R-)?(ARG[0-5A]|ARGM-({MODIFIERS})))")
ROLESET = re.compile(r"[a-z]+([_-][a-z]+)*\.\d\d")
# Shares of common words from which two sentences count as nearly the same; shorter sentences are alike by chance.
NEAR = 0.7
NEAR_WORDS = 5
MOST_SEEN_NAMES = 0.2
LEAST_SENTENCES = 1000


class Sentence(NamedTuple):
    """A sentence and the split that it is in."""

    split: str
    markup: MarkupSentence
    words: FrozenSet[str]


def main(folder: Annotated[Path, typer.Argument(help="The folder with train, dev and test")]) -> None:
    """Check the starter corpus and print what it holds."""
    try:
        sentences = list(read(folder))
    except (OSError, ValueError) as error:
        msg.fail(str(error), exits=1)
    faults = [*check_labels(sentences), *check_splits(sentences)]
    print_counts(sentences)
    for fault in faults:
        msg.fail(fault)
    if faults:
        msg.fail(f"{len(faults)} faults", exits=1)
    msg.good(f"{len(sentences):,} sentences, no fault")


def read(folder: Path) -> Iterator[Sentence]:
    """The sentences of all splits. Spans that are not on tokens' borders, or overlap, raise the reader's errors."""
    nlp = spacy.blank("en")
    for split in SPLITS:
        for path in sorted((folder / split).glob("*.txt")):
            for markup in read_markup(path):
                doc = markup_to_doc(markup, nlp)
                yield Sentence(split, markup, frozenset(token.lower_ for token in doc if token.is_alpha))


def check_labels(sentences: List[Sentence]) -> Iterator[str]:
    """Labels, rolesets and roles that the corpus should not have."""
    for _, markup, _ in sentences:
        for entity in markup.entities:
            if entity.label not in ENTITIES:
                yield f"{markup.place.at(markup.place.line)}: no entity label: {entity.label}"
        for frame in markup.frames:
            place = markup.place.at(frame.line)
            if not ROLESET.fullmatch(frame.predicate.label):
                yield f"{place}: no roleset: {frame.predicate.label}"
            for role in frame.roles:
                if not ROLE.fullmatch(role.label):
                    yield f"{place}: no role: {role.label}"
            core = Counter(role.label for role in frame.roles if re.fullmatch("ARG[0-5A]", role.label))
            for label, count in core.items():
                if count > 1:
                    yield f"{place}: {label} {count} times; a further part is C-{label}"


def check_splits(sentences: List[Sentence]) -> Iterator[str]:
    """Documents in two splits, sentences that come twice or nearly so, and names in test that train has."""
    if len(sentences) < LEAST_SENTENCES:
        yield f"{len(sentences)} sentences, expected {LEAST_SENTENCES} or more"
    documents: Dict[str, Set[str]] = defaultdict(set)
    texts: Dict[str, MarkupSentence] = {}
    for split, markup, _ in sentences:
        documents[markup.document].add(split)
        key = " ".join(markup.text.lower().split())
        if key in texts:
            yield f"{markup.place.at(markup.place.line)}: the sentence of {texts[key].place.at(texts[key].place.line)}"
        texts[key] = markup
    for document, splits in documents.items():
        if len(splits) > 1:
            yield f"the document {document} is in {', '.join(sorted(splits))}"
    for one, other, share in find_near(sentences):
        yield f"{one.place.at(one.place.line)}: {share:.0%} of the words of {other.place.at(other.place.line)}"
    names = {split: find_names(sentences, split) for split in SPLITS}
    seen = len(names["test"] & names["train"]) / max(len(names["test"]), 1)
    if seen > MOST_SEEN_NAMES:
        yield f"{seen:.0%} of the names in test are in train, expected {MOST_SEEN_NAMES:.0%} at most"


def find_near(sentences: List[Sentence]) -> Iterator[Tuple[MarkupSentence, MarkupSentence, float]]:
    """Pairs of sentences of different splits that share most of their words (Jaccard index)."""
    training = [sentence for sentence in sentences if sentence.split == "train" and len(sentence.words) >= NEAR_WORDS]
    for sentence in sentences:
        if sentence.split == "train" or len(sentence.words) < NEAR_WORDS:
            continue
        for other in training:
            share = len(sentence.words & other.words) / len(sentence.words | other.words)
            if share >= NEAR:
                yield sentence.markup, other.markup, share


def find_names(sentences: List[Sentence], split: str) -> Set[str]:
    """The different names in a split."""
    return {
        markup.text[entity.start : entity.end].lower()
        for found, markup, _ in sentences
        if found == split
        for entity in markup.entities
        if entity.label in NAMES
    }


def print_counts(sentences: List[Sentence]) -> None:
    """A table of what each split holds."""
    rows: Dict[str, Counter] = {split: Counter() for split in SPLITS}
    rolesets: Dict[str, Set[str]] = defaultdict(set)
    for split, markup, _ in sentences:
        counts = rows[split]
        counts["sentences"] += 1
        counts.update(markup.chosen or ())
        counts.update(entity.label for entity in markup.entities)
        counts["frames"] += len(markup.frames)
        counts["roles"] += sum(len(frame.roles) for frame in markup.frames)
        rolesets[split].update(frame.predicate.label for frame in markup.frames)
    for split in SPLITS:
        rows[split]["rolesets"] = len(rolesets[split])
        rows[split]["documents"] = len({markup.document for found, markup, _ in sentences if found == split})
    names = ["documents", "sentences", "positive", "negative", "neutral", *sorted(ENTITIES)]
    names += ["frames", "rolesets", "roles"]
    table = [(name, *(f"{rows[split][name]:,}" for split in SPLITS)) for name in names]
    msg.table(table, header=("", *SPLITS), aligns=("l", "r", "r", "r"), divider=True)


if __name__ == "__main__":
    typer.run(main)
