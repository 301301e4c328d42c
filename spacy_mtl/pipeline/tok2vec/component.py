"""The shared encoder: spaCy's Tok2Vec, with the gradients of its listeners kept apart until a balancer weighs them."""

from contextlib import nullcontext
from typing import Any, Callable, Dict, Iterable, Iterator, List, Optional, Sequence

from spacy.language import Language
from spacy.pipeline.tok2vec import DEFAULT_TOK2VEC_MODEL
from spacy.tokens import Doc
from spacy.training import Example, validate_examples
from spacy.vocab import Vocab
from thinc.api import Model, Optimizer, set_dropout_rate

from ...balancing.balancer import Balancer
from ...balancing.observation import Observation, observe
from ...encoders.embed import check_static_vectors
from ...encoders.evaluation_mode import keep_evaluating
from ...types import TokenVectors
from ..description import Described
from ..gradient_guard import GradientGuard, is_usable
from ..language.language import attend
from ..score_weights import fit_score_weights
from .batch import EncodedBatch
from .learning import Learned, learn_batch
from .origins import check_encoder, note_encoder
from .parameter_gradients import kept_graphs
from .saving import SavedWithBalancer
from .silence import SilenceCounter
from .upstreams import ListenerCheck


@Language.factory(
    "mtl_tok2vec",
    assigns=["doc.tensor"],
    default_config={"model": DEFAULT_TOK2VEC_MODEL, "balancer": {"@misc": "spacy-mtl.Sum.v1"}},
)
def make_mtl_tok2vec(nlp: Language, name: str, model: Model, balancer: Balancer) -> "MultiTaskTok2Vec":
    """Create an encoder that any number of components share.

    nlp (Language): The pipeline.
    name (str): The name of the component.
    model (Model[List[Doc], List[Floats2d]]): The encoder: one array a Doc, shape (tokens, width).
    balancer (Balancer): Combines the gradients of the listening components.
    RETURNS (MultiTaskTok2Vec): The component.
    """
    attend(nlp)
    return MultiTaskTok2Vec(nlp.vocab, model, name, balancer=balancer)


