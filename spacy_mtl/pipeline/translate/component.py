"""Translation as a head of its own encoder or of a shared one."""

from itertools import islice
from pathlib import Path
from typing import Any, Callable, Collection, Dict, Iterable, List, Optional, Sequence, Tuple

from spacy.language import Language
from spacy.tokens import Doc
from spacy.training import Example, validate_get_examples
from spacy.vocab import Vocab
from thinc.api import Model
from thinc.types import Floats1d

from ...annotation import is_for
from ...encoders.embed import check_static_vectors
from ...errors import Errors
from ...heads.translation.subwords import UNKNOWN, Subwords, require_sentencepiece, train_subwords
from ...setting_checks import check_component_setting
from ...translations import Candidate, add_translations
from ..competition import Loss
from ..head import Head
from ..label_checks import check_labels
from ..score_weights import fit_score_weights
from .gold import collect_translations, read_translation
from .model import TranslationInput
from .prediction import SearchSettings, find_translations
from .spelling import spell_docs

TEXT_SHOWN = 60
# the settings of the search, in the order of SearchSettings
SEARCHED = ("beam", "length_penalty", "length_ratio", "candidates", "no_repeat_ngram_size")
COMMON = "translation_"
"""How scores of translations begin, whichever component gives them."""


class Translator(Head):
    """Writes a text's translation into one language, subword by subword, with a decoder that reads the vectors of the
    encoder. It has one label, the language.

    What a reference has no translation for has no part in training. Translations that a Doc has into other languages
    stay.
    """

    fixed = ("lang",)

    def __init__(
        self,
        vocab: Vocab,
        model: Model[TranslationInput, Floats1d],
        name: str = "mtl_translate",
        *,
        lang: Optional[str] = None,
        subwords: int = 4000,
        beam: int = 5,
        length_penalty: float = 1.0,
        length_ratio: float = 3.0,
        candidates: int = 1,
        no_repeat_ngram_size: int = 0,
        max_source_length: int = 512,
        scorer: Optional[Callable] = None,
    ) -> None:
        """Initialize the component.

        vocab (Vocab): The shared vocabulary.
        model (Model[TranslationInput, Floats1d]): The model.
        name (str): The name of the component, under which its losses are kept.
        lang (Optional[str]): The language to translate into, as the corpus names it, such as "de"; None for the one
            that the corpus has.
        subwords (int): The most subwords that are learned from the corpus.
        beam (int): How many hypotheses of a text the search goes on with; 1 is greedy, and fastest.
        length_penalty (float): Hypotheses are compared by their log probability over this power of their length: the
            higher, the longer they are.
        length_ratio (float): How many subwords a translation may have for each token of the text, and ten more.
        candidates (int): How many translations of a text to keep, at most `beam`; the best one is its translation.
        no_repeat_ngram_size (int): How many subwords in a row are never written twice in a translation; 0 for no
            limit.
        max_source_length (int): The most tokens of a text that is learned from, or translated; others are warned of
            (W1001).
        scorer (Optional[Callable]): The scorer.
        RAISES (ImportError): E1004 if sentencepiece is not installed.
        RAISES (ValueError): E435 for a wrong setting.
        """
        require_sentencepiece(name)
        check_component_setting(name, "lang", lang, lang is None or bool(lang.strip()), "a language's code, or null")
        check_component_setting(name, "subwords", subwords, subwords >= 8, "8 or more")
        check_component_setting(name, "beam", beam, beam >= 1, "1 or more")
        check_component_setting(name, "length_penalty", length_penalty, length_penalty >= 0, "0 or more")
        check_component_setting(name, "length_ratio", length_ratio, length_ratio > 0, "a number above 0")
        check_component_setting(name, "candidates", candidates, 1 <= candidates <= beam, f"1 to {beam}, the beam")
        check_component_setting(
            name, "no_repeat_ngram_size", no_repeat_ngram_size, no_repeat_ngram_size >= 0, "0 or more"
        )
        check_component_setting(name, "max_source_length", max_source_length, max_source_length >= 1, "1 or more")
        self.vocab = vocab
        self.model = model
        self.name = name
        self.cfg: Dict[str, Any] = {
            "labels": [],
            "lang": lang,
            "subwords": subwords,
            "beam": beam,
            "length_penalty": length_penalty,
            "length_ratio": length_ratio,
            "candidates": candidates,
            "no_repeat_ngram_size": no_repeat_ngram_size,
            "max_source_length": max_source_length,
        }
        self.scorer = scorer
        self._loaded: Optional[Subwords] = None
        self._targets: Optional[List[List[int]]] = None

    @property
    def language(self) -> Optional[str]:
        """RETURNS (Optional[str]): The language that is written; None before initialization if the config has none."""
        return self.labels[0] if self.labels else self.cfg["lang"]

    @property
    def subwords(self) -> Subwords:
        """RETURNS (Subwords): What texts are written in. RAISES (ValueError): E1005 before initialization."""
        model = self.model.get_ref("decoder").attrs["subwords"]
        if not self.labels or not model:
            raise ValueError(Errors.E1005.format(name=self.name))
        if self._loaded is None or self._loaded.model != model:
            self._loaded = Subwords(model, self.name)
        return self._loaded

    def predict(self, docs: Iterable[Doc]) -> List[List[Candidate]]:
        """Translate a batch of Docs, without modifying them.

        docs (Iterable[Doc]): The Docs.
        RETURNS (List[List[Candidate]]): For each Doc its translations, the best first; none for a Doc that is longer
            than `max_source_length`, the empty text for one without tokens.
        RAISES (ValueError): E1005 if the component is not initialized, E1007 if scores are not finite.
        """
        docs = list(docs)
        found: List[List[Candidate]] = [[Candidate("", 0.0)] for _ in docs]
        if not self.has_tokens(docs):
            return found
        subwords = self.subwords
        vectors = self.model.get_ref("tok2vec").predict(docs)
        for i, doc in enumerate(docs):
            if self._is_too_long(doc):
                found[i] = []
        chosen = [i for i, doc in enumerate(docs) if len(doc) and found[i]]
        settings = SearchSettings(*(self.cfg[key] for key in SEARCHED))
        decoder = self.model.get_ref("decoder")
        spellings = spell_docs(decoder, [docs[i] for i in chosen])
        own = [vectors[i] for i in chosen]
        translations = find_translations(decoder, own, subwords, settings, self.name, spellings)
        for i, candidates in zip(chosen, translations):
            found[i] = candidates
        return found

    def set_annotations(self, docs: Iterable[Doc], predictions: Sequence[Sequence[Candidate]]) -> None:
        """Write translations to the Docs.

        docs (Iterable[Doc]): The Docs to modify.
        predictions (Sequence[Sequence[Candidate]]): What `predict` gave.
        """
        for doc, candidates in zip(docs, predictions):
            if candidates and self.language is not None:
                several = {self.language: candidates} if self.cfg["candidates"] > 1 else None
                add_translations(doc, {self.language: candidates[0].text}, several)

    def read_labels(self, example: Example) -> Optional[Iterable[str]]:
        """RETURNS (Optional[Iterable[str]]): The language, if an Example has a translation into it; else None."""
        language = self.language
        return None if language is None or read_translation(example, language) is None else [language]

    def find_loss(self, before: "Translator") -> Optional[Loss]:
        """RETURNS (Optional[Loss]): That of the other's translations, if they are into the same language."""
        if self.language is None or self.language != before.language:
            return None
        lost = "the translations of the second replace those of the first"
        return Loss(f"doc.spans['translation'], '{self.language}'", lost, "Leave one of them out, or set another lang")

    def begin_update(self, examples: Sequence[Example]) -> Tuple[Floats1d, Callable]:
        """Find the losses of a batch.

        examples (Sequence[Example]): The batch.
        RETURNS (Tuple[Floats1d, Callable]): The loss of each Example, and the backprop callback.
        """
        self._targets = self._read_targets(examples)
        return self.model.begin_update(TranslationInput([example.predicted for example in examples], self._targets))

    def get_loss(self, examples: Sequence[Example], scores: Floats1d) -> Tuple[float, Floats1d]:
        """The cross-entropy of the translations with smoothed labels, summed over their subwords.

        examples (Sequence[Example]): The batch that `begin_update` scored.
        scores (Floats1d): The losses that it gave.
        RETURNS (Tuple[float, Floats1d]): The loss and its gradient.
        """
        return float(scores.sum()), self.model.ops.xp.ones_like(scores)

    def count_targets(self, examples: Sequence[Example]) -> int:
        """How many subwords of translations the batch has, their last marks counted.

        examples (Sequence[Example]): The batch that `begin_update` scored.
        RETURNS (int): The number of subwords.
        RAISES (ValueError): E504 if no batch was scored before.
        """
        if self._targets is None:
            raise ValueError(Errors.E504.format(name=self.name))
        return sum(len(target) - 1 for target in self._targets if target)

    def held_out_losses(self, examples: Sequence[Example]) -> Dict[str, Callable[[float], float]]:
        """RETURNS (Dict[str, Callable[[float], float]]): Nothing: the scores of translations are no probabilities that
        a temperature would mend."""
        return {}

    def initialize(
        self,
        get_examples: Callable[[], Iterable[Example]],
        *,
        nlp: Optional[Language] = None,
        labels: Optional[List[str]] = None,
        subwords: Optional[Path] = None,
    ) -> None:
        """Find the language, learn its subwords, and give the model its shape.

        get_examples (Callable[[], Iterable[Example]]): Gives a representative sample of gold Examples.
        nlp (Optional[Language]): The pipeline.
        labels (Optional[List[str]]): The language, as `label_data` gives it and `spacy init labels` saves it.
        subwords (Optional[Path]): A model of sentencepiece to take instead of learning one.
        RAISES (ValueError): E205 for a label that is not a string, E208 if no example has a token, E1001 if there is no
            translation, E1002 if there are several languages and none is set, E1003 for a model that will not do.
        """
        validate_get_examples(get_examples, "Translator.initialize")
        fit_score_weights(nlp, self)
        self._forget()
        self._loaded = None
        given = check_labels(labels or [], self.name)
        wanted = self.cfg["lang"] or (given[0] if given else None)
        translations = collect_translations(get_examples(), self.name, wanted)
        language = self._choose_language(translations, wanted)
        self.cfg["labels"] = [language]
        self.vocab.strings.add(language)
        docs = list(islice((example.x for example in get_examples() if len(example.x)), 10))
        if not docs:
            raise ValueError(Errors.E208.format(name=self.name))
        if subwords is None:
            self._loaded = train_subwords(translations[language], self.cfg["subwords"], self.name)
        else:
            self._loaded = Subwords(Path(subwords).read_bytes(), self.name)
        decoder = self.model.get_ref("decoder")
        decoder.attrs["subwords"] = self._loaded.model
        # found anew, however often the component is initialized
        decoder.set_dim("nO", len(self._loaded), force=True)
        check_static_vectors(self.model, self.vocab, self.name)
        self.model.initialize(X=docs)

    def score(self, examples: Iterable[Example], **kwargs: Any) -> Dict[str, Any]:
        """Score translations against annotated ones.

        examples (Iterable[Example]): The Examples, of which those of sources for other components do not count.
        RETURNS (Dict[str, Any]): See `score_translations`; the same under the component's name, as `{name}_bleu`. Of
            several components of a pipeline the last has those that begin with "translation_".
        """
        own = [example for example in examples if is_for(example, self.name)]
        scores = super().score(own, language=self.language, **kwargs)
        return {**scores, **{score.replace(COMMON, f"{self.name}_", 1): value for score, value in scores.items()}}

    def _choose_language(self, found: Collection[str], wanted: Optional[str]) -> str:
        if not (wanted in found if wanted else found):
            into = f" into '{wanted}'" if wanted else ""
            raise ValueError(Errors.E1001.format(name=self.name, into=into, languages=", ".join(found) or "none"))
        if wanted is None and len(found) > 1:
            raise ValueError(Errors.E1002.format(name=self.name, languages=", ".join(found)))
        return wanted or next(iter(found))

    def _read_targets(self, examples: Sequence[Example]) -> List[List[int]]:
        """RETURNS (List[List[int]]): The subwords of each gold translation; empty where there is nothing to learn."""
        targets: List[List[int]] = [[] for _ in examples]
        texts: Dict[int, str] = {}
        for i, example in enumerate(examples):
            text = read_translation(example, self.labels[0])
            if text is None or self._is_too_long(example.predicted):
                continue
            if text.strip():
                texts[i] = text
            else:
                self._warn_once("W1003", text=example.reference.text[:TEXT_SHOWN])
        divided = self.subwords.encode(list(texts.values()))
        for (i, text), target in zip(texts.items(), divided):
            targets[i] = target
            if UNKNOWN in target:
                self._warn_once("W1002", text=text[:TEXT_SHOWN])
        return targets

    def _is_too_long(self, doc: Doc) -> bool:
        most = self.cfg["max_source_length"]
        if len(doc) > most:
            self._warn_once("W1001", found=len(doc), most=most, text=doc.text[:TEXT_SHOWN])
        return len(doc) > most

    def _allow_extra_label(self) -> None:
        raise ValueError(Errors.E1006.format(name=self.name, language=self.language))
