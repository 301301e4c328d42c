"""A smaller pipeline with some of the tasks of a larger one."""

from typing import Sequence, cast

from spacy.language import Language
from spacy.util import load_model_from_config

from ...errors import Errors
from ..tok2vec.component import MultiTaskTok2Vec
from .dependencies import find_dependencies, is_encoder
from .pruning import prune_config, prune_meta


def extract(nlp: Language, tasks: Sequence[str], *, only: bool = False) -> Language:
    """Make a pipeline of some tasks of another: it works alone, predicts the same, and can be trained further.

    Kept are the components, the encoders that they listen to, the heads whose decisions they read, and what comes
    before them and sets what they read, such as the borders of sentences (see `find_dependencies`); the vocabulary and
    the tokenizer; and of config and meta data what is not about other components. A balancer forgets what it has
    learned, if a task of its encoder is dropped.

    nlp (Language): The pipeline. It is left as it is, and the new one shares nothing with it.
    tasks (Sequence[str]): The names of the components.
    only (bool): Whether to keep nothing beside them but their encoders and the heads that they read.
    RETURNS (Language): The new pipeline. All its components are enabled, except for heads that were disabled and are
        read.
    RAISES (ValueError): E730 if no task is named, E731 for a name that is no component, E732 for an encoder.
    """
    check_tasks(nlp, tasks)
    kept = find_dependencies(nlp, tasks, only=only)
    dropped = [name for name in nlp.component_names if name not in kept]
    config = prune_config(nlp, dropped)
    encoders = [name for name, pipe in nlp.components if is_encoder(pipe)]
    config["nlp"]["disabled"] = [name for name in nlp.disabled if name in kept and name not in (*tasks, *encoders)]
    extracted = load_model_from_config(config, meta=prune_meta(nlp, dropped))
    changed = {
        name: pipe
        for name, pipe in extracted.components
        if isinstance(pipe, MultiTaskTok2Vec) and not _get_encoder(nlp, name).listener_map.keys() <= kept.keys()
    }
    for name, encoder in changed.items():
        encoder.from_bytes(_get_encoder(nlp, name).to_bytes(exclude=["vocab"]), exclude=["vocab", "cfg"])
    data = nlp.to_bytes(exclude=[*dropped, *changed])
    extracted.from_bytes(data, exclude=["config", "meta", *changed])
    extracted.vocab.vectors.name = nlp.vocab.vectors.name
    return extracted


def check_tasks(nlp: Language, tasks: Sequence[str]) -> None:
    """Refuse tasks that cannot be extracted.

    nlp (Language): The pipeline.
    tasks (Sequence[str]): The names of the components.
    RAISES (ValueError): E730 if no task is named, E731 for a name that is no component, E732 for an encoder.
    """
    encoders = [name for name, pipe in nlp.components if is_encoder(pipe)]
    expected = [name for name in nlp.component_names if name not in encoders]
    if not tasks:
        raise ValueError(Errors.E730.format(expected=expected))
    for task in tasks:
        if task not in nlp.component_names:
            raise ValueError(Errors.E731.format(task=task, expected=expected))
        if task in encoders:
            raise ValueError(Errors.E732.format(task=task, expected=expected))


def _get_encoder(nlp: Language, name: str) -> MultiTaskTok2Vec:
    return cast(MultiTaskTok2Vec, nlp.get_pipe(name))
