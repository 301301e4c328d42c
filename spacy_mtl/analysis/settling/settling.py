"""A short second training over a frozen encoder, in which each head keeps the parameters of its own best step.

Jointly trained heads are seldom best at the same step, and the pipeline is saved at one. Over a frozen encoder no head
touches another by its training, so that each can be stopped by itself.
"""

from typing import Any, Callable, Dict, Iterator, List, Mapping, NamedTuple, Optional, Sequence

from spacy.language import Language
from spacy.schemas import ConfigSchemaTraining
from spacy.training import Example
from spacy.training.loop import create_train_batches, subdivide_batch, update_meta
from spacy.util import combine_score_weights, fix_random_seed, registry, resolve_dot_names
from thinc.api import Config, Optimizer, constant

from ...errors import Errors
from ...pipeline.reading import find_sources
from ..metrics.counts import find_metrics
from ..metrics.tasks import Task, find_own_scores, get_default_weights
from ..trainings.derived_configs import find_tasks
from .frozen_encoders import FrozenEncoders
from .short_training import Settings, choose_settings, make_rates, schedule_rate

Scores = Dict[str, Any]


class Settled(NamedTuple):
    """What became of a head.

    task (str): The name of the component.
    scores (Dict[str, float]): The scores that count, and their weights, which add up to 1.
    before (float): Their weighted mean on the development corpus at the start.
    after (float): The same at the end.
    step (int): After how many updates the parameters were that it has now; 0 for those of the start.
    """

    task: str
    scores: Dict[str, float]
    before: float
    after: float
    step: int


class Settlement(NamedTuple):
    """What settling did.

    heads (List[Settled]): The heads, in the order of the pipeline.
    settings (Settings): How it was done.
    """

    heads: List[Settled]
    settings: Settings


Progress = Callable[[int, int], None]
"""Called with the updates that are done, and all."""


class Kept:
    """The best parameters of a head so far."""

    def __init__(self, nlp: Language, task: Task, weights: Mapping[str, float]) -> None:
        """nlp (Language): The pipeline. task (Task): The head. weights (Mapping[str, float]): Its scores' weights."""
        self.task = task
        self.weights = dict(weights)
        self.step = 0
        self._model = nlp.get_pipe(task.name).model  # type: ignore[attr-defined]
        self._start = self._best = self._model.to_bytes()
        self.before = self.best = float("-inf")

    def start(self, scores: Scores) -> None:
        """scores (Scores): Those of the development corpus at the start."""
        self.before = self.best = self.weigh(scores)

    def offer(self, scores: Scores, step: int) -> None:
        """Keep the parameters that the head has now if they are better than all before.

        scores (Scores): Those of the development corpus.
        step (int): The updates that are done.
        """
        score = self.weigh(scores)
        if score > self.best:
            self.best, self.step, self._best = score, step, self._model.to_bytes()

    def give_back(self) -> None:
        """Give the head its best parameters."""
        self._model.from_bytes(self._best)

    def give_up(self) -> None:
        """Give the head the parameters of the start."""
        self.step, self._best = 0, self._start
        self.give_back()

    def weigh(self, scores: Scores) -> float:
        """The head's own score.

        scores (Scores): What `nlp.evaluate` gave.
        RETURNS (float): The weighted mean of its scores.
        RAISES (ValueError): E774 if one of them is missing.
        """
        lacking = [name for name in self.weights if scores.get(name) is None]
        if lacking:
            raise ValueError(Errors.E774.format(task=self.task.name, scores=", ".join(lacking)))
        return sum(weight * float(scores[name]) for name, weight in self.weights.items())


