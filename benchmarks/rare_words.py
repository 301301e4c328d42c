"""How good the translations of texts are by how often the training corpus has their rarest word."""

from collections import Counter
from math import inf
from pathlib import Path
from typing import Annotated, List

import spacy
import typer
from spacy.training import Example
from wasabi import msg

from spacy_mtl.data.corpus import make_corpus
from spacy_mtl.scorers.translation import score_translations

# least and most often
BANDS = [(0, 0), (1, 2), (3, 9), (10, 29), (30, inf)]


def main(
    pipeline: Annotated[Path, typer.Argument(help="A trained pipeline with a component that translates")],
    train: Annotated[Path, typer.Argument(help="The .spacy file that it was trained on")],
    test: Annotated[Path, typer.Argument(help="A .spacy file with translations")],
) -> None:
    """Print the scores of texts whose rarest word training has never, once or twice, and so on, in whatever case."""
    nlp = spacy.load(pipeline)
    seen = Counter(token.lower for example in make_corpus(train)(nlp) for token in example.reference)
    examples = list(make_corpus(test)(nlp))
    rarest = [min(seen[token.lower] for token in example.reference) for example in examples]
    docs = nlp.pipe(example.predicted for example in examples)
    translated = [Example(doc, example.reference) for doc, example in zip(docs, examples)]
    rows = []
    for least, most in BANDS:
        of_band: List[Example] = [one for one, times in zip(translated, rarest) if least <= times <= most]
        scores = score_translations(of_band)
        if of_band:
            shown = (f"{100 * scores[name]:.1f}" for name in ("translation_bleu", "translation_chrf"))
            title = f"{least} or more" if most == inf else str(least) if least == most else f"{least} to {most}"
            rows.append((title, len(of_band), *shown))
    msg.table(rows, header=("Times in training", "Texts", "BLEU", "chrF"), aligns=("l", "r", "r", "r"), divider=True)


if __name__ == "__main__":
    typer.run(main)
