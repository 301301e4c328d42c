"""A copy of a pipeline in training, on which steps are tried while the pipeline itself stays as it is."""

from math import isfinite, nan
from typing import Any, Callable, Dict, Iterator, List, Mapping, Sequence, Tuple

from spacy.language import Language
from spacy.pipeline.tok2vec import Tok2VecListener
from spacy.tokens import Doc
from spacy.training import Example
from spacy.util import load_model_from_config
from thinc.api import Model, PyTorchShim, fix_random_seed, set_dropout_rate, torch2xp, xp2torch
from thinc.compat import torch
from thinc.types import Floats2d

from ...pipeline.tok2vec.batch import EncodedBatch
from ...pipeline.tok2vec.parameter_gradients import ParameterGradients
from ...types import TokenVectors

Probes = Mapping[str, Sequence[Example]]
"""By task, Examples that are annotated for it."""
FIXED_RATES = ("fixed_dropout", "hide_words")
SEED = 0


class Shadow:
    """The copy. It has the vocabulary of the pipeline, and parameters of its own, in which nothing is random: dropout
    is off, also where its rate does not follow [training]."""

    def __init__(self, nlp: Language, encoder: str, tasks: Sequence[str], annotating: Sequence[str] = ()) -> None:
        """Copy a pipeline.

        nlp (Language): The pipeline, initialized.
        encoder (str): The name of the component that the tasks share.
        tasks (Sequence[str]): The names of the components that listen to it and are looked at.
        annotating (Sequence[str]): Names of the components that annotate texts before they are learned from.
        """
        self._original = nlp
        self._nlp = load_model_from_config(nlp.config, vocab=nlp.vocab)
        self._nlp.from_bytes(nlp.to_bytes(exclude=["vocab"]), exclude=["vocab"])
        pipe: Any = self._nlp.get_pipe(encoder)
        self._encoder: Model = pipe.model
        self._listeners: Dict[str, List[Tok2VecListener]] = {task: list(pipe.listener_map[task]) for task in tasks}
        self._annotating = [name for name in self._nlp.pipe_names if name in annotating]
        self._copied = list(dict.fromkeys([encoder, *tasks, *self._annotating]))

    def synchronize(self) -> None:
        """Take over what the pipeline has learned by now."""
        for name in self._copied:
            model, own = (getattr(nlp.get_pipe(name), "model", None) for nlp in (self._original, self._nlp))
            if isinstance(model, Model) and isinstance(own, Model):
                own.from_bytes(model.to_bytes())
                switch_dropout_off(own)

    def annotate(self, probes: Probes) -> Dict[str, List[Example]]:
        """Let the annotating components read the texts, as they do in training.

        probes (Probes): The Examples.
        RETURNS (Dict[str, List[Example]]): By task, the same with what these components say of the predicted Doc.
        """
        if not self._annotating:
            return {task: list(examples) for task, examples in probes.items()}
        copies: Dict[int, Example] = {}
        for examples in probes.values():
            for example in examples:
                copies.setdefault(id(example), Example(example.predicted.copy(), example.reference))
        docs: Any = [example.predicted for example in copies.values()]
        for name in self._annotating:
            pipe: Any = self._nlp.get_pipe(name)
            docs = list(pipe.pipe(docs)) if hasattr(pipe, "pipe") else [pipe(doc) for doc in docs]
        return {task: [copies[id(example)] for example in examples] for task, examples in probes.items()}

    def find_losses(self, probes: Probes) -> Dict[str, float]:
        """The losses for the parameters that the copy has now.

        probes (Probes): The Examples of the tasks that are asked for. The encoder reads each text once.
        RETURNS (Dict[str, float]): By task, what its component adds to the losses in training.
        """
        docs = {id(example.predicted): example.predicted for examples in probes.values() for example in examples}
        vectors: Dict[int, Any] = dict(zip(docs, self._encoder.predict(list(docs.values()))))
        losses = {}
        for task, examples in probes.items():
            rows = [vectors[id(example.predicted)] for example in examples]
            losses[task], _ = self._update(task, examples, rows, _ignore)
        return losses

    def find_gradient(self, task: str, examples: Sequence[Example]) -> Floats2d:
        """The gradient of a task's loss by the parameters of the encoder.

        task (str): The task.
        examples (Sequence[Example]): Examples that are annotated for it.
        RETURNS (Floats2d): In the order of `read_parameters`, shape (1, parameters).
        """
        gradients = ParameterGradients(self._encoder)
        gradients.take()
        fix_random_seed(SEED)
        docs = [example.predicted for example in examples]
        vectors, backprop = self._encoder.begin_update(docs)
        _, batch = self._update(task, examples, vectors, backprop)
        # a component that found nothing to learn from has reported nothing
        if task in batch.gradients:
            batch.backpropagate(batch.gradients[task])
        return gradients.take()

    def read_parameters(self) -> List[Any]:
        """RETURNS (List[FloatsXd]): Copies of the encoder's parameters, as they lie in the pipeline's copy."""
        return read_parameters(self._encoder)

    def write_parameters(self, parameters: Sequence[Any]) -> None:
        """Set the encoder's parameters.

        parameters (Sequence[FloatsXd]): What `read_parameters` gave.
        """
        for (_, write), value in zip(_find_parameters(self._encoder), parameters):
            write(value.copy())

    def step(self, parameters: Sequence[Any], direction: Floats2d, length: float) -> None:
        """Set the encoder's parameters to a place beside others.

        parameters (Sequence[FloatsXd]): The others.
        direction (Floats2d): A gradient: the step goes down, straight against it, shape (1, parameters).
        length (float): How far.
        """
        row = direction[0] * (length / find_length([direction]))
        moved, start = [], 0
        for value in parameters:
            moved.append(value - row[start : start + value.size].reshape(value.shape))
            start += value.size
        self.write_parameters(moved)

    def _update(
        self, task: str, examples: Sequence[Example], vectors: TokenVectors, backprop: Callable
    ) -> Tuple[float, EncodedBatch]:
        """Let a component learn, without a step, from vectors that are handed to it; the encoder's component, with its
        balancer, is not asked."""
        pipe: Any = self._nlp.get_pipe(task)
        docs: List[Doc] = [example.predicted for example in examples]
        losses: Dict[str, float] = {}
        batch = EncodedBatch(docs, vectors, backprop, self._encoder.ops, losses)
        batch.send({task: self._listeners[task]}, _collect, is_guarded=True)
        # some components draw lots: with the same seed they draw the same before and after a step
        fix_random_seed(SEED)
        try:
            pipe.update(examples, drop=0.0, losses=losses)
        finally:
            batch.close()
        loss = float(losses.get(task, 0.0))
        gradient: Any = batch.gradients.get(task)
        # a component that drops the batch adds nothing to the losses, which would pass for the best there can be
        if gradient is not None and not isfinite(float(gradient.sum())):
            loss = nan
        return loss, batch


