"""Evaluation of a pipeline on corpora, with the corpora's own tokens or the pipeline's."""

from pathlib import Path
from typing import Any, Dict, List, Mapping, Optional, Sequence, Tuple

import srsly
from spacy.language import Language
from spacy.util import fix_random_seed
from wasabi import msg

from ..analysis.tables import NOTHING, Table
from ..data.category_values import find_bad_categories
from ..data.corpus import make_corpus
from ..data.writing import whole_file
from ..errors import Errors, Warnings
from .inspect import parse_sources
from .loading import load_pipeline

# No name or label is so long that its column should be cut off.
MAX_COLUMN = 1000
PRF = ("p", "r", "f")
TEXTS = "_texts"
UNKNOWN = "_unknown"
# what does not depend on the corpus being annotated for a task of the pipeline
ALWAYS = ("speed", "token_acc", "token_p", "token_r", "token_f")


def evaluate(
    pipeline: str,
    corpora: Sequence[str],
    *,
    gold_tokens: bool = True,
    limit: int = 0,
    join: int = 1,
    output: Optional[Path] = None,
) -> Dict[str, Any]:
    """Score a pipeline and print the scores.

    pipeline (str): A folder or the name of a package.
    corpora (Sequence[str]): .spacy files or folders with such files, or names and paths as "name=path".
    gold_tokens (bool): Whether to annotate the corpora's tokens; else the pipeline tokenizes the text.
    limit (int): Read only the first Docs of each; 0 for all.
    join (int): How many Docs to join to one text, at most; 0 for whole documents. A joined text has categories only
        if all its Docs have the same.
    output (Optional[Path]): Where to write all scores as JSON.
    RETURNS (Dict[str, Any]): The scores; of several corpora, or one with a name, by the name of the corpus.
    """
    try:
        if output is not None and output.is_dir():
            raise IsADirectoryError(Errors.E612.format(path=output, problem="it is a folder"))
        sources = parse_sources(corpora)
        nlp = load_pipeline(pipeline)
        scores = {
            name: score_corpus(nlp, path, gold_tokens=gold_tokens, limit=limit, join=join)
            for name, path in sources.items()
        }
        bare = [name for name, found in scores.items() if not is_scored(found)]
        if len(bare) == len(scores):
            raise ValueError(Errors.E611.format(paths=", ".join(bare), names=", ".join(nlp.pipe_names)))
    except (OSError, ValueError) as error:
        msg.fail(str(error), exits=1)
    ((name, path), *more) = sources.items()
    result: Dict[str, Any] = scores if more or name != str(path) else scores[name]
    if output is not None:
        try:
            with whole_file(output) as temporary:
                srsly.write_json(temporary, result)
        except OSError as error:
            msg.fail(Errors.E612.format(path=output, problem=error), exits=1)
    for table in [lay_out_figures(scores), *lay_out_labels(scores)]:
        msg.table(table.rows, header=table.header, aligns=tuple(table.aligns), divider=True, max_col=MAX_COLUMN)
    for name in bare:
        msg.warn(Warnings.W602.format(name=name))
    for warning in tell_unknown(scores):
        msg.warn(warning)
    if output is not None:
        msg.good(f"Saved to {output}")
    return result


def score_corpus(
    nlp: Language, path: Path, *, gold_tokens: bool = True, limit: int = 0, join: int = 1
) -> Dict[str, Any]:
    """Score a pipeline on a corpus.

    nlp (Language): The pipeline.
    path (Path): A .spacy file or a folder with such files.
    gold_tokens (bool): Whether to annotate the corpus's tokens.
    limit (int): Read only the first Docs; 0 for all.
    join (int): How many Docs to join to one text, at most; 0 for whole documents.
    RETURNS (Dict[str, Any]): What `nlp.evaluate` gives.
    RAISES (OSError, ValueError): What reading the corpus, the components and their scorers raise; E190 for a Doc with
        invalid categories.
    """
    fix_random_seed()
    corpus = make_corpus(path, gold_tokens=gold_tokens, limit=limit, join=join, join_share=1.0, join_categories="any")
    examples = list(corpus(nlp))
    for number, example in enumerate(examples, start=1):
        problem = find_bad_categories(example.reference, number, path)
        if problem:
            raise ValueError(problem)
    return nlp.evaluate(examples)


def is_scored(scores: Mapping[str, Any]) -> bool:
    """Whether a corpus is annotated for any of a pipeline's tasks.

    scores (Mapping[str, Any]): What `nlp.evaluate` gave.
    RETURNS (bool): Whether there is a score that is computed from annotation.
    """
    return any(isinstance(value, (int, float)) for name, value in scores.items() if _is_of_task(name))


def lay_out_figures(scores: Mapping[str, Mapping[str, Any]]) -> Table:
    """The scores that are single figures.

    scores (Mapping[str, Mapping[str, Any]]): By corpus, what `nlp.evaluate` gave.
    RETURNS (Table): A row for each score that a corpus has, in per cent but for words a second and numbers of texts.
    """
    names = sorted({name for found in scores.values() for name, value in found.items() if _is_figure(value)})
    rows = [(name, *(_show(name, found.get(name)) for found in scores.values())) for name in names]
    header = ("Score", *(scores if len(scores) > 1 else ("",)))
    return Table(header, "l" + "r" * len(scores), rows)


def lay_out_labels(scores: Mapping[str, Mapping[str, Any]]) -> List[Table]:
    """The scores that each label has.

    scores (Mapping[str, Mapping[str, Any]]): By corpus, what `nlp.evaluate` gave.
    RETURNS (List[Table]): A table for each such score, with precision, recall and F; of several corpora with F alone.
    """
    tables = []
    for name in sorted({name for found in scores.values() for name in found}):
        columns = [_by_label(found.get(name)) for found in scores.values()]
        labels = sorted({label for column in columns for label in column})
        if not labels:
            continue
        if len(columns) == 1:
            header: Tuple[str, ...] = (name, "P", "R", "F")
            rows = [(label, *(f"{100 * columns[0][label][letter]:.2f}" for letter in PRF)) for label in labels]
        else:
            header = (f"{name}, F", *scores)
            rows = [
                (label, *(f"{100 * column[label]['f']:.2f}" if label in column else NOTHING for column in columns))
                for label in labels
            ]
        tables.append(Table(header, "l" + "r" * (len(header) - 1), rows))
    return tables


def tell_unknown(scores: Mapping[str, Mapping[str, Any]]) -> List[str]:
    """Say which gold labels a pipeline does not know.

    scores (Mapping[str, Mapping[str, Any]]): By corpus, what `nlp.evaluate` gave.
    RETURNS (List[str]): A warning for each component and corpus that has such labels.
    """
    return [
        Warnings.W601.format(
            name=corpus,
            component=name[: -len(UNKNOWN)],
            labels=", ".join(f"{label} ({count:,})" for label, count in value.items()),
        )
        for corpus, found in scores.items()
        for name, value in found.items()
        if name.endswith(UNKNOWN) and isinstance(value, dict) and value
    ]


def _is_of_task(name: str) -> bool:
    return name not in ALWAYS and not name.endswith(TEXTS)


def _is_figure(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _show(name: str, value: Any) -> str:
    if not _is_figure(value):
        return NOTHING
    return f"{value:,.0f}" if name == "speed" or name.endswith(TEXTS) else f"{100 * value:.2f}"


def _by_label(value: Any) -> Dict[str, Dict[str, float]]:
    if not isinstance(value, dict):
        return {}
    return {label: found for label, found in value.items() if isinstance(found, dict) and set(found) >= set(PRF)}
