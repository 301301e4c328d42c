"""Which columns a training log has: what can be shown of a pipeline, what matters most, and what a config asks for."""

import warnings
from difflib import get_close_matches
from typing import Dict, List, Optional, Sequence, Tuple

from spacy.language import Language
from spacy.pipeline.tok2vec import Tok2Vec

from ..errors import Errors, Warnings
from ..pipeline.score_weights import find_givers, find_scores
from .log_table import (
    BALANCE_WIDTH,
    EPOCH,
    LOSS_WIDTH,
    SCORE_WIDTH,
    SPEED,
    STEP,
    TIME,
    TOTAL,
    Column,
    Table,
    choose_columns,
)

LOSSES, SCORES, BALANCE, WORDS = "losses", "scores", "balance", "words_per_second"
KINDS = {LOSSES: "loss", SCORES: "score", BALANCE: "balance", WORDS: "speed"}
NARROWEST = 40


def check_settings(columns: Optional[Sequence[str]], width: int) -> None:
    """Refuse settings that are of the wrong type.

    columns (Optional[Sequence[str]]): Names of columns.
    width (int): The number of characters in a line.
    RAISES (ValueError): E614 for columns that are no list of names, E615 for a width below 40.
    """
    if columns is not None and (isinstance(columns, str) or not all(isinstance(name, str) for name in columns)):
        raise ValueError(Errors.E614.format(kinds=", ".join(KINDS), found=repr(columns)))
    if isinstance(width, bool) or not isinstance(width, int) or width < NARROWEST:
        raise ValueError(Errors.E615.format(narrowest=NARROWEST, found=repr(width)))


def lay_out(
    nlp: Language, balance: Sequence[Tuple[str, str]], columns: Optional[Sequence[str]], width: int
) -> Tuple[Table, List[Column]]:
    """The table of a training.

    nlp (Language): The pipeline.
    balance (Sequence[Tuple[str, str]]): Component and heading of each column about the balancers.
    columns (Optional[Sequence[str]]): What to show beside epoch, step, weighted score and time, however wide it is:
        "losses" or "loss_" and a component, "scores" or one of them, "balance", "words_per_second". None for the most
        important that fit.
    width (int): The most characters in a line, if columns is None.
    RETURNS (Tuple[Table, List[Column]]): The table, and what is left out for want of room.
    """
    weights = {name: weight for name, weight in nlp.config["training"]["score_weights"].items() if weight is not None}
    names = [*weights, *(name for name in columns or () if name not in weights and name in find_scores(nlp).names)]
    shown = _find_columns(nlp, names, balance)
    if columns is not None:
        return Table(_select(shown, columns)), []
    chosen = choose_columns(shown, sorted(shown, key=lambda column: _rank(nlp, column, weights)), width)
    return Table(chosen), [column for column in shown if column not in chosen]


def _find_columns(nlp: Language, scores: Sequence[str], balance: Sequence[Tuple[str, str]]) -> List[Column]:
    givers = find_givers(nlp, scores)
    columns = [EPOCH, STEP]
    for name, pipe in nlp.pipeline:
        if getattr(pipe, "is_trainable", False):
            columns.append(Column("loss", name, name, "loss", LOSS_WIDTH))
        columns += [
            Column("balance", i, name, heading, BALANCE_WIDTH)
            for i, (group, heading) in enumerate(balance)
            if group == name
        ]
        columns += [_make_score(score, name) for score in scores if givers.get(score) == name]
    columns += [_make_score(score, "") for score in scores if score not in givers]
    return [*columns, TOTAL, SPEED, TIME]


def _make_score(score: str, component: str) -> Column:
    words = score[len(component) + 1 :] if component and score.startswith(f"{component}_") else score
    return Column("score", score, component, words.replace("_", " "), SCORE_WIDTH)


def _rank(nlp: Language, column: Column, weights: Dict[str, float]) -> Tuple[int, float]:
    if column in (EPOCH, STEP, TOTAL, TIME):
        return 0, 0.0
    if column.kind == "score":
        weight = weights[column.key]
        return (1, -weight) if weight else (4, 0.0)
    if column.kind == "loss":
        # the sum of squares of what it was told, of which nothing follows for a reader
        return (6 if isinstance(nlp.get_pipe(column.key), Tok2Vec) else 2), 0.0
    return (3 if column.kind == "balance" else 5), 0.0


def _select(columns: Sequence[Column], names: Sequence[str]) -> List[Column]:
    by_name: Dict[str, List[Column]] = {name: [one for one in columns if one.kind == KINDS[name]] for name in KINDS}
    by_name.update({column.setting: [column] for column in columns if column.kind in ("loss", "score")})
    unknown = [name for name in names if name not in by_name]
    if unknown:
        shown = ", ".join(name + _suggest(name, by_name) for name in unknown)
        warnings.warn(Warnings.W607.format(names=shown, kinds=", ".join(KINDS)), stacklevel=4)
    wanted = {EPOCH, STEP, TOTAL, TIME, *(column for name in names for column in by_name.get(name, ()))}
    return [column for column in columns if column in wanted]


def _suggest(name: str, known: Dict[str, List[Column]]) -> str:
    close = get_close_matches(name, list(known), n=1, cutoff=0.6)
    return f" (did you mean {close[0]}?)" if close else ""
