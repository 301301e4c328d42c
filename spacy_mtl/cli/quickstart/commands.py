"""The plain commands of the steps of `spacy mtl quickstart`, and what is wished for."""

import importlib.util
import shlex
from pathlib import Path
from typing import Any, List, Mapping, NamedTuple, Optional

from ...errors import Errors
from ...json_files import to_json
from ...recipes.choices import DEFAULT_TRANSFORMER, ENCODERS, Choices
from ...recipes.languages import parse_languages
from ...recipes.parts import Conversion
from ...recipes.tasks import parse_tasks


class Wishes(NamedTuple):
    """What the user says beside the corpora; as the options of the command."""

    lang: str = "en"
    tasks: str = ""
    languages: str = ""
    encoder: str = "cnn"
    optimize: str = "efficiency"
    vectors: Optional[str] = None
    transformer: str = DEFAULT_TRANSFORMER
    max_minutes: float = 5.0
    seed: int = 0
    gpu_id: int = -1
    format: Optional[str] = None
    skip_bad: bool = False


def check_wishes(wishes: Wishes) -> None:
    """Refuse what would fail only after a while.

    wishes (Wishes): What is wanted.
    RAISES (ImportError): E408, E411 for an encoder of which the package is not installed.
    RAISES (ValueError): E760, E761, E763, E1008.
    """
    parse_tasks(wishes.tasks)
    parse_languages(wishes.languages)
    if wishes.encoder not in ENCODERS:
        raise ValueError(Errors.E763.format(found=wishes.encoder, expected=", ".join(ENCODERS)))
    name = f"The encoder '{wishes.encoder}'"
    if wishes.encoder == "pretrained" and importlib.util.find_spec("spacy_transformers") is None:
        raise ImportError(Errors.E411.format(name=name))
    if wishes.encoder != "cnn" and importlib.util.find_spec("torch") is None:
        raise ImportError(Errors.E408.format(name=name))


def tell_command(command: str, *arguments: str, group: str = "mtl") -> None:
    """Print the plain command of a step, in one line.

    command (str): Its name.
    *arguments (str): Its arguments.
    group (str): "mtl", or "" for a command of spaCy's own.
    """
    print(f"\nBy hand: {shlex.join(['python', '-m', 'spacy', *filter(None, [group]), command, *arguments])}\n")


def convert_arguments(conversion: Conversion, wishes: Wishes, options: Mapping[str, Any]) -> List[str]:
    """The arguments of `convert` for a conversion.

    conversion (Conversion): The conversion.
    wishes (Wishes): What was wanted.
    options (Mapping[str, Any]): Of the formats, as they are typed.
    RETURNS (List[str]): The arguments.
    """
    outputs = list(conversion.outputs.values())
    arguments = [str(conversion.path), str(outputs[0])]
    if conversion.is_named:
        arguments += ["--format", conversion.format]
    if wishes.lang != "en":
        arguments += ["--lang", wishes.lang]
    for part in list(conversion.outputs)[1:]:
        arguments += [f"--{part}", f"{conversion.share:.0%}"]
    if len(outputs) > 1 and wishes.seed:
        arguments += ["--seed", str(wishes.seed)]
    for name in conversion.options:
        # what the file says itself nobody has typed
        option, value = name.replace("_", "-"), options.get(name, conversion.options[name])
        if isinstance(value, bool):
            arguments.append(f"--{option}" if value else f"--no-{option}")
        else:
            arguments += [f"--{option}", str(value)]
    return [*arguments, *(["--skip-bad"] if wishes.skip_bad else [])]


def config_arguments(path: Path, choices: Choices, wishes: Wishes, settings: Mapping[str, Any]) -> List[str]:
    """The arguments of `init-config` for the same config.

    path (Path): The config.
    choices (Choices): What it is made from.
    wishes (Wishes): What was wanted.
    settings (Mapping[str, Any]): Settings that are changed.
    RETURNS (List[str]): The arguments.
    """
    arguments = [str(path)]
    for source in choices.sources:
        arguments += ["--source", f"{source.name}={source.train},{source.dev}:{','.join(source.tasks)}"]
    for name in ("tasks", "languages", "lang", "encoder", "optimize", "vectors", "transformer"):
        value = getattr(wishes, name)
        if value not in (None, "") and (name == "encoder" or value != Wishes._field_defaults[name]):
            arguments += [f"--{name}", value]
    if choices.gpu:
        arguments.append("--gpu")
    for name, value in settings.items():
        arguments += [f"--{name}", value if isinstance(value, str) else to_json(value)]
    return arguments


def gpu_arguments(wishes: Wishes) -> List[str]:
    """wishes (Wishes): What was wanted. RETURNS (List[str]): The arguments that choose a GPU, if one is to be used."""
    return ["--gpu-id", str(wishes.gpu_id)] if wishes.gpu_id >= 0 else []
