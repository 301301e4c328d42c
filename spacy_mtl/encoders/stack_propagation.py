"""What a head reads beside the shared encoder: the soft decisions of another head."""

from contextlib import contextmanager, nullcontext
from typing import Any, Callable, Dict, Iterator, List, Optional, Protocol, Sequence, Tuple

from spacy.pipeline.tok2vec import Tok2VecListener
from spacy.tokens import Doc
from thinc.api import Model

from ..errors import Errors
from ..types import TokenVectors
from .private_path import LISTENING

NAME = f"stack_propagation({LISTENING})"
ARCHITECTURE = "spacy-mtl.StackPropagation.v1"


class DecisionSource(Protocol):
    """A component whose soft decisions can be read."""

    @property
    def model(self) -> Model:
        """RETURNS (Model): Its model, with the listeners that it has."""
        ...

    @property
    def width(self) -> int:
        """RETURNS (int): How many decisions it takes for each token. RAISES (ValueError): E453 if that is unknown."""
        ...

    def read(self, docs: List[Doc], is_train: bool) -> Tuple[TokenVectors, Callable[[TokenVectors], Any]]:
        """Decide anew.

        docs (List[Doc]): The Docs.
        is_train (bool): Whether for training.
        RETURNS (Tuple[TokenVectors, Callable]): Probabilities of shape (tokens, width) for each Doc, and a callback
            that takes their gradient.
        """
        ...


class DecisionReader(Model):
    """The layer that `build_stack_propagation` makes. Its pipeline gives it the component that it reads; the component
    is no part of the layer: neither of what is saved with it, nor of what an optimizer changes through it.

    source_name (str): The name of the component.
    gradient (bool): Whether the gradient goes on to it.
    source (Optional[DecisionSource]): The component; None until a pipeline has both.
    """

    def __init__(self, shared: Model[List[Doc], TokenVectors], source_name: str, gradient: bool) -> None:
        """See `build_stack_propagation`."""
        super().__init__(NAME, _forward, init=_init, layers=[shared], dims={"nO": None}, refs={"shared": shared})
        self.source_name = source_name
        self.gradient = gradient
        self.source: Optional[DecisionSource] = None

    def require_source(self) -> DecisionSource:
        """RETURNS (DecisionSource): The component. RAISES (ValueError): E450 if the layer is in no pipeline with it."""
        if self.source is None:
            raise ValueError(Errors.E450.format(source=self.source_name))
        return self.source


def build_stack_propagation(
    shared: Model[List[Doc], TokenVectors], source: str, gradient: bool = True
) -> Model[List[Doc], TokenVectors]:
    """Join what a listener hears with what another head decides: the probabilities of its labels, for each token.

    It stands in the place of a listener, `model.tok2vec` of any head, ours or spaCy's. The decisions are computed anew
    from the vectors that the reader hears, so that the other component need not have run, and may be disabled or
    frozen. In training the gradient of the reader's loss goes on to the parameters of the other head and through it to
    the encoder, as part of the reader's own report: a balancer sees one gradient of one loss. (Qin et al. 2019, "A
    Stack-Propagation Framework with Token-Level Intent Detection for Spoken Language Understanding"; there the decision
    is read as an argmax.)

    shared (Model[List[Doc], List[Floats2d]]): The listener, or a layer around it such as a private path.
    source (str): The name of the component that is read. It stands before the reader in the pipeline.
    gradient (bool): Whether the gradient goes on through the decisions. If not, they are read as they come.
    RETURNS (Model[List[Doc], List[Floats2d]]): Vectors of shape (tokens, shared width + decisions) for each Doc.
    RAISES (ValueError): When it is initialized or used, E450 if no pipeline has given it the component, E453 if its
        labels are unknown, E454 if they are others than when it was initialized, E455 if it listens to an encoder that
        the reader does not hear.
    """
    return DecisionReader(shared, source, gradient)


def find_readers(model: Any) -> List[DecisionReader]:
    """The layers of a model that read other components.

    model (Any): The model of a component, or what stands in its place.
    RETURNS (List[DecisionReader]): The layers.
    """
    nodes = model.walk() if isinstance(model, Model) else ()
    return [node for node in nodes if isinstance(node, DecisionReader)]


