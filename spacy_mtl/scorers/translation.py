"""Scores of translations by sacrebleu: BLEU (Papineni et al., 2002) and chrF (Popović, 2015), as Post (2018) made them
comparable.

https://aclanthology.org/P02-1040, https://aclanthology.org/W15-3049, https://aclanthology.org/W18-6319
"""

from typing import Any, Dict, Iterable, List, Optional, Tuple

from spacy.training import Example

from ..annotation import has_translation
from ..errors import Errors
from ..shown import ShowsSettings
from ..translations import get_translations

DEFAULT_TOKENIZE = "13a"
# languages that are written without blanks between words
TOKENIZE = {"zh": "zh", "ja": "char", "ko": "char", "th": "char"}


def make_translation_scorer(tokenize: Optional[str] = None, lowercase: bool = False) -> "TranslationScorer":
    """Make `spacy-mtl.translation_scorer.v1`.

    tokenize (Optional[str]): How sacrebleu cuts text into the words that BLEU counts, such as "13a"; None for what fits
        the language: "zh" for Chinese, "char" for Japanese, Korean and Thai, and else "13a".
    lowercase (bool): Whether case makes no difference.
    RETURNS (TranslationScorer): The scorer.
    """
    return TranslationScorer(tokenize, lowercase)


class TranslationScorer(ShowsSettings):
    """Scores translations. The arguments are those of `make_translation_scorer`."""

    def __init__(self, tokenize: Optional[str] = None, lowercase: bool = False) -> None:
        self.tokenize = tokenize
        self.lowercase = lowercase

    def __call__(self, examples: Iterable[Example], *, language: Optional[str] = None, **kwargs: Any) -> Dict[str, Any]:
        """See `score_translations`."""
        return score_translations(examples, language=language, tokenize=self.tokenize, lowercase=self.lowercase)


def score_translations(
    examples: Iterable[Example],
    *,
    language: Optional[str] = None,
    tokenize: Optional[str] = None,
    lowercase: bool = False,
    **kwargs: Any,
) -> Dict[str, Any]:
    """Score the translations of predicted Docs against those of the references. Where a reference has one and the
    predicted Doc none, that counts as an empty one; references without do not count.

    examples (Iterable[Example]): The Examples.
    language (Optional[str]): The language of the translations; None for all, scored as one corpus.
    tokenize (Optional[str]): As for `make_translation_scorer`, and so is `lowercase`.
    RETURNS (Dict[str, Any]): "translation_bleu" and "translation_chrf" of the corpus, from 0 to 1, None if nothing
        counts; "translation_texts", the number of translations that do; "translation_signatures", by score how
        sacrebleu computed it.
    RAISES (ImportError): E620 if sacrebleu is not installed.
    RAISES (ValueError): E621 for a `tokenize` that sacrebleu does not know.
    """
    pairs = [pair for example in examples for pair in read_pairs(example, language)]
    if not pairs:
        nothing = dict.fromkeys(("translation_bleu", "translation_chrf"))
        return {**nothing, "translation_texts": 0, "translation_signatures": {}}
    hypotheses, references = [pair[0] for pair in pairs], [[pair[1] for pair in pairs]]
    bleu = make_bleu(language, tokenize, lowercase)
    chrf = make_chrf(lowercase)
    scores = bleu.corpus_score(hypotheses, references), chrf.corpus_score(hypotheses, references)
    return {
        "translation_bleu": scores[0].score / 100,
        "translation_chrf": scores[1].score / 100,
        "translation_texts": len(pairs),
        "translation_signatures": {"bleu": str(bleu.get_signature()), "chrf": str(chrf.get_signature())},
    }


def read_pairs(example: Example, language: Optional[str] = None) -> List[Tuple[str, str]]:
    """What a score compares.

    example (Example): The Example.
    language (Optional[str]): The language of the translations; None for all.
    RETURNS (List[Tuple[str, str]]): Predicted and gold translation, by the language; empty without gold.
    """
    if not has_translation(example, language):
        return []
    gold, predicted = get_translations(example.reference) or {}, get_translations(example.predicted) or {}
    languages = gold if language is None else [language]
    return [(predicted.get(name, ""), gold[name]) for name in languages]


def make_bleu(language: Optional[str], tokenize: Optional[str] = None, lowercase: bool = False) -> Any:
    """RETURNS (sacrebleu.metrics.BLEU): The score for a language; the arguments are those of `score_translations`."""
    chosen = tokenize or TOKENIZE.get((language or "").split("-")[0], DEFAULT_TOKENIZE)
    metrics = _import_metrics()
    # force: what seems to be tokenized already is scored without a word on it
    if chosen not in metrics.BLEU.TOKENIZERS:
        raise ValueError(Errors.E621.format(found=chosen, expected=", ".join(metrics.BLEU.TOKENIZERS)))
    return metrics.BLEU(tokenize=chosen, lowercase=lowercase, force=True)


def make_chrf(lowercase: bool = False) -> Any:
    """RETURNS (sacrebleu.metrics.CHRF): The score."""
    return _import_metrics().CHRF(lowercase=lowercase)


def _import_metrics() -> Any:
    try:
        import sacrebleu.metrics
    except ImportError as error:
        raise ImportError(Errors.E620.format(problem=error)) from error
    return sacrebleu.metrics
