"""The factory of `mtl_srl`, with its defaults."""

from typing import Callable, Dict, List, Optional

from spacy.language import Language
from thinc.api import Config, Model

from ...frames import SPANS_KEY
from ..default_encoder import DEFAULT_TOK2VEC
from ..distillation.settings import Distillation
from .component import CORE_ROLES, SemanticRoleLabeller

default_model_config = """
[model]
@architectures = "spacy-mtl.SRL.v1"
predicate_width = 64

[model.arguments]
@architectures = "spacy-mtl.ConcatArguments.v1"
hidden_width = 128
max_distance = 32
"""
DEFAULT_SRL_MODEL = {**Config().from_str(default_model_config)["model"], "tok2vec": DEFAULT_TOK2VEC}

SCORE_WEIGHTS: Dict[str, Optional[float]] = {
    "srl_argument_f": 1.0,
    "srl_argument_p": 0.0,
    "srl_argument_r": 0.0,
    "srl_predicate_f": 0.0,
    "srl_sense_acc": 0.0,
    "srl_gold_argument_f": 0.0,
    "srl_gold_sense_acc": 0.0,
    "srl_argument_per_role": None,
    "srl_gold_argument_per_role": None,
}


@Language.factory(
    "mtl_srl",
    assigns=["doc.spans"],
    default_config={
        "model": DEFAULT_SRL_MODEL,
        "spans_key": SPANS_KEY,
        "predicates": "predict",
        "threshold": 0.5,
        "window": 100,
        "borders": "punctuation",
        "unique_roles": CORE_ROLES,
        "min_role_freq": 1,
        "guess_lemmas": None,
        "score_gold_predicates": True,
        "distillation": None,
        "scorer": {"@scorers": "spacy-mtl.srl_scorer.v1"},
    },
    default_score_weights=SCORE_WEIGHTS,
)
def make_mtl_srl(
    nlp: Language,
    name: str,
    model: Model,
    spans_key: str,
    predicates: str,
    threshold: float,
    window: int,
    borders: str,
    unique_roles: List[str],
    min_role_freq: int,
    guess_lemmas: Optional[bool],
    score_gold_predicates: bool,
    distillation: Optional[Distillation],
    scorer: Optional[Callable],
) -> SemanticRoleLabeller:
    """Create a semantic role labeller; the arguments are those of `SemanticRoleLabeller`, and how
    much is learned from teachers."""
    component = SemanticRoleLabeller(
        nlp.vocab,
        model,
        name,
        spans_key=spans_key,
        predicates=predicates,
        threshold=threshold,
        window=window,
        borders=borders,
        unique_roles=unique_roles,
        min_role_freq=min_role_freq,
        guess_lemmas=guess_lemmas,
        score_gold_predicates=score_gold_predicates,
        scorer=scorer,
    )
    component.distillation = distillation
    return component.follow(nlp)
