"""The configs of a pipeline's components when one of them gets another name, or goes."""

from typing import Any, Dict, Mapping

from spacy.language import Language

from ..reading import find_sources

LISTENER = "Tok2VecListener"
READER = "spacy-mtl.StackPropagation.v1"


def write_out_variables(nlp: Language, name: str) -> None:
    """Put values in the place of variables that refer to a component's settings, such as
    `${components.tok2vec.model.encode.width}`, in the settings of the others: without it they would refer to nothing,
    and the pipeline could not be loaded once it is saved.

    nlp (Language): The pipeline.
    name (str): The component.
    """
    variable = f"${{components.{name}."
    if not any(variable in str(config) for config in nlp._pipe_configs.values()):
        return
    values = nlp.config.interpolate()["components"]
    for other, config in nlp._pipe_configs.items():
        if other in values:
            _replace(config, values[other], variable)


def name_anew(nlp: Language, old: str, new: str) -> None:
    """Let those that listen to a component, or read it, go by its new name once the pipeline is saved and loaded.

    nlp (Language): The pipeline, in which the component has its new name.
    old (str): The name that it had.
    new (str): Its new name.
    """
    for readers in find_sources(nlp).values():
        for reader in readers:
            if reader.source_name == old:
                reader.source_name = new
    for config in nlp._pipe_configs.values():
        _rename(config, old, new)


def _rename(block: Dict[str, Any], old: str, new: str) -> None:
    architecture = str(block.get("@architectures", ""))
    for key, is_meant in (("upstream", LISTENER in architecture), ("source", architecture == READER)):
        if is_meant and block.get(key) == old:
            block[key] = new
    for value in block.values():
        if isinstance(value, dict):
            _rename(value, old, new)


def _replace(block: Dict[str, Any], values: Mapping[str, Any], variable: str) -> None:
    for key, value in block.items():
        if isinstance(value, dict):
            _replace(value, values[key], variable)
        elif variable in str(value):
            block[key] = values[key]
