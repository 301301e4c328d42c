"""Variants of the texts of a corpus, for teachers to read."""

from itertools import chain
from pathlib import Path
from random import Random
from typing import Optional

import spacy
from spacy.util import load_model
from tqdm import tqdm
from wasabi import msg

from ..data.corpus import Corpus
from ..data.formats.counting import Tally
from ..data.variants import find_neighbours, read_words, vary_all
from ..data.writing import check_file_type, check_output, write_docs
from ..errors import Errors


def vary_corpus(
    corpus: Path, output: Path, *, vectors: Optional[str] = None, copies: int = 3, share: float = 0.25, seed: int = 0
) -> int:
    """Write variants of the texts of a corpus.

    corpus (Path): A `.spacy` file or a folder with such files.
    output (Path): The `.spacy` file.
    vectors (Optional[str]): A pipeline with static vectors, whose neighbours are exchanged; None for words of the same
        tag alone.
    copies (int): How many variants of each text.
    share (float): The share of words that are exchanged.
    seed (int): Of the words that are drawn.
    RETURNS (int): How many variants were written.
    """
    tally = Tally()
    try:
        check_file_type(output)
        for name, found, is_right, expected in (
            ("copies", copies, copies > 0, "1 or more"),
            ("share", share, 0 < share <= 1, "a number above 0, and 1 at most"),
        ):
            if not is_right:
                raise ValueError(Errors.E196.format(name=name, found=found, expected=expected))
        check_output(output, [corpus])
        nlp = spacy.blank("xx") if vectors is None else load_model(vectors)
        read = Corpus(corpus, keep_in_memory=False)
        words = read_words(read.read_references(nlp))
        neighbours = {} if vectors is None else find_neighbours(nlp.vocab, words.forms)
        if not neighbours and not words.by_tag:
            raise ValueError(Errors.E195.format(expected="words with tags, or vectors", found="neither"))
        texts = chain.from_iterable(read.read_references(nlp) for _ in range(copies))
        shown = tqdm(texts, unit=" docs", disable=None, leave=False)
        write_docs(tally.count(vary_all(shown, Random(seed), share, neighbours, words.by_tag)), output)
    except (OSError, ValueError) as error:
        msg.fail(str(error), exits=1)
    written = tally.total().docs
    msg.good(f"{written:,} variants saved to {output}")
    return written
