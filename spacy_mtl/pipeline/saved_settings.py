"""What a saved component brings along: what it has learned. How it is set comes from the config that it is made by."""

from contextlib import contextmanager
from typing import Any, Dict, Iterator, List, Sequence, Tuple

from thinc.api import Model

from ..errors import Errors

# of layers, by their names: what may change after training; the weights do not depend on it
FREE: Dict[str, Tuple[str, ...]] = {
    "fixed_dropout": ("rate",),
    "hide_words": ("rate",),
    "spacy-mtl.PretrainedEncoder.v1": ("window", "overlap", "max_token_pieces", "max_batch_pieces"),
}


@contextmanager
def kept_settings(
    name: str, cfg: Dict[str, Any], model: Model, learned: Sequence[str] = (), fixed: Sequence[str] = ()
) -> Iterator[None]:
    """Load a component within this context: its settings stay, and what it has learned is loaded.

    name (str): The name of the component, for messages.
    cfg (Dict[str, Any]): Its settings, and what it has learned beside its weights.
    model (Model): Its model.
    learned (Sequence[str]): The keys of `cfg` that are learned.
    fixed (Sequence[str]): The settings that cannot change after training.
    RAISES (ValueError): E212 if such a setting is another than that of the training, E213 if the weights do not fit
        the model of the config.
    """
    settings = {key: value for key, value in cfg.items() if key not in learned}
    nodes = _find_attrs(model)
    try:
        yield
    except ValueError as error:
        if str(error).startswith("["):
            raise
        raise ValueError(Errors.E213.format(name=name, error=error)) from error
    changed: List[Tuple[str, Any, Any]] = []
    for key in fixed:
        if key in settings and cfg.get(key) != settings[key]:
            changed.append((key, cfg.get(key), settings[key]))
    for node, attrs in nodes:
        for attr, value in attrs.items():
            node.attrs[attr] = value
    for key in list(cfg):
        if key in settings:
            cfg[key] = settings[key]
        elif key not in learned:
            del cfg[key]
    if changed:
        setting, saved, found = changed[0]
        raise ValueError(Errors.E212.format(name=name, setting=setting, saved=saved, found=found))


def _find_attrs(model: Model) -> List[Tuple[Model, Dict[str, Any]]]:
    return [
        (node, {attr: node.attrs[attr] for attr in FREE[node.name] if attr in node.attrs})
        for node in model.walk()
        if node.name in FREE
    ]
