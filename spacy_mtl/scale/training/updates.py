"""The updates of a training by several workers, as `spacy.training.loop.train_while_improving` does them in one."""

from dataclasses import asdict, dataclass, field
from timeit import default_timer as timer
from typing import Any, Callable, Dict, Iterable, Iterator, List, Optional, Sequence, Tuple

from spacy.language import Language
from spacy.training import Example
from spacy.training.loop import subdivide_batch
from thinc.api import Optimizer

from ...pipeline.tok2vec.component import MultiTaskTok2Vec
from .gradients import GradientSum, find_learning
from .group import Group
from .learning import SharedEncoder


@dataclass
class Progress:
    """How far a training is.

    step (int): Updates that were made.
    words (int): Words that were learned from, with repetition.
    seconds (float): How long it took.
    results (List[Tuple[float, int]]): The weighted score of each evaluation, and the number of the update before it.
    """

    step: int = 0
    words: int = 0
    seconds: float = 0.0
    results: List[Tuple[float, int]] = field(default_factory=list)

    def is_over(self, max_steps: int, patience: int) -> bool:
        """Whether a training of these settings is at its end.

        max_steps (int): The most updates, counted from 0 as spaCy does; 0 for any number.
        patience (int): How many updates may bring nothing better; 0 for any number.
        RETURNS (bool): Whether it is.
        """
        if not self.results:
            return False
        last = self.step - 1
        # of the same scores the earliest counts
        _, best = max((score, -step) for score, step in self.results)
        return bool(patience and last + best >= patience) or bool(max_steps and last >= max_steps)

    def to_dict(self) -> Dict[str, Any]:
        """RETURNS (Dict[str, Any]): The same, fit for msgpack."""
        return asdict(self)

    @classmethod
    def from_dict(cls, saved: Dict[str, Any]) -> "Progress":
        """RETURNS (Progress): What `to_dict` gave."""
        return cls(**{**saved, "results": [(score, step) for score, step in saved["results"]]})


class Updater:
    """Updates a pipeline by batches that the workers share out."""

    def __init__(
        self,
        nlp: Language,
        optimizer: Optimizer,
        group: Group,
        *,
        dropout: float,
        accumulate_gradient: int,
        frozen: Sequence[str],
        annotating: Sequence[str],
    ) -> None:
        """Prepare for updates.

        nlp (Language): The pipeline, initialized.
        optimizer (Optimizer): The optimizer.
        group (Group): The workers.
        dropout (float): The dropout rate.
        accumulate_gradient (int): In how many parts a batch is learned, one after the other.
        frozen (Sequence[str]): The names of components that do not learn.
        annotating (Sequence[str]): Those of components that annotate for others.
        """
        self._nlp = nlp
        self._optimizer = optimizer
        self._group = group
        self._dropout = dropout
        self._accumulate = accumulate_gradient
        self._frozen = list(frozen)
        self._annotating = list(annotating)
        self._pipes = find_learning(nlp, frozen)
        is_shared = group.size > 1
        encoders = [pipe for pipe in self._pipes if isinstance(pipe, MultiTaskTok2Vec) and is_shared]
        self._encoders = [SharedEncoder(pipe, group) for pipe in encoders]
        self._sum = GradientSum(self._pipes, group) if is_shared and self._pipes else None

    def update(self, batch: Sequence[Example], losses: Dict[str, float]) -> None:
        """Learn from a batch.

        batch (Sequence[Example]): The batch, the same for all workers.
        losses (Dict[str, float]): The running sums that the losses of this worker's part are added to.
        RAISES (ValueError): What components raise; E723 if the workers have different batches.
        RAISES (ConnectionError): E721 if another worker is gone.
        """
        for part in subdivide_batch(batch, self._accumulate):
            own = choose_share(part, self._group)
            if own:
                self._nlp.update(
                    own,
                    drop=self._dropout,
                    losses=losses,
                    sgd=False,  # type: ignore[arg-type]
                    exclude=self._frozen,
                    annotates=self._annotating,
                )
            for encoder in self._encoders:
                encoder.learn()
        if self._sum is not None:
            self._sum.add(batch)
        for pipe in self._pipes:
            pipe.finish_update(self._optimizer)
        self._optimizer.step_schedules()

    def close(self) -> None:
        """Let the encoders learn alone again."""
        for encoder in self._encoders:
            encoder.close()