def read_parameters(model: Model) -> List[Any]:
    """Copies of the parameters of a model that learn.

    model (Model): The model, initialized.
    RETURNS (List[FloatsXd]): The parameters, in the order of `spacy_mtl.pipeline.tok2vec.parameter_gradients`.
    """
    return [read() for read, _ in _find_parameters(model)]


def find_length(parts: Sequence[Any]) -> float:
    """The Euclidean length of a vector.

    parts (Sequence[FloatsXd]): The vector, in parts of any shape.
    RETURNS (float): Its length.
    """
    return float(sum(float((part.astype("float64") ** 2).sum()) for part in parts)) ** 0.5


def switch_dropout_off(model: Model) -> None:
    """Set all rates of dropout to zero, those of torch and of word dropout included.

    model (Model): The model, changed in place.
    """
    set_dropout_rate(model, 0.0)
    for node in model.walk():
        if node.name in FIXED_RATES:
            node.attrs["rate"] = 0.0
        for shim in node.shims:
            if hasattr(shim, "tuning"):
                shim.tuning = shim.tuning._replace(word_dropout=0.0)
            if isinstance(shim, PyTorchShim) and shim._model is not None:
                for module in shim._model.modules():
                    if isinstance(module, torch.nn.modules.dropout._DropoutNd):
                        module.p = 0.0
                    elif isinstance(module, torch.nn.RNNBase):
                        module.dropout = 0.0


def _find_parameters(model: Model) -> Iterator[Tuple[Callable[[], Any], Callable[[Any], None]]]:
    for node in model.walk():
        for name in node.param_names:
            if node.has_param(name):
                yield _make_layer_access(node, name)
        for shim in node.shims:
            if shim._model is not None:
                for parameter in shim._model.parameters():
                    if parameter.requires_grad:
                        yield _make_torch_access(parameter)


def _make_layer_access(node: Model, name: str) -> Tuple[Callable[[], Any], Callable[[Any], None]]:
    def read() -> Any:
        return node.get_param(name).copy()

    def write(value: Any) -> None:
        node.set_param(name, value)

    return read, write


def _make_torch_access(parameter: Any) -> Tuple[Callable[[], Any], Callable[[Any], None]]:
    def read() -> Any:
        return torch2xp(parameter.detach()).copy()

    def write(value: Any) -> None:
        parameter.data.copy_(xp2torch(value, device=parameter.device))

    return read, write


def _collect(batch: EncodedBatch, name: str, d_vectors: TokenVectors) -> TokenVectors:
    gradient = batch.add(name, d_vectors)
    return batch.split(batch.ops.alloc2f(*gradient.shape))


def _ignore(d_vectors: TokenVectors) -> List:
    return []