class MultiTaskTok2Vec(Described, SavedWithBalancer):
    """Encodes a batch once for all components that listen to it through spacy.Tok2VecListener.v1.

    Each listener reports its gradient under its component's name. The batch stays open until every listener has
    reported, or until `nlp.update` ends, the next update, or `finish_update`; then the balancer makes one gradient of
    them, and the encoder learns from it. A component that does not report, because it is frozen or has no annotation,
    takes nothing from the others. After an exception in `nlp.update` the encoder learns nothing from the batch; the
    prediction of other Docs and serialization drop a batch that is open.

    balancer (Balancer): Combines the gradients. At the level "parameters" the encoder is backpropagated once for each
        component that has annotation in the batch.
    observers (List[Callable[[Observation], None]]): Called with what the balancer saw and did, at the end of each
        batch in which a component reported. Never serialized: a copy of the component has none.
    learner (Optional[Callable[[EncodedBatch], None]]): Takes a batch that is closed, with what the components have
        reported, in place of the component, which then learns nothing from it by itself. Never serialized.
    guard (GradientGuard): Counts gradients that are not finite.
    """

    def __init__(self, vocab: Vocab, model: Model, name: str = "mtl_tok2vec", *, balancer: Balancer) -> None:
        """Create the component.

        vocab (Vocab): The shared vocabulary.
        model (Model[List[Doc], List[Floats2d]]): The encoder: one array a Doc, shape (tokens, width).
        name (str): The name of the component.
        balancer (Balancer): Combines the gradients of the listening components.
        """
        super().__init__(vocab, model, name)
        keep_evaluating(model)
        self.balancer = balancer
        self.observers: List[Callable[[Observation], None]] = []
        self.learner: Optional[Callable[[EncodedBatch], None]] = None
        self._batch: Optional[EncodedBatch] = None
        self._check = ListenerCheck()
        self._start_counts()

    def find_listeners(self, component: Any) -> None:
        """`Tok2Vec.find_listeners`. Warns with W425 if the component comes from another encoder of the same name.

        component (Any): A component behind this one.
        """
        super().find_listeners(component)
        name = getattr(component, "name", "")
        check_encoder(self, self.listener_map.get(name, []), name)

    def predict(self, docs: Iterable[Doc]) -> TokenVectors:
        """Encode Docs without changing them.

        docs (Iterable[Doc]): The Docs. If they are not those of an open batch, the batch is dropped.
        RETURNS (TokenVectors): One array a Doc, shape (tokens, width).
        """
        docs = list(docs)
        # an annotating component predicts its own open batch, before any head has reported
        if self._batch is not None and not self._batch.holds(docs):
            self.drop_batch()
        return super().predict(docs)

    def update(
        self,
        examples: Iterable[Example],
        *,
        drop: float = 0.0,
        sgd: Optional[Optimizer] = None,
        losses: Optional[Dict[str, float]] = None,
    ) -> Dict[str, float]:
        """Encode a batch and hand the vectors to the listeners. What they report is learned when the batch closes.

        examples (Iterable[Example]): The batch.
        drop (float): The dropout rate.
        sgd (Optional[Optimizer]): If given, the parameters are updated when the batch closes.
        losses (Optional[Dict[str, float]]): Under the component's name the squares of the reported gradients are
            added up, as they come in.
        RETURNS (Dict[str, float]): The losses.
        RAISES (ValueError): At the first update of a loaded pipeline what the balancer's `validate` raises; at the
            first update E424, if the balancer needs two tasks and one component listens.
        """
        self.close_batch()
        losses = {} if losses is None else losses
        losses.setdefault(self.name, 0.0)
        examples = list(examples)
        validate_examples(examples, "MultiTaskTok2Vec.update")
        self._check.at_update(self.name, self.balancer, self.listening_components)
        docs = [example.predicted for example in examples]
        set_dropout_rate(self.model, drop)
        if any(len(doc) for doc in docs):
            with kept_graphs(self.model) if self.balancer.level == "parameters" else nullcontext():
                vectors, backprop = self.model.begin_update(docs)
        else:
            vectors, backprop = self._encode_empty(docs), _ignore
        batch = EncodedBatch(docs, vectors, backprop, self.model.ops, losses)
        if sgd not in (None, False):
            batch.optimizer = sgd

        def collect(batch: EncodedBatch, name: str, d_vectors: TokenVectors) -> TokenVectors:
            gradient = batch.add(name, d_vectors)
            if is_usable(gradient):
                losses[self.name] += float((gradient**2).sum())
            if batch.is_complete and not (self.balancer.needs_losses and batch.awaits_losses):
                self.close_batch()
            return batch.split(self.model.ops.alloc2f(*gradient.shape))

        self._batch = batch
        note_encoder(self, self.listeners)
        batch.send(self.listener_map, collect, is_guarded=True, give_up=self.drop_batch)
        return losses

    def finish_update(self, sgd: Optimizer) -> None:
        """Close the batch and update the parameters.

        sgd (Optimizer): The optimizer. `nlp.update(sgd=...)` comes here before any head can have reported: then the
            optimizer is remembered, and the parameters are updated when the batch closes.
        """
        if self._batch is not None:
            self._batch.optimizer = sgd
            if self._batch.gradients:
                self.close_batch()
        else:
            super().finish_update(sgd)

    def close_batch(self) -> None:
        """Balance what the listeners of the open batch have reported and backpropagate it. Does nothing if no batch
        is open."""
        batch = self._batch
        if batch is None:
            return
        self._batch = None
        batch.close()
        if batch.has_tokens:
            self._silence.add(batch.listening, batch.gradients)
        if batch.gradients and self.learner is not None:
            self.learner(batch)
        elif batch.gradients:
            self.tell(learn_batch(batch, self.model, self.balancer, self.guard))
        if batch.optimizer is not None:
            super().finish_update(batch.optimizer)

    def tell(self, learned: Learned) -> None:
        """Tell the observers what was learned from a batch.

        learned (Learned): What `learn_batch` gave.
        """
        if self.observers:
            weights = self.balancer.last_weights if learned.gradients else {}
            observation = observe(learned.gradients, weights, learned.report, learned.dropped)
            for observer in self.observers:
                observer(observation)

    def drop_batch(self, error: Optional[BaseException] = None) -> None:
        """Learn nothing from the open batch, and warn with W423 if there was something to learn. Does nothing if no
        batch is open.

        error (Optional[BaseException]): What kept components from reporting, if it is known.
        """
        batch = self._batch
        if batch is None:
            return
        self._forget_batch()
        if batch.gradients or error is not None:
            batch.warn_dropped(self.name, error)

    def initialize(self, get_examples: Callable[[], Iterable[Example]], *, nlp: Optional[Language] = None) -> None:
        """Initialize the encoder from examples, and check the balancer's settings. What the balancer has learned is
        forgotten.

        get_examples (Callable[[], Iterable[Example]]): Gives representative Examples.
        nlp (Optional[Language]): The pipeline.
        RAISES (ValueError): What the balancer's `validate` raises; E425 for static vectors that are not there.
        """
        check_static_vectors(self.model, self.vocab, self.name)
        self._forget_batch()
        self._start_counts()
        self.balancer.reset()
        self._check.at_initialize(self.name, self.balancer, self.listening_components, nlp)
        if nlp is not None:
            attend(nlp)
            fit_score_weights(nlp, self)
        super().initialize(get_examples, nlp=nlp)
        for listener in self.listeners:
            if not listener.has_dim("nO"):
                listener.set_dim("nO", self.model.get_dim("nO"))

    def use_params(self, params: Dict) -> Iterator[None]:
        """Drop an open batch, then use other parameters within a context.

        params (Dict): The parameters.
        """
        self.drop_batch()
        yield from super().use_params(params)

    def __reduce__(self) -> Any:
        self.drop_batch()
        make, arguments, state = super().__reduce__()
        # who takes part in this training takes none in a copy's
        own = {**self.__dict__, "observers": [], "learner": None}
        return make, arguments, tuple(own if part is self.__dict__ else part for part in state)

    def _forget_batch(self) -> None:
        if self._batch is not None:
            self._batch.close()
            self._batch = None

    def _encode_empty(self, docs: Sequence[Doc]) -> TokenVectors:
        models = [self.model, *self.listeners]
        width = next((model.get_dim("nO") for model in models if model.has_dim("nO")), 0)
        return [self.model.ops.alloc2f(0, width) for _ in docs]

    def _start_counts(self) -> None:
        self._silence = SilenceCounter(self.name)
        self.guard = GradientGuard(f"the encoder '{self.name}'")


def _ignore(d_vectors: TokenVectors) -> List:
    return []
