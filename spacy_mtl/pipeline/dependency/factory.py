"""The factory of `mtl_dependency`, with its defaults."""

from typing import Callable, Optional

from spacy.language import Language
from thinc.api import Config, Model

from ...heads.dependency.model import DependencyInput, DependencyScores
from ..default_encoder import DEFAULT_TOK2VEC
from .component import DependencyParser

default_model_config = """
[model]
@architectures = "spacy-mtl.BiaffineDependencies.v1"
hidden_width = 64
"""
DEFAULT_DEPENDENCY_MODEL = {**Config().from_str(default_model_config)["model"], "tok2vec": DEFAULT_TOK2VEC}


@Language.factory(
    "mtl_dependency",
    assigns=["token.dep", "token.head", "token.is_sent_start", "doc.sents", "token.tag"],
    default_config={
        "model": DEFAULT_DEPENDENCY_MODEL,
        "tags": True,
        "borders": "punctuation",
        "scorer": {"@scorers": "spacy-mtl.dependency_scorer.v1"},
    },
    default_score_weights={"dep_las": 1.0, "dep_uas": 0.0, "tag_acc": 0.0, "dep_las_per_type": None},
)
def make_mtl_dependency(
    nlp: Language,
    name: str,
    model: Model[DependencyInput, DependencyScores],
    tags: bool,
    borders: str,
    scorer: Optional[Callable],
) -> DependencyParser:
    """Create the component `mtl_dependency`, which finds tags and dependency trees; the arguments are those of
    `DependencyParser`."""
    return DependencyParser(nlp.vocab, model, name, tags=tags, borders=borders, scorer=scorer).follow(nlp)
