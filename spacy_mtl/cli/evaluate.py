"""Evaluation of a pipeline on corpora, with the corpora's own tokens or the pipeline's."""

from pathlib import Path
from typing import Any, Dict, List, Mapping, Optional, Sequence

from spacy.language import Language
from spacy.training import Example
from spacy.util import fix_random_seed
from wasabi import msg

from ..analysis.tables import Table
from ..data.category_values import find_bad_categories
from ..data.corpus import make_corpus
from ..data.writing import check_output, whole_file
from ..errors import Errors, Warnings
from ..json_files import write_json
from ..pipeline.loading import load_pipeline
from .evaluation_tables import (
    TEXTS,
    count_gold_labels,
    find_task_lines,
    lay_out_figures,
    lay_out_labels,
    lay_out_summary,
)
from .inspect import parse_sources

# No name or label is so long that its column should be cut off.
MAX_COLUMN = 1000
UNKNOWN = "_unknown"
SIGNATURES = "_signatures"
COMMON_SIGNATURES = f"translation{SIGNATURES}"
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
    all_labels: bool = False,
) -> Dict[str, Any]:
    """Score a pipeline and print a line a task, and below it all figures, and the labels by how often they occur.

    pipeline (str): A folder or the name of a package.
    corpora (Sequence[str]): .spacy files or folders with such files, or names and paths as "name=path".
    gold_tokens (bool): Whether to annotate the corpora's tokens; else the pipeline tokenizes the text.
    limit (int): Read only the first Docs of each; 0 for all.
    join (int): How many Docs to join to one text, at most; 0 for whole documents. A joined text has categories only
        if all its Docs have the same.
    output (Optional[Path]): Where to write all scores as JSON.
    all_labels (bool): Whether to print rare labels too.
    RETURNS (Dict[str, Any]): The scores; of several corpora, or one with a name, by the name of the corpus.
    """
    try:
        if output is not None and output.is_dir():
            raise IsADirectoryError(Errors.E612.format(path=output, problem="it is a folder"))
        sources = parse_sources(corpora)
        if output is not None:
            check_output(output, sources.values())
        nlp = load_pipeline(pipeline)
        scores, gold = {}, {}
        for name, path in sources.items():
            examples = read_examples(nlp, path, gold_tokens=gold_tokens, limit=limit, join=join)
            gold[name] = count_gold_labels(example.reference for example in examples)
            fix_random_seed()
            scores[name] = nlp.evaluate(examples)
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
                write_json(temporary, result)
        except OSError as error:
            msg.fail(Errors.E612.format(path=output, problem=error), exits=1)
    print_table(lay_out_summary(find_task_lines(nlp, scores.values()), scores))
    msg.divider("Details")
    for table in [*lay_out_figures(scores), *lay_out_labels(scores, gold, all_labels)]:
        print_table(table)
    for line in tell_signatures(scores):
        msg.text(line)
    for name in bare:
        msg.warn(Warnings.W602.format(name=name))
    for warning in tell_unknown(scores):
        msg.warn(warning)
    if output is not None:
        msg.good(f"Saved to {output}")
    return result


def print_table(table: Table) -> None:
    """table (Table): Is printed, with no name or label cut off."""
    msg.table(table.rows, header=table.header, aligns=tuple(table.aligns), divider=True, max_col=MAX_COLUMN)


def read_examples(
    nlp: Language, path: Path, *, gold_tokens: bool = True, limit: int = 0, join: int = 1
) -> List[Example]:
    """Read a corpus to be scored.

    nlp (Language): The pipeline.
    path (Path): A .spacy file or a folder with such files.
    gold_tokens (bool): Whether to annotate the corpus's tokens.
    limit (int): Read only the first Docs; 0 for all.
    join (int): How many Docs to join to one text, at most; 0 for whole documents.
    RETURNS (List[Example]): The Examples, not annotated.
    RAISES (OSError, ValueError): What reading the corpus raises; E190 for a Doc with invalid categories.
    """
    corpus = make_corpus(path, gold_tokens=gold_tokens, limit=limit, join=join, join_share=1.0, join_categories="any")
    examples = list(corpus(nlp))
    for number, example in enumerate(examples, start=1):
        problem = find_bad_categories(example.reference, number, path)
        if problem:
            raise ValueError(problem)
    return examples


def is_scored(scores: Mapping[str, Any]) -> bool:
    """Whether a corpus is annotated for any of a pipeline's tasks.

    scores (Mapping[str, Any]): What `nlp.evaluate` gave.
    RETURNS (bool): Whether there is a score that is computed from annotation.
    """
    return any(isinstance(value, (int, float)) for name, value in scores.items() if _is_of_task(name))


def tell_signatures(scores: Mapping[str, Mapping[str, Any]]) -> List[str]:
    """Say how scores of translations were computed, as sacrebleu puts it.

    scores (Mapping[str, Mapping[str, Any]]): By corpus, what `nlp.evaluate` gave.
    RETURNS (List[str]): A line a score; what is the same for all corpora once. Where components differ, of each.
    """
    by_component: Dict[str, Dict[str, str]] = {}
    for one in scores.values():
        for name, found in one.items():
            if name.endswith(SIGNATURES) and name != COMMON_SIGNATURES:
                by_component.setdefault(name.removesuffix(SIGNATURES), {}).update(found)
    lines = [f"{name}: {signature}" for found in by_component.values() for name, signature in found.items()]
    if len(set(lines)) > len({line.partition(":")[0] for line in lines}):
        lines = [
            f"{component}, {name}: {signature}"
            for component, found in by_component.items()
            for name, signature in found.items()
        ]
    return list(dict.fromkeys(lines))


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