def choose_share(batch: Sequence[Example], group: Group) -> List[Example]:
    """A worker's part of a batch: about as many words as the others have.

    batch (Sequence[Example]): The batch.
    group (Group): The workers.
    RETURNS (List[Example]): The part, which is empty where there are fewer texts than workers.
    """
    if group.size == 1:
        return list(batch)
    shares: List[List[Example]] = [[] for _ in range(group.size)]
    words = [0] * group.size
    # the longest text to whoever has least (Graham 1969): the largest share is what all wait for
    for example in sorted(batch, key=lambda example: len(example.predicted), reverse=True):
        place = words.index(min(words))
        shares[place].append(example)
        words[place] += len(example.predicted)
    return shares[group.rank]


def train_while_improving(
    nlp: Language,
    updater: Updater,
    batches: Iterable[Tuple[int, Sequence[Example]]],
    evaluate: Callable[[], Tuple[float, Dict[str, Any]]],
    group: Group,
    progress: Progress,
    *,
    optimizer: Optimizer,
    max_steps: int,
    patience: int,
    eval_frequency: int,
    before_update: Optional[Callable[[Language, Dict[str, Any]], None]] = None,
) -> Iterator[Tuple[Dict[str, Any], Optional[bool]]]:
    """Train until nothing improves, or from where a training was stopped.

    nlp (Language): The pipeline.
    updater (Updater): Updates it.
    batches (Iterable[Tuple[int, Sequence[Example]]]): Epoch and batch, from the next one on; the same for all workers.
    evaluate (Callable[[], Tuple[float, Dict[str, Any]]]): Gives the weighted score and all scores.
    group (Group): The workers.
    progress (Progress): How far the training is, which is changed.
    optimizer (Optimizer): The optimizer.
    max_steps (int): The most updates; 0 for any number.
    patience (int): How many updates may bring nothing better; 0 for any number.
    eval_frequency (int): The updates from one evaluation to the next.
    before_update (Optional[Callable[[Language, Dict[str, Any]], None]]): Called before each update.
    YIELDS (Tuple[Dict[str, Any], Optional[bool]]): After each update what spaCy's own loop tells, and whether the
        pipeline is the best so far; None where it was not evaluated.
    """
    losses: Dict[str, float] = {}
    began = timer() - progress.seconds
    if progress.is_over(max_steps, patience):
        return
    for epoch, batch in batches:
        step = progress.step
        if before_update:
            before_update(nlp, {"step": step, "epoch": epoch})
        updater.update(batch, losses)
        score, scores, is_best = None, None, None
        if step % eval_frequency == 0:
            with nlp.use_params(optimizer.averages or {}):
                score, scores = evaluate()
            progress.results.append((score, step))
            is_best = score == max(progress.results)[0]
            losses = _add_up(group.gather(losses))
        progress.step += 1
        progress.words += sum(len(example) for example in batch)
        progress.seconds = timer() - began
        yield (
            {
                "epoch": epoch,
                "step": step,
                "score": score,
                "other_scores": scores,
                "losses": losses,
                "checkpoints": progress.results,
                "seconds": int(progress.seconds),
                "words": progress.words,
            },
            is_best,
        )
        if is_best is not None:
            losses = {}
        if progress.is_over(max_steps, patience):
            return


def _add_up(parts: Sequence[Dict[str, float]]) -> Dict[str, float]:
    names = dict.fromkeys(name for part in parts for name in part)
    return {name: sum(part.get(name, 0.0) for part in parts) for name in names}
