"""The development corpus, annotated by all workers and scored by the first."""

from typing import Any, Callable, Dict, Iterable, Iterator, List, Tuple

from spacy.language import Language
from spacy.scorer import Scorer
from spacy.tokens import Doc
from spacy.training import Example
from spacy.training.loop import create_evaluation_callback

from ...pipeline.language.wire import pack, unpack
from .group import Group


class SharedEvaluation:
    """Evaluates a pipeline as `nlp.evaluate` does, each worker on some of the texts.

    nlp (Language): The pipeline.
    pipe_names (List[str]): The names of its components.
    """

    def __init__(self, nlp: Language, group: Group) -> None:
        """nlp (Language): The pipeline. group (Group): The workers."""
        self.nlp = nlp
        self._group = group

    @property
    def pipe_names(self) -> List[str]:
        return self.nlp.pipe_names

    def evaluate(self, examples: Iterable[Example]) -> Dict[str, Any]:
        """Evaluate the pipeline.

        examples (Iterable[Example]): The corpus, the same for all workers.
        RETURNS (Dict[str, Any]): The scores, which are those of the whole corpus, for all workers.
        RAISES (ConnectionError): E721 if another worker is gone.
        """
        examples = list(examples)
        own = examples[self._group.rank :: self._group.size]
        gathering: Any = _GatheringScorer(self.nlp, examples, self._group)
        scores = self.nlp.evaluate(own, scorer=gathering)
        speed = sum(self._group.gather(scores.pop("speed")))
        return self._group.share({**scores, "speed": speed})


class _GatheringScorer:
    """Takes the place of spaCy's scorer, with which the first worker then scores the Docs of all."""

    def __init__(self, nlp: Language, examples: List[Example], group: Group) -> None:
        self._nlp = nlp
        self._examples = examples
        self._group = group

    def score(self, examples: Iterable[Example], *, per_component: bool = False) -> Dict[str, Any]:
        parts = self._group.gather(pack([example.predicted for example in examples]))
        if not self._group.is_first:
            return {}
        found: List[Iterator[Doc]] = [unpack(part, self._nlp.vocab) for part in parts]
        whole = [Example(next(found[i % len(found)]), each.reference) for i, each in enumerate(self._examples)]
        return Scorer(nlp=self._nlp).score(whole, per_component=per_component)


def make_evaluation(
    nlp: Language, dev_corpus: Callable, weights: Dict[str, float], group: Group
) -> Callable[[], Tuple[float, Dict[str, Any]]]:
    """Make what `spacy train` evaluates by.

    nlp (Language): The pipeline.
    dev_corpus (Callable[[Language], Iterator[Example]]): Reads the corpus.
    weights (Dict[str, float]): By score, how much it counts.
    group (Group): The workers.
    RETURNS (Callable[[], Tuple[float, Dict[str, Any]]]): Gives the weighted score and all scores. All workers must
        call it.
    """
    if group.size == 1:
        return create_evaluation_callback(nlp, dev_corpus, weights)
    shared: Any = SharedEvaluation(nlp, group)
    return create_evaluation_callback(shared, lambda _: dev_corpus(nlp), weights)
