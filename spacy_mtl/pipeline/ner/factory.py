"""The factory of `mtl_ner`, with its defaults."""

from typing import Callable, List, Optional

from spacy.language import Language
from spacy.tokens import Doc
from thinc.api import Config, Model

from ...heads.crf.chain import TagScores
from ..default_encoder import DEFAULT_TOK2VEC
from ..distillation.settings import Distillation
from .component import MultiTaskNER

default_model_config = """
[model]
@architectures = "spacy-mtl.CRFTagger.v1"
hidden_width = 0
hidden_pieces = 2
nO = null
"""
DEFAULT_NER_MODEL = {**Config().from_str(default_model_config)["model"], "tok2vec": DEFAULT_TOK2VEC}


@Language.factory(
    "mtl_ner",
    assigns=["doc.ents", "token.ent_iob", "token.ent_type"],
    default_config={
        "model": DEFAULT_NER_MODEL,
        "scheme": "biluo",
        "labels": None,
        "spans_key": None,
        "annotate_ents": True,
        "overwrite": False,
        "distillation": None,
        "scorer": {"@scorers": "spacy-mtl.ner_scorer.v1"},
    },
    default_score_weights={"ents_f": 1.0, "ents_p": 0.0, "ents_r": 0.0, "ents_per_type": None},
)
def make_mtl_ner(
    nlp: Language,
    name: str,
    model: Model[List[Doc], TagScores],
    scheme: str,
    labels: Optional[List[str]],
    spans_key: Optional[str],
    annotate_ents: bool,
    overwrite: bool,
    distillation: Optional[Distillation],
    scorer: Optional[Callable],
) -> MultiTaskNER:
    """Create the component `mtl_ner`, which recognizes named entities; the arguments are those of `MultiTaskNER`,
    and how much is learned from teachers."""
    component = MultiTaskNER(
        nlp.vocab,
        model,
        name,
        scheme=scheme,
        labels=labels,
        spans_key=spans_key,
        annotate_ents=annotate_ents,
        overwrite=overwrite,
        scorer=scorer,
    )
    component.distillation = distillation
    return component.follow(nlp)
