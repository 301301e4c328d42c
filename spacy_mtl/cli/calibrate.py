"""Calibration of a trained pipeline's probabilities on held-out annotation."""

from pathlib import Path
from typing import List, Sequence, Tuple

from spacy.language import Language
from spacy.training import Example
from wasabi import msg

from ..data.corpus import make_corpus
from ..data.writing import check_folder, whole_folder
from ..errors import Errors
from ..pipeline.head import Head
from ..pipeline.loading import load_pipeline


def calibrate(pipeline: str, corpus: Path, output: Path) -> None:
    """Fit the temperatures of all heads, print them, and save the pipeline.

    pipeline (str): A folder or the name of a package.
    corpus (Path): Held-out annotation, on which the pipeline was not trained.
    output (Path): Folder for the calibrated pipeline.
    """
    try:
        if output.exists():
            raise FileExistsError(Errors.E604.format(path=output))
        check_folder(output.parent)
        nlp = load_pipeline(pipeline)
        rows = fit_temperatures(nlp, list(make_corpus(corpus)(nlp)))
    except (OSError, ValueError) as error:
        msg.fail(str(error), exits=1)
    header = ("Component", "Probabilities of", "Temperature", "Loss before", "Loss after")
    msg.table(rows, header=header, aligns=("l", "l", "r", "r", "r"), divider=True)
    try:
        with whole_folder(output) as folder:
            nlp.to_disk(folder)
    except OSError as error:
        msg.fail(str(error), exits=1)
    msg.good(f"Saved to {output}")


def fit_temperatures(nlp: Language, examples: Sequence[Example]) -> List[Tuple[str, ...]]:
    """Fit the temperatures of all heads.

    nlp (Language): The pipeline.
    examples (Sequence[Example]): Held-out Examples.
    RETURNS (List[Tuple[str, ...]]): By component and kind of probability, the temperature and the losses, as text.
    RAISES (ValueError): What components raise for annotation that they cannot read.
    """
    rows: List[Tuple[str, ...]] = []
    docs = [example.predicted for example in examples]
    for name, pipe in nlp.pipeline:
        if isinstance(pipe, Head):
            for kind, (temperature, before, after) in pipe.calibrate(examples).items():
                rows.append((name, kind, f"{temperature:.2f}", f"{before:,.0f}", f"{after:,.0f}"))
        else:
            annotate = getattr(pipe, "pipe", None)
            docs = list(annotate(docs, batch_size=nlp.batch_size)) if annotate else [pipe(doc) for doc in docs]
    return rows