def settle(
    nlp: Language,
    config: Config,
    *,
    tasks: Sequence[str] = (),
    steps: Optional[int] = None,
    eval_every: Optional[int] = None,
    learn_rate: Optional[float] = None,
    progress: Optional[Progress] = None,
) -> Settlement:
    """Train the heads of a trained pipeline on, each up to its own best step, while the encoders stay as they are.

    The config's corpora, batcher, dropout, optimizer, seed, score weights and callbacks are used. A head is left alone
    if it listens to no encoder of the pipeline, if the config freezes it, or if another reads its decisions: what that
    one has learned is for these.

    nlp (Language): The pipeline. It is changed, its `meta["performance"]` included.
    config (Config): The config that it was trained with, with its variables filled in.
    tasks (Sequence[str]): The names of the heads; none for all.
    steps (Optional[int]): Updates; by default a tenth of the config's max_steps.
    eval_every (Optional[int]): Updates between evaluations; by default a tenth of the steps.
    learn_rate (Optional[float]): The highest learning rate; by default a sixth of the config's.
    progress (Optional[Progress]): Told of each update.
    RETURNS (Settlement): What became of each head.
    RAISES (OSError, ValueError): What the config's readers raise; E770 if there is no head to train, E771 for a wrong
        task, E772 for a pipeline that lacks components of the config, E773 for an empty development corpus, E774 if
        it gives no score for a head, E775 for wrong settings.
    """
    config = Config(nlp.default_config).merge(config).interpolate()
    _check_components(nlp, config)
    training = registry.resolve(config["training"], schema=ConfigSchemaTraining)
    heads = choose_heads(nlp, training["frozen_components"], tasks)
    settings = choose_settings(config, training, steps, eval_every, learn_rate)
    train_corpus, dev_corpus = resolve_dot_names(config, [training["train_corpus"], training["dev_corpus"]])
    optimizer: Optimizer = training["optimizer"]
    schedule_rate(optimizer, make_rates(settings.learn_rate, settings.steps))
    default_weights = [get_default_weights(nlp, name) for name in nlp.component_names]
    score_weights = combine_score_weights(default_weights, training["score_weights"])  # type: ignore[arg-type]
    kept = [Kept(nlp, head, weigh_own_scores(nlp, head, score_weights)) for head in heads]
    if training["seed"] is not None:
        fix_random_seed(training["seed"])

    def evaluate(step: int) -> None:
        with nlp.use_params(optimizer.averages or {}):
            examples = list(dev_corpus(nlp))
            if not examples:
                raise ValueError(Errors.E773.format(name=training["dev_corpus"]))
            scores = nlp.evaluate(examples)
            for head in kept:
                if step:
                    head.offer(scores, step)
                else:
                    head.start(scores)

    evaluate(0)
    for step in _train(nlp, heads, training, train_corpus, optimizer, settings.steps):
        if step % settings.eval_every == 0 or step == settings.steps:
            evaluate(step)
        if progress is not None:
            progress(step, settings.steps)
    scores = _assemble(nlp, kept, lambda: nlp.evaluate(dev_corpus(nlp)))
    update_meta({"score_weights": score_weights}, nlp, {"other_scores": scores, "losses": {}})
    found = [Settled(head.task.name, head.weights, head.before, head.weigh(scores), head.step) for head in kept]
    return Settlement(found, settings)


def choose_heads(nlp: Language, frozen: Sequence[str], tasks: Sequence[str] = ()) -> List[Task]:
    """The heads that can be settled: those that listen to an encoder of the pipeline, and that no other head reads.

    nlp (Language): The pipeline.
    frozen (Sequence[str]): Names of components that are not trained.
    tasks (Sequence[str]): The names of the wanted ones; none for all.
    RETURNS (List[Task]): The heads in their order.
    RAISES (ValueError): E770 if there is none, E771 for a name that is none of theirs.
    """
    sources = {reader.source_name for readers in find_sources(nlp).values() for reader in readers}
    heads = [task for task in find_tasks(nlp, frozen) if task.encoders and task.name not in sources]
    names = [head.name for head in heads]
    if not heads:
        raise ValueError(Errors.E770.format(found=", ".join(nlp.pipe_names) or "none"))
    wrong = [name for name in tasks if name not in names]
    if wrong:
        raise ValueError(Errors.E771.format(found=", ".join(wrong), expected=", ".join(names)))
    return [head for head in heads if not tasks or head.name in tasks]


