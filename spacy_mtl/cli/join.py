"""Layers of several corpora on the same texts, joined to one corpus."""

from pathlib import Path
from typing import List, Optional, Sequence

import spacy
from wasabi import msg

from ..data.corpus import Corpus
from ..data.formats.counting import Counts, Tally
from ..data.layers.joining import FOUND, JOINED, SAME, Outcomes, join_corpora, split_sentences
from ..data.writing import check_file_type, check_output, write_docs
from ..errors import Errors
from .convert import print_counts
from .inspect import parse_sources


def join(
    corpora: Sequence[str],
    output: Path,
    *,
    by: str = "text",
    layers: Optional[str] = None,
    sentences: bool = False,
) -> Counts:
    """Join corpora, and print what became of their layers.

    corpora (Sequence[str]): Paths, or names and paths as "name=path"; two or more.
    output (Path): The `.spacy` file.
    by (str): "text" or "id".
    layers (Optional[str]): Names of the layers that are joined to the first corpus, with commas between them.
    sentences (bool): Whether to make a Doc of each sentence first, where sentences are known.
    RETURNS (Counts): What was written.
    """
    outcomes, tally = Outcomes(), Tally()
    names: Optional[List[str]] = None if layers is None else [name.strip() for name in layers.split(",")]
    try:
        check_file_type(output)
        sources = parse_sources(corpora)
        if len(sources) < 2:
            raise ValueError(Errors.E194.format(found=", ".join(sources)))
        check_output(output, sources.values())
        nlp = spacy.blank("xx")
        read = {name: Corpus(path, keep_in_memory=False).read_references(nlp) for name, path in sources.items()}
        docs = {name: split_sentences(found) if sentences else found for name, found in read.items()}
        first, *others = docs
        joined = join_corpora(docs[first], {name: docs[name] for name in others}, outcomes, by=by, layers=names)
        write_docs(tally.count(joined), output)
    except (OSError, ValueError) as error:
        msg.fail(str(error), exits=1)
    counts = tally.total()
    print_counts(counts)
    _print_outcomes(outcomes)
    msg.good(f"Saved to {output}")
    return counts


def _print_outcomes(outcomes: Outcomes) -> None:
    rows = [(*outcome, f"{count:,}") for outcome, count in outcomes.counts.items()]
    header = ("Corpus", "Layer", "Outcome", "Docs")
    msg.table(sorted(rows), header=header, aligns=("l", "l", "l", "r"), divider=True, max_col=1000)
    for outcome, texts in outcomes.texts.items():
        if outcome.result not in (FOUND, JOINED, SAME):
            shown = "; ".join(f"'{text}'" for text in texts)
            msg.text(f"{outcome.corpus}, {outcome.layer} {outcome.result}: {shown}")
