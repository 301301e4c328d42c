"""What `explain` gives, as data and ready for JSON."""

from typing import Any, Dict, List, NamedTuple, Optional, Tuple

from .tasks import Finding, Written, probability

OCCLUSION, INTEGRATED = METHODS = ("occlusion", "integrated")


class Check(NamedTuple):
    """What becomes of a prediction without some words: whether to believe the explanation.

    words (Tuple[int, ...]): The most important words, at most three.
    without_words (float): The log-odds of the prediction where these are hidden.
    random_words (Tuple[int, ...]): As many words chosen at random.
    without_random (float): The log-odds where those are hidden.
    """

    words: Tuple[int, ...]
    without_words: float
    random_words: Tuple[int, ...]
    without_random: float

    def to_dict(self) -> Dict[str, Any]:
        """RETURNS (Dict[str, Any]): As plain data, with probabilities for log-odds."""
        return {
            "words": list(self.words),
            "probability": _rounded(probability(self.without_words)),
            "random_words": list(self.random_words),
            "random_probability": _rounded(probability(self.without_random)),
        }


class Explanation(NamedTuple):
    """What a prediction rests on. Log-odds are natural logarithms of p / (1 - p).

    component (str): The name of the component.
    kind (str): "category", "entity", "predicate", "sense", "argument", "tag", "span", "translation" or "word".
    label (str): What is predicted: a category, an entity's label, a role, a roleset, a tag; "V" of a predicate; the
        language of a translation, or a word of one.
    start (int): The first token that it is predicted of.
    end (int): The token after the last.
    predicate (Optional[int]): The first token of the predicate that an argument belongs to.
    against (Optional[str]): The label that it is set against; None where against all that it could be instead.
    probability (float): As the pipeline shows it.
    log_odds (float): What is explained: the log-odds of that probability; with `against` the difference of the two
        labels' logarithms.
    baseline (float): The same where all words are hidden.
    encoder (Tuple[float, ...]): For each token its part in `log_odds`, through the encoder.
    own (Optional[Tuple[float, ...]]): For each token its part through what the head has of its own, n-grams or a
        private path; None where the two cannot be told apart, and `encoder` holds both.
    method (str): "occlusion" or "integrated".
    gap (Optional[float]): For "integrated", by how much the parts miss log_odds - baseline, as a share of that (or of
        1, if that is larger).
    check (Optional[Check]): What becomes of it without some words; None if that was not asked.
    words (Tuple[str, ...]): The tokens of the text.
    offsets (Tuple[int, ...]): The first character of each token.
    written (Optional[Written]): The translation, and the place of a word in it; None for other kinds.
    """

    component: str
    kind: str
    label: str
    start: int
    end: int
    predicate: Optional[int]
    against: Optional[str]
    probability: float
    log_odds: float
    baseline: float
    encoder: Tuple[float, ...]
    own: Optional[Tuple[float, ...]]
    method: str
    gap: Optional[float]
    check: Optional[Check]
    words: Tuple[str, ...]
    offsets: Tuple[int, ...]
    written: Optional[Written] = None

    @property
    def parts(self) -> Tuple[float, ...]:
        """RETURNS (Tuple[float, ...]): For each token its whole part, by both routes."""
        own = self.own or (0.0,) * len(self.encoder)
        return tuple(one + other for one, other in zip(self.encoder, own))

    @property
    def name(self) -> str:
        """RETURNS (str): How to name the prediction, such as "PER:Ana" or "gave>ARG0:Ana"."""
        return Finding(*self[:6], self.probability, written=self.written).name(self.words)

    def to_dict(self) -> Dict[str, Any]:
        """RETURNS (Dict[str, Any]): All of it as plain data. Places are characters of the text."""
        own: Any = self.own or [None] * len(self.words)
        return {
            "component": self.component,
            "kind": self.kind,
            "label": self.label,
            "name": self.name,
            **self._place(self.start, self.end),
            "predicate": None if self.predicate is None else self._place(self.predicate, self.predicate + 1),
            **({} if self.written is None else {"translation": self.written._asdict()}),
            "against": self.against,
            "probability": _rounded(self.probability),
            "log_odds": _rounded(self.log_odds),
            "baseline": _rounded(self.baseline),
            "method": self.method,
            "gap": _rounded(self.gap),
            "tokens": [
                {**self._place(i, i + 1), "encoder": _rounded(through), "own": _rounded(by_own)}
                for i, (through, by_own) in enumerate(zip(self.encoder, own))
            ],
            "check": None if self.check is None else self.check.to_dict(),
        }

    def _place(self, start: int, end: int) -> Dict[str, Any]:
        last = max(end - 1, start)
        after = self.offsets[last] + len(self.words[last])
        return {"text": " ".join(self.words[start:end]), "start": self.offsets[start], "end": after}


class Attribution(NamedTuple):
    """The parts of the words in one prediction, before they are put into words.

    log_odds (float): What is explained.
    baseline (float): The same with all words hidden.
    encoder (List[float]): For each token its part through the encoder.
    own (List[float]): For each token its part through what the head has of its own.
    """

    log_odds: float
    baseline: float
    encoder: List[float]
    own: List[float]

    @property
    def parts(self) -> List[float]:
        """RETURNS (List[float]): For each token its whole part, by both routes."""
        return [one + other for one, other in zip(self.encoder, self.own)]

    @property
    def gap(self) -> float:
        """RETURNS (float): By how much the parts miss the whole, as a share of it or of 1."""
        whole = self.log_odds - self.baseline
        return abs(sum(self.encoder) + sum(self.own) - whole) / max(1.0, abs(whole))


def _rounded(value: Optional[float]) -> Optional[float]:
    return None if value is None else round(float(value), 6)