def weigh_own_scores(nlp: Language, task: Task, weights: Mapping[str, Optional[float]]) -> Dict[str, float]:
    """By what a head is judged: its scores that have a weight; else the first that is logged, with the weight 0; else
    its main one. A score that other heads give under the same name is left out, since it may be theirs.

    nlp (Language): The pipeline.
    task (Task): The head.
    weights (Mapping[str, Optional[float]]): The score weights of the config.
    RETURNS (Dict[str, float]): The names of scores, and weights that add up to 1.
    RAISES (ValueError): E774 for a component without scores.
    """
    others = [other for other in find_tasks(nlp, ()) if other.name != task.name]
    shared = {name for other in others for name in find_own_scores(nlp, other, list(weights))}
    own = [name for name in find_own_scores(nlp, task, list(weights)) if name not in shared]
    weighted = {name: float(weights[name] or 0.0) for name in own if (weights[name] or 0.0) > 0.0}
    if weighted:
        total = sum(weighted.values())
        return {name: weight / total for name, weight in weighted.items()}
    logged = [name for name in own if weights[name] is not None]
    chosen = logged[:1] or [metric.score for metric in find_metrics(nlp, task, weights)[:1]]
    if not chosen:
        raise ValueError(Errors.E774.format(task=task.name, scores="any of its own"))
    return {chosen[0]: 1.0}


def _check_components(nlp: Language, config: Config) -> None:
    lacking = [name for name in config["nlp"]["pipeline"] if name not in nlp.component_names]
    if lacking:
        raise ValueError(Errors.E772.format(lacking=", ".join(lacking), found=", ".join(nlp.component_names)))


def _train(
    nlp: Language,
    heads: Sequence[Task],
    training: Mapping[str, Any],
    corpus: Callable[[Language], Any],
    optimizer: Optimizer,
    steps: int,
) -> Iterator[int]:
    """Update the heads as `spacy train` does, and tell after how many updates."""
    names = [head.name for head in heads]
    exclude = [name for name in nlp.pipe_names if name not in names]
    is_streamed = training["max_epochs"] < 0
    encoders = FrozenEncoders(nlp, names, training["annotating_components"], keep=not is_streamed)
    dropout = training["dropout"]
    dropouts = constant(dropout) if isinstance(dropout, float) else dropout
    batches = create_train_batches(nlp, corpus, training["batcher"], -1 if is_streamed else 0)
    for step, (epoch, batch) in enumerate(batches):
        # a listener refuses Docs without vectors
        examples: List[Example] = [example for example in batch if len(example.predicted)]
        if training["before_update"]:
            training["before_update"](nlp, {"step": step, "epoch": epoch})
        drop = next(dropouts)
        for part in subdivide_batch(examples, training["accumulate_gradient"]):
            encoders.prepare(part)
            nlp.update(part, drop=drop, sgd=False, exclude=exclude, annotates=encoders.annotates)  # type: ignore[arg-type]
        for name in names:
            nlp.get_pipe(name).finish_update(optimizer)  # type: ignore[attr-defined]
        optimizer.step_schedules()
        yield step + 1
        if step + 1 == steps:
            break


def _assemble(nlp: Language, kept: Sequence[Kept], evaluate: Callable[[], Scores]) -> Scores:
    """Put the heads together. A head may read what another sets, and so be worse for the other's parameters: then it
    goes back to the start, and if that does not help, all do."""
    for head in kept:
        head.give_back()
    scores = evaluate()
    for all_go_back in (False, True):
        worse = [head for head in kept if head.weigh(scores) < head.before]
        if not worse:
            break
        for head in kept if all_go_back else worse:
            head.give_up()
        scores = evaluate()
    return scores
