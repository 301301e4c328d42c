"""The score weights of a training against the scores that its pipeline gives."""

import warnings
from difflib import get_close_matches
from typing import Any, Dict, NamedTuple, Optional, Sequence, Set

from spacy.language import Language

from ..errors import Warnings

# what nlp.evaluate gives beside the scores of components
OF_EVERY_PIPELINE = ("token_acc", "token_p", "token_r", "token_f", "speed")


class GivenScores(NamedTuple):
    """The scores that a pipeline gives.

    names (Set[str]): Their names.
    is_whole (bool): Whether these are all: a component of another package may have some that only texts show.
    """

    names: Set[str]
    is_whole: bool


def fit_score_weights(nlp: Optional[Language], component: Optional[object] = None) -> None:
    """Take scores that no component of the pipeline gives out of the config's score weights, and name them (W603): a
    head that is left out of the pipeline, or a name with a slip in it. spaCy scales the others to a sum of 1; if none
    of these is above 0, each component's scores have the weights of its factory (W604).

    `nlp.initialize` comes here before `spacy train` reads the weights. A component of another package may give scores
    that cannot be known; then names are told of but stay.

    nlp (Optional[Language]): The pipeline, with all its components; None if it is not known.
    component (Optional[object]): The component that asks; only the first of this package in the pipeline is heard.
    """
    if nlp is None or component is not None and component is not _first_of_ours(nlp):
        return
    given = find_scores(nlp)
    weights: Dict[str, Optional[float]] = nlp.config["training"]["score_weights"]
    weighed = [name for name, weight in weights.items() if weight is not None]
    unknown = [name for name in weighed if name not in given.names]
    if unknown:
        shown = ", ".join(name + _suggest(name, given.names) for name in unknown)
        warnings.warn(Warnings.W603.format(names=shown, pipeline=", ".join(nlp.component_names)), stacklevel=3)
    if not given.is_whole:
        return
    weights.update(dict.fromkeys(unknown))
    if unknown and not any(weights.values()):
        chosen = _default_weights(nlp)
        weights.update(chosen)
        shown = ", ".join(name for name, weight in chosen.items() if weight)
        warnings.warn(Warnings.W604.format(names=shown), stacklevel=3)


def find_scores(nlp: Language) -> GivenScores:
    """The names of the scores that the components of a pipeline give: those that they say when they score no text, and
    those that their factories have weights for.

    nlp (Language): The pipeline, initialized or not.
    RETURNS (GivenScores): The names.
    """
    names = set(OF_EVERY_PIPELINE)
    is_whole = True
    for name, pipe in nlp.components:
        names.update(nlp.get_pipe_meta(name).default_score_weights or ())
        if getattr(pipe, "score", None) is None:
            continue
        found = _score_nothing(pipe)
        names.update(found or ())
        if found is None or (not found and getattr(pipe, "scorer", None) is not None) or not _is_known(pipe):
            is_whole = False
    return GivenScores(names, is_whole)


def find_givers(nlp: Language, scores: Sequence[str]) -> Dict[str, str]:
    """Which component gives a score.

    nlp (Language): The pipeline.
    scores (Sequence[str]): Names of scores.
    RETURNS (Dict[str, str]): By score, the component whose name it begins with; or else the last that gives it, as it
        is that one's value which counts. Scores of no component are left out.
    """
    givers: Dict[str, str] = {}
    for name, pipe in nlp.pipeline:
        given = {*(nlp.get_pipe_meta(name).default_score_weights or ())}
        if getattr(pipe, "score", None) is not None:
            given.update(_score_nothing(pipe) or ())
        givers.update({score: name for score in scores if score in given})
    for name in sorted(nlp.pipe_names, key=len):
        givers.update({score: name for score in scores if score.startswith(f"{name}_")})
    return givers


def _score_nothing(pipe: Any) -> Optional[Dict[str, Any]]:
    try:
        return dict(pipe.score([]))
    # a scorer may want what an uninitialized component does not have, or a text
    except Exception:
        return None


def _is_known(pipe: Any) -> bool:
    """Whether what the component's scorer gives without texts is all that it gives with them."""
    scorer = getattr(pipe, "scorer", None)
    makers = {type(pipe).__module__, getattr(scorer, "__module__", type(pipe).__module__)}
    return all(maker.partition(".")[0] in ("spacy", "spacy_mtl") for maker in makers)


def _first_of_ours(nlp: Language) -> Optional[object]:
    ours = (pipe for _, pipe in nlp.pipeline if type(pipe).__module__.startswith("spacy_mtl."))
    return next(ours, None)


def _default_weights(nlp: Language) -> Dict[str, float]:
    weights: Dict[str, float] = {}
    for name in nlp.component_names:
        found = nlp.get_pipe_meta(name).default_score_weights or {}
        weights.update({score: weight for score, weight in found.items() if weight})
    return weights


def _suggest(name: str, known: Set[str]) -> str:
    close = get_close_matches(name, sorted(known), n=1, cutoff=0.8)
    return f" (did you mean {close[0]}?)" if close else ""
