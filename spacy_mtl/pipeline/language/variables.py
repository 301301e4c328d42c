"""Variables of a config that refer to components which go, such as `${components.tok2vec.model.encode.width}`: left as
they are they would refer to nothing, and the pipeline could not be loaded once it is saved."""

import re
from typing import Any, Collection, Dict, Iterable, List, Mapping

from spacy.language import Language
from thinc.api import Config

from ...json_files import to_json

VARIABLE = re.compile(r"\$\{([^}]+)\}")


def write_out_variables(nlp: Language, name: str) -> None:
    """Put values in the place of variables that refer to a component of a pipeline, before it is renamed or removed.

    nlp (Language): The pipeline.
    name (str): The component.
    """
    _write_out(nlp, nlp.config, [name])


def write_out_absent(nlp: Language, config: Config) -> None:
    """Put values in the place of variables that refer to components which a config has and the pipeline has not, such
    as those that were excluded when it was loaded.

    nlp (Language): The pipeline, with all its components.
    config (Config): The config that it was made from, with all components; it is changed.
    """
    _write_out(nlp, config, [name for name in config.get("components", {}) if name not in nlp.component_names])


def inline(section: Dict[str, Any], whole: Mapping[str, Any], gone: Iterable[str]) -> None:
    """Replace, in place, values with variables that refer to what goes by what they stand for.

    section (Dict[str, Any]): A config or a part of it.
    whole (Mapping[str, Any]): The same without variables.
    gone (Iterable[str]): The paths of the sections that go, such as "components.ner".
    """
    for key, value in section.items():
        if isinstance(value, dict):
            inline(value, whole[key], gone)
        elif _refers(value, gone):
            section[key] = whole[key]


def _write_out(nlp: Language, config: Config, names: Collection[str]) -> None:
    gone = [f"components.{name}" for name in names]
    # a pipeline puts the blocks of its components into its config whenever it is asked for it
    others = {section: block for section, block in config.items() if section != "components"}
    own: Dict[str, Any] = {name: block for name, block in nlp._pipe_configs.items() if name not in names}
    if not any(_refers(block, gone) for block in (others, own)):
        return
    whole = config.interpolate()
    inline(others, whole, gone)
    for section, block in others.items():
        config[section] = block
    inline(own, whole["components"], gone)


def _refers(value: Any, gone: Iterable[str]) -> bool:
    text = value if isinstance(value, str) else to_json(value)
    paths: List[str] = [path.replace(":", ".") for path in VARIABLE.findall(text)]
    return any(f"{path}.".startswith(f"{lost}.") for path in paths for lost in gone)
