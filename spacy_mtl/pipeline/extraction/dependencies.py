"""What the components of a pipeline need of the components before them."""

from typing import Any, Dict, FrozenSet, List, NamedTuple, Optional, Sequence, Set, Tuple

from spacy.attrs import IDS
from spacy.language import Language
from spacy.pipeline import AttributeRuler, EditTreeLemmatizer, Tagger
from spacy.pipeline.tok2vec import Tok2VecListener
from spacy.ty import ListenedToComponent
from thinc.api import Model

from ...encoders.stack_propagation import find_readers
from ..srl.component import SemanticRoleLabeller

ANY_ENCODER = "*"
CATEGORIES = "doc.cats"
ENTITIES = "doc.ents"
VECTORS = "doc.tensor"
SPANS = "doc.spans"
SENTENCES = frozenset({"doc.sents", "token.is_sent_start"})
LEMMA = "token.lemma"
MORPHOLOGY = frozenset({"token.pos", "token.tag", "token.morph"})
OTHER_NAMES = {"token.sent_start": "token.is_sent_start"}
"""Attributes of tokens that spaCy's `assigns` calls otherwise."""
LABELLERS_OF_TOKENS = (Tagger, EditTreeLemmatizer)
"""Components that ask for neither sentences nor other labels."""
ATTRIBUTE_NAMES = {number: name for name, number in IDS.items()}


class Access(NamedTuple):
    """What a component does with a Doc, in the words of spaCy's `assigns`; None for anything.

    reads (Optional[FrozenSet[str]]): The layers that its predictions may depend on.
    writes (Optional[FrozenSet[str]]): The layers that it sets.
    upstreams (FrozenSet[str]): The encoders that it listens to; "*" for any.
    """

    reads: Optional[FrozenSet[str]]
    writes: Optional[FrozenSet[str]]
    upstreams: FrozenSet[str]


def find_dependencies(nlp: Language, tasks: Sequence[str], *, only: bool = False) -> Dict[str, List[str]]:
    """The components that some components of a pipeline need, in order to predict what they predict in it.

    These are the encoders that they listen to, the heads whose decisions they read, and whatever comes before them and
    sets what they read: the borders of sentences, entities and span groups that they build upon, lemmas, the features
    of an encoder. A component that does not declare what it assigns may do anything, and is kept with all that comes
    before it. Disabled components count only if they are named, in `tasks`, as the upstream of a listener, or as the
    source of decisions.

    nlp (Language): The pipeline.
    tasks (Sequence[str]): The names of the components.
    only (bool): Whether to find the encoders, and the heads that are read, alone.
    RETURNS (Dict[str, List[str]]): In the order of the pipeline: the names, those of `tasks` included, to the names of
        the components that need them.
    """
    needed: Dict[str, List[str]] = {}
    # of what lies behind the present component: who listens to which encoder, reads whose decisions, and which layer
    listeners: Dict[str, List[str]] = {}
    deciding: Dict[str, List[str]] = {}
    readers: Dict[Optional[str], List[str]] = {}
    for name, pipe in reversed(nlp.components):
        access = find_access(nlp, name)
        runs = name not in nlp.disabled
        users: Set[str] = set(deciding.get(name, ()))
        if is_encoder(pipe):
            users.update(listeners.get(name, ()), listeners.pop(ANY_ENCODER, ()) if runs else ())
        if not only and runs:
            users.update(readers.get(None, ()))
            if access.writes is None:
                users.update(needed)
            else:
                users.update(user for layer in access.writes for user in readers.get(layer, ()))
        if name not in tasks and not users:
            continue
        if access.writes is not None and VECTORS in access.writes:
            # vectors are replaced: whoever comes after reads these and no earlier ones
            readers.pop(VECTORS, None)
        for upstream in access.upstreams:
            listeners.setdefault(upstream, []).append(name)
        for reader in find_readers(getattr(pipe, "model", None)):
            deciding.setdefault(reader.source_name, []).append(name)
        for layer in [None] if access.reads is None else access.reads:
            readers.setdefault(layer, []).append(name)
        needed[name] = [other for other in nlp.component_names if other in users]
    return {name: needed[name] for name in nlp.component_names if name in needed}


