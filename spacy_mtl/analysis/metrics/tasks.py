"""The heads of a joint config, and which scores are theirs."""

from typing import Dict, List, NamedTuple, Optional, Sequence, Tuple

from spacy.language import Language


class Task(NamedTuple):
    """A head that the joint config trains.

    name (str): The name of the component.
    factory (str): Its factory.
    encoders (Tuple[str, ...]): The names of the encoders that it listens to.
    is_shared (bool): Whether another head trains one of them too.
    """

    name: str
    factory: str
    encoders: Tuple[str, ...]
    is_shared: bool


def find_own_scores(nlp: Language, task: Task, scores: Sequence[str]) -> List[str]:
    """The scores of a head: those of its factory, their relatives ("srl_..."), and those under its own name.

    nlp (Language): The pipeline.
    task (Task): The head.
    scores (Sequence[str]): The names of all scores.
    RETURNS (List[str]): The names of its own, in their order.
    """
    defaults = get_default_weights(nlp, task.name)
    families = {name.split("_")[0] for name in defaults}
    return [name for name in scores if name.split("_")[0] in families or name.startswith(f"{task.name}_")]


def get_default_weights(nlp: Language, name: str) -> Dict[str, Optional[float]]:
    """The score weights of a component's factory.

    nlp (Language): The pipeline.
    name (str): The name of the component.
    RETURNS (Dict[str, Optional[float]]): By the name of the score; empty for a component without scores.
    """
    return dict(nlp.get_pipe_meta(name).default_score_weights or {})