class _Sink:
    """Keeps the gradients of vectors that come back to a listener which has lent them."""

    def __init__(self, listener: Tok2VecListener) -> None:
        self.listener = listener
        self._report: Any = listener._backprop
        self._gradient: Optional[TokenVectors] = None

    def add(self, d_vectors: TokenVectors) -> TokenVectors:
        gradient = self._gradient or [0.0] * len(d_vectors)
        self._gradient = [kept + part for kept, part in zip(gradient, d_vectors)]
        return [part * 0 for part in d_vectors]

    def report(self, d_vectors: TokenVectors) -> Any:
        kept, self._gradient = self._gradient, None
        return self._report(d_vectors if kept is None else [part + more for part, more in zip(d_vectors, kept)])


def _forward(model: Model, docs: List[Doc], is_train: bool) -> Tuple[TokenVectors, Callable]:
    assert isinstance(model, DecisionReader)
    source, shared = model.require_source(), model.layers[0]
    sinks = [_Sink(node) for node in _listeners(shared)] if is_train else []
    with _lend(sinks, model, source) if is_train else nullcontext():
        decisions, backprop_source = source.read(docs, is_train)
    with _reporting(sinks):
        vectors, backprop_shared = shared(docs, is_train)
    _check_width(model, source)
    xp = model.ops.xp
    width = vectors[0].shape[1] if vectors else 0

    def backprop(d_joined: TokenVectors) -> Any:
        if model.gradient and is_train:
            # before the listener reports: what goes through the source is part of it
            backprop_source([model.ops.as_contig(part[:, width:]) for part in d_joined])
        return backprop_shared([model.ops.as_contig(part[:, :width]) for part in d_joined])

    return [xp.hstack([of_doc, decided]) for of_doc, decided in zip(vectors, decisions)], backprop


def _init(model: Model, X: Optional[List[Doc]] = None, Y: Any = None) -> None:
    assert isinstance(model, DecisionReader)
    source, shared = model.require_source(), model.layers[0]
    _find_lenders(_listeners(shared), model, source)
    shared.initialize(X=X)
    width = shared.get_dim("nO") if shared.has_dim("nO") else shared.predict(X)[0].shape[1]
    model.set_dim("nO", width + source.width)


def _listeners(model: Model) -> List[Tok2VecListener]:
    return [node for node in model.walk() if isinstance(node, Tok2VecListener)]


def _find_lenders(
    lenders: Sequence[Tok2VecListener], model: DecisionReader, source: DecisionSource
) -> Dict[int, Tok2VecListener]:
    """RETURNS (Dict[int, Tok2VecListener]): For each listener of the source, by its place, the reader's to the same
    encoder."""
    found = {}
    for i, listener in enumerate(_listeners(source.model)):
        names = {listener.upstream_name, "*"}
        same = [one for one in lenders if one.upstream_name in names or listener.upstream_name == "*"]
        if not same:
            heard = ", ".join(f"'{one.upstream_name}'" for one in lenders) or "none"
            raise ValueError(Errors.E455.format(source=model.source_name, upstream=listener.upstream_name, heard=heard))
        found[i] = same[0]
    return found


@contextmanager
def _lend(sinks: Sequence[_Sink], model: DecisionReader, source: DecisionSource) -> Iterator[None]:
    """Let the source hear what the reader hears, and report to it: its own batch may be closed, or it may have none."""
    lenders = _find_lenders([sink.listener for sink in sinks], model, source)
    listeners = _listeners(source.model)
    states: List[Any] = [(one._batch_id, one._outputs, one._backprop) for one in listeners]
    for i, lender in lenders.items():
        sink = next(sink for sink in sinks if sink.listener is lender)
        listeners[i].receive(lender._batch_id, lender._outputs, sink.add)  # type: ignore[arg-type]
    try:
        yield
    finally:
        for listener, state in zip(listeners, states):
            listener.receive(*state)


@contextmanager
def _reporting(sinks: Sequence[_Sink]) -> Iterator[None]:
    """Let the reader's listeners report what their sinks have kept too."""
    for sink in sinks:
        sink.listener._backprop = sink.report  # type: ignore[assignment]
    try:
        yield
    finally:
        for sink in sinks:
            sink.listener._backprop = sink._report


def _check_width(model: DecisionReader, source: DecisionSource) -> None:
    if not model.has_dim("nO") or not model.layers[0].has_dim("nO"):
        return
    expected = model.get_dim("nO") - model.layers[0].get_dim("nO")
    if source.width != expected:
        raise ValueError(Errors.E454.format(source=model.source_name, expected=expected, found=source.width))
