"""The factory of `mtl_translate`, with its defaults."""

from typing import Callable, Optional

from spacy.language import Language
from thinc.api import Config, Model
from thinc.types import Floats1d

from ...translations import register_translations
from ..default_encoder import DEFAULT_TOK2VEC
from .component import Translator
from .model import TranslationInput

default_model_config = """
[model]
@architectures = "spacy-mtl.TransformerDecoder.v1"
width = 128
depth = 3
heads = 4
feed_forward_width = null
dropout = 0.3
label_smoothing = 0.1
copy = false
"""
DEFAULT_TRANSLATION_MODEL = {**Config().from_str(default_model_config)["model"], "tok2vec": DEFAULT_TOK2VEC}


@Language.factory(
    "mtl_translate",
    assigns=["doc._.translation"],
    default_config={
        "model": DEFAULT_TRANSLATION_MODEL,
        "lang": None,
        "subwords": 4000,
        "beam": 5,
        "length_penalty": 1.0,
        "length_ratio": 3.0,
        "candidates": 1,
        "no_repeat_ngram_size": 0,
        "max_source_length": 512,
        "scorer": {"@scorers": "spacy-mtl.translation_scorer.v1"},
    },
    default_score_weights={"translation_bleu": 1.0, "translation_chrf": 0.0},
)
def make_mtl_translate(
    nlp: Language,
    name: str,
    model: Model[TranslationInput, Floats1d],
    lang: Optional[str],
    subwords: int,
    beam: int,
    length_penalty: float,
    length_ratio: float,
    candidates: int,
    no_repeat_ngram_size: int,
    max_source_length: int,
    scorer: Optional[Callable],
) -> Translator:
    """Create the component `mtl_translate`, which translates texts; the arguments are those of `Translator`."""
    register_translations()
    return Translator(
        nlp.vocab,
        model,
        name,
        lang=lang,
        subwords=subwords,
        beam=beam,
        length_penalty=length_penalty,
        length_ratio=length_ratio,
        candidates=candidates,
        no_repeat_ngram_size=no_repeat_ngram_size,
        max_source_length=max_source_length,
        scorer=scorer,
    ).follow(nlp)
