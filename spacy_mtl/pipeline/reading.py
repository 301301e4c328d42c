"""Heads that read the soft decisions of others: who reads whom in a pipeline, and whether that can be."""

from contextlib import contextmanager
from typing import Any, Callable, Collection, Dict, Iterator, List, Optional

from spacy.language import Language
from spacy.pipeline import Tagger
from spacy.tokens import Doc
from thinc.api import Model

from ..encoders.stack_propagation import DecisionReader, find_readers
from ..errors import Errors
from ..types import TokenVectors
from .decisions import Decided, Decides, TaggerDecisions
from .tok2vec.parameter_gradients import ParameterGradients


class Link:
    """A component as others read it."""

    def __init__(self, name: str, pipe: Any) -> None:
        """name (str): Its name. pipe (Any): The component, one that `can_be_read`."""
        self.name = name
        self.learns = True
        """Whether the gradient of those who read may change it. If not, it still goes through it."""
        self._pipe = pipe
        self._decisions: Decides = pipe if isinstance(pipe, Decides) else TaggerDecisions(pipe)

    @property
    def model(self) -> Model:
        """RETURNS (Model): Its model."""
        return self._pipe.model

    @property
    def width(self) -> int:
        """RETURNS (int): The number of decisions. RAISES (ValueError): E453 if its labels are unknown."""
        count = self._decisions.count_decisions()
        if not count:
            raise ValueError(Errors.E453.format(source=self.name))
        return count

    def read(self, docs: List[Doc], is_train: bool) -> Decided:
        """RETURNS (Tuple[TokenVectors, Callable]): The decisions, and a callback for their gradient."""
        decisions, backprop = self._decisions.read_decisions(docs, is_train)
        return decisions, backprop if self.learns else self._pass_through(backprop)

    def _pass_through(self, backprop: Callable) -> Callable:
        def backprop_through(d_decisions: TokenVectors) -> Any:
            waiting = ParameterGradients(self.model)
            before = waiting.take()
            try:
                return backprop(d_decisions)
            finally:
                waiting.take()
                if before.any():
                    waiting.put(before)

        return backprop_through


def can_be_read(pipe: Any) -> bool:
    """Whether a component has decisions that others can read.

    pipe (Any): The component.
    RETURNS (bool): Whether it has: our heads, spaCy's tagger and its kind, and whatever `Decides`.
    """
    return isinstance(pipe, (Decides, Tagger))


def find_sources(nlp: Language) -> Dict[str, List[DecisionReader]]:
    """Which components of a pipeline read others, disabled ones included.

    nlp (Language): The pipeline.
    RETURNS (Dict[str, List[DecisionReader]]): By the reading component, the layers that read; others are left out.
    """
    found = {name: find_readers(getattr(pipe, "model", None)) for name, pipe in nlp.components}
    return {name: readers for name, readers in found.items() if readers}


def link_readers(nlp: Language) -> None:
    """Give the heads of a pipeline those that they read, as far as they are there.

    nlp (Language): The pipeline.
    """
    pipes = dict(nlp.components)
    links: Dict[str, Link] = {}
    for readers in find_sources(nlp).values():
        for reader in readers:
            pipe = pipes.get(reader.source_name)
            if can_be_read(pipe):
                reader.source = links.setdefault(reader.source_name, Link(reader.source_name, pipe))
            else:
                reader.source = None


def check_readers(nlp: Language) -> None:
    """Refuse heads that cannot read what their config says.

    nlp (Language): The pipeline.
    RAISES (ValueError): E451 for a component that is not there, E457 for one without decisions, E456 for components
        that read each other in a circle, E452 for one that stands behind its reader.
    """
    pipes, order = dict(nlp.components), nlp.component_names
    sources = {name: [reader.source_name for reader in readers] for name, readers in find_sources(nlp).items()}
    for name, read in sources.items():
        for source in read:
            if source not in pipes:
                raise ValueError(Errors.E451.format(name=name, source=source, expected=_list_readable(nlp, name)))
            if not can_be_read(pipes[source]):
                raise ValueError(Errors.E457.format(name=name, source=source, expected=_list_readable(nlp, name)))
    for name in sources:
        circle = _find_circle(sources, [name])
        if circle:
            raise ValueError(Errors.E456.format(circle=" reads ".join(f"'{one}'" for one in circle)))
    for name, read in sources.items():
        for source in read:
            if order.index(source) > order.index(name):
                raise ValueError(Errors.E452.format(name=name, source=source, order=", ".join(order)))


@contextmanager
def learning_sources(nlp: Language, excluded: Collection[str]) -> Iterator[bool]:
    """In the block those that are read learn from their readers' gradient if they are trained themselves.

    nlp (Language): The pipeline.
    excluded (Collection[str]): The names of the components that are not trained.
    YIELDS (bool): Whether any component learns from the gradient of one behind it.
    """
    trained = {name for name, _ in nlp.pipeline} - set(excluded)
    readers = [reader for readers in find_sources(nlp).values() for reader in readers]
    links = [reader.source for reader in readers if isinstance(reader.source, Link)]
    before = [link.learns for link in links]
    for link in links:
        link.learns = link.name in trained
    try:
        yield any(reader.gradient for reader in readers)
    finally:
        for link, learned in zip(links, before):
            link.learns = learned


def _list_readable(nlp: Language, name: str) -> str:
    before = nlp.components[: nlp.component_names.index(name)]
    return ", ".join(f"'{other}'" for other, pipe in before if can_be_read(pipe)) or "none"


def _find_circle(sources: Dict[str, List[str]], path: List[str]) -> Optional[List[str]]:
    for source in sources.get(path[-1], ()):
        if source in path:
            return [*path[path.index(source) :], source]
        circle = _find_circle(sources, [*path, source])
        if circle:
            return circle
    return None