def is_encoder(pipe: Any) -> bool:
    """Whether other components can listen to this one.

    pipe (Any): The component.
    RETURNS (bool): Whether they can.
    """
    return isinstance(pipe, ListenedToComponent)


def find_access(nlp: Language, name: str) -> Access:
    """What a component reads and writes, by its declaration, its model and its settings.

    A component builds on what it finds of the layer that it writes itself, as a recognizer of entities goes around
    those that are there; categories and vectors are the exceptions.

    nlp (Language): The pipeline.
    name (str): The name of the component.
    RETURNS (Access): What it does.
    """
    pipe = dict(nlp.components)[name]
    meta = nlp.get_pipe_meta(name)
    upstreams, inputs = _find_inputs(pipe)
    reads = {*meta.requires, *inputs, *_find_attributes(getattr(pipe, "patterns", ()))}
    writes = set(meta.assigns)
    if isinstance(pipe, AttributeRuler):
        writes.update(_layer(attribute) for attributes in pipe.attrs for attribute in attributes)
    elif not writes:
        is_declared = bool(meta.requires) or meta.retokenizes
        return Access(frozenset(reads) if is_declared else None, None, upstreams)
    if getattr(pipe, "annotate_ents", False):
        writes.add(ENTITIES)
    group = _find_group(pipe)
    if SPANS in writes and group is None:
        return Access(None, None, upstreams)
    if SPANS in writes:
        writes = writes - {SPANS} | {f"{SPANS}[{group}]"}
    elif group is not None:
        writes.add(f"{SPANS}[{group}]")
    reads |= writes - {CATEGORIES, VECTORS}
    if writes - {CATEGORIES, VECTORS} and not isinstance(pipe, LABELLERS_OF_TOKENS):
        reads |= SENTENCES
        if LEMMA in writes:
            reads |= MORPHOLOGY
    if isinstance(pipe, SemanticRoleLabeller):
        reads.add(LEMMA)
        if pipe.cfg["predicates"] == "predict":
            reads.discard(f"{SPANS}[{group}]")
    return Access(frozenset(reads), frozenset(writes), upstreams)


def _find_inputs(pipe: Any) -> Tuple[FrozenSet[str], Set[str]]:
    """RETURNS (Tuple[FrozenSet[str], Set[str]]): The encoders that a model listens to, and the layers that its features
    and its listeners come from."""
    upstreams: Set[str] = set()
    layers: Set[str] = set()
    model = getattr(pipe, "model", None)
    for node in model.walk() if isinstance(model, Model) else ():
        upstream = getattr(node, "upstream_name", None)
        if upstream is not None:
            upstreams.add(upstream)
        if isinstance(node, Tok2VecListener):
            layers.add(VECTORS)
        if node.name == "extract_features":
            layers.update(_layer(column) for column in node.attrs["columns"])
    return frozenset(upstreams), layers


def _find_attributes(patterns: Any) -> Set[str]:
    """RETURNS (Set[str]): The layers that the patterns of a matcher, at any depth, name."""
    if isinstance(patterns, dict):
        own = {_layer(key) for key in patterns if str(key).upper() in IDS}
        return own.union(*(_find_attributes(value) for value in patterns.values()))
    if isinstance(patterns, (list, tuple)):
        return set().union(*(_find_attributes(value) for value in patterns))
    return set()


def _find_group(pipe: Any) -> Optional[str]:
    """RETURNS (Optional[str]): The span group that a component writes; None if it does not tell."""
    return getattr(pipe, "cfg", {}).get("spans_key", getattr(pipe, "key", None))


def _layer(attribute: Any) -> str:
    name = f"token.{str(ATTRIBUTE_NAMES.get(attribute, attribute)).lower()}"
    return OTHER_NAMES.get(name, name)
