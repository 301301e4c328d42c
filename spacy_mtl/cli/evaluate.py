"""Evaluation of a pipeline on a corpus, with the corpus's own tokens or the pipeline's."""

from pathlib import Path
from typing import Any, Dict, List, Optional, Tuple

import srsly
from spacy.util import fix_random_seed
from wasabi import msg

from ..data.corpus import make_corpus
from ..data.writing import whole_file
from .show import load_pipeline


def evaluate(
    pipeline: str, corpus: Path, *, gold_tokens: bool = True, limit: int = 0, output: Optional[Path] = None
) -> Dict[str, Any]:
    """Score a pipeline and print the scores.

    pipeline (str): A folder or the name of a package.
    corpus (Path): A .spacy file or a folder with such files.
    gold_tokens (bool): Whether to annotate the corpus's tokens; else the pipeline tokenizes the text.
    limit (int): Read only the first Docs; 0 for all.
    output (Optional[Path]): Where to write all scores as JSON.
    RETURNS (Dict[str, Any]): The scores.
    """
    fix_random_seed()
    try:
        nlp = load_pipeline(pipeline)
        scores = nlp.evaluate(list(make_corpus(corpus, gold_tokens=gold_tokens, limit=limit)(nlp)))
    except (OSError, ValueError) as error:
        msg.fail(str(error), exits=1)
    if output is not None:
        with whole_file(output) as path:
            srsly.write_json(path, scores)
    figures, tables = layout(scores)
    msg.table(figures, header=("Score", ""), aligns=("l", "r"), divider=True)
    for name, rows in tables:
        msg.table(rows, header=(name, "P", "R", "F"), aligns=("l", "r", "r", "r"), divider=True)
    if output is not None:
        msg.good(f"Saved to {output}")
    return scores


def layout(scores: Dict[str, Any]) -> Tuple[List[Tuple[str, str]], List[Tuple[str, List[Tuple[str, ...]]]]]:
    """Sort scores into plain figures, and tables of precision, recall and F by label.

    scores (Dict[str, Any]): What `nlp.evaluate` gave.
    RETURNS (Tuple[...]): Names and figures in percent (words a second as they are), and the tables.
    """
    figures, tables = [], []
    for name, value in sorted(scores.items()):
        if isinstance(value, dict):
            rows = [
                (label, *(f"{100 * by_label[letter]:.2f}" for letter in "prf"))
                for label, by_label in sorted(value.items())
                if isinstance(by_label, dict) and set(by_label) >= set("prf")
            ]
            if rows:
                tables.append((name, rows))
        elif name == "speed":
            figures.append((name, f"{value:,.0f}"))
        elif isinstance(value, (int, float)):
            figures.append((name, f"{100 * value:.2f}"))
    return figures, tables
