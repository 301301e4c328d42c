"""Configs as text, with comments: a template filled, and settings of it changed."""

import json
import shlex
from importlib.resources import files
from typing import Any, Dict, List, Mapping, NamedTuple, Optional, Sequence, Tuple

from jinja2 import Environment, StrictUndefined
from spacy.util import get_lang_class
from thinc.api import Config

from ..errors import Errors
from .choices import Choices
from .scores import weigh_scores
from .tasks import TRANSLATE

STOCK_MODELS = {
    "tagger": "spacy.Tagger.v2",
    "morphologizer": "spacy.Tagger.v2",
    "senter": "spacy.Tagger.v2",
    "parser": "spacy.TransitionBasedParser.v2",
}
# Of the encoders that have some.
EXPERTS = {"mmoe": 3, "cgc": 2}
# What a scaffold has to say in the encoder, where its tasks have 1: it is there for their sake.
SCAFFOLD_WEIGHT = 0.3
# A source this many times as large as another is not to drown it.
UNLIKE = 5.0


class Size(NamedTuple):
    """An encoder's size and its training.

    width (int): Of its vectors.
    depth (int): Its layers.
    rate (float): The highest learning rate.
    warmup (int): Updates until it is reached.
    steps (int): Updates.
    batch (int): Words of a batch; for a pretrained encoder wordpieces.
    """

    width: int
    depth: int
    rate: float
    warmup: int
    steps: int
    batch: int


ACCURACY = {
    "cnn": Size(128, 8, 0.003, 200, 7000, 1000),
    "rnn": Size(128, 2, 0.002, 200, 7000, 1000),
    "lstm": Size(128, 2, 0.006, 200, 7000, 1000),
    "gru": Size(128, 2, 0.003, 200, 7000, 1000),
    "transformer": Size(128, 4, 0.002, 400, 7000, 1000),
    "pretrained": Size(384, 6, 0.002, 100, 1400, 800),
}
EFFICIENCY = {
    "cnn": Size(96, 4, 0.003, 200, 3000, 1000),
    "rnn": Size(96, 1, 0.002, 200, 3000, 1000),
    "lstm": Size(96, 1, 0.003, 200, 3000, 1000),
    "gru": Size(96, 1, 0.003, 200, 3000, 1000),
    "transformer": Size(96, 2, 0.002, 400, 3000, 1000),
    "pretrained": Size(384, 6, 0.002, 100, 700, 800),
}


def write_config(choices: Choices, command: Sequence[str] = (), settings: Optional[Mapping[str, Any]] = None) -> str:
    """A complete config with comments, as `spacy train` takes it.

    choices (Choices): What it is made from.
    command (Sequence[str]): The arguments that made it, for its first line.
    settings (Optional[Mapping[str, Any]]): Settings to change, as "training.max_steps".
    RETURNS (str): The config.
    RAISES (ValueError): E769 for a setting in a section that the config does not have.
    """
    environment = Environment(
        trim_blocks=True, lstrip_blocks=True, undefined=StrictUndefined, keep_trailing_newline=True
    )
    template = environment.from_string(files(__package__).joinpath("joint.cfg.jinja").read_text(encoding="utf8"))
    filled = _fill(choices)
    # the schedule's length follows
    filled["steps"] = (settings or {}).get("training.max_steps", filled["steps"])
    text = template.render(command=shlex.join(command), **filled)
    text = change_settings(_tidy(text), settings or {})
    Config().from_str(text, interpolate=False)
    return text


def change_settings(text: str, settings: Mapping[str, Any]) -> str:
    """Change settings of a config, or add them to a section that it has. Comments stay.

    text (str): The config.
    settings (Mapping[str, Any]): By section and name, as "training.optimizer.L2". A value that is a dictionary becomes
        a section of its own; one in a section's place replaces the section.
    RETURNS (str): The config with them.
    RAISES (ValueError): E769 for a section that the config does not have.
    """
    lines = text.split("\n")
    for name, value in settings.items():
        section, _, key = name.rpartition(".")
        if f"[{section}]" not in lines:
            sections = [line.strip("[]") for line in lines if line.startswith("[")]
            raise ValueError(Errors.E769.format(name=name, section=section, sections=", ".join(sections)))
        _remove_section(lines, name)
        start = lines.index(f"[{section}]")
        end = _find_end(lines, start)
        found = [i for i in range(start, end) if lines[i].split(" = ")[0] == key]
        if isinstance(value, dict) and value:
            for i in found:
                del lines[i]
            end -= len(found)
            lines[end:end] = ["", f"[{name}]", *(f"{inner} = {_show(part)}" for inner, part in value.items())]
        elif found:
            lines[found[0]] = f"{key} = {_show(value)}"
        else:
            lines.insert(end, f"{key} = {_show(value)}")
    return "\n".join(lines)


def _show(value: Any) -> str:
    if isinstance(value, float):
        # spaCy reads 0.3 as 0.30000000000000004
        value = float(f"{value:.15g}")
    return value if isinstance(value, str) and value.startswith("${") else json.dumps(value)


def _find_end(lines: Sequence[str], start: int) -> int:
    """The line after a section's last, which is empty or a heading."""
    end = start + 1
    while end < len(lines) and lines[end] and not lines[end].startswith("["):
        end += 1
    return end


def _remove_section(lines: List[str], name: str) -> None:
    """Take a section with all within it out, with the comments and the empty line above."""
    for heading in [line for line in lines if line == f"[{name}]" or line.startswith(f"[{name}.")]:
        start = lines.index(heading)
        end = _find_end(lines, start)
        while lines[start - 1].startswith("#"):
            start -= 1
        del lines[start - (not lines[start - 1]) : end]


def _fill(choices: Choices) -> Dict[str, Any]:
    """The template's variables."""
    size = (ACCURACY if choices.optimize == "accuracy" else EFFICIENCY)[choices.encoder]
    is_pretrained = choices.encoder == "pretrained"
    words = choices.words
    is_small = choices.is_small
    if is_small and not is_pretrained:
        size = size._replace(width=96, depth=min(size.depth, 4), warmup=100, steps=1200, batch=500)
    translates = any(task.kind == TRANSLATE for task in choices.tasks)
    if translates and not is_pretrained:
        size = size._replace(rate=min(size.rate, 0.003), warmup=max(size.warmup, 300))
    unlike = words is not None and len(words) > 1 and max(words) > UNLIKE * min(words)
    several = len(choices.sources) > 1
    balance_targets = several and any(task.kind == "textcat" for task in choices.tasks)
    weights = choices.weights
    if weights or not balance_targets:
        weights = {**dict.fromkeys(choices.scaffold, SCAFFOLD_WEIGHT), **weights}
    scores = weigh_scores(choices.tasks, choices.scaffold)
    roles = {task.name for task in choices.tasks if task.kind == "srl"}
    language = get_lang_class(choices.lang).default_config
    experts = EXPERTS.get(choices.sharing, 0)
    columns = len(choices.tasks) if choices.sharing == "cross-stitch" else max(experts, 1)
    return {
        "about": _tell(choices),
        "paths": _list_paths(choices),
        "gpu": choices.gpu,
        "is_pretrained": is_pretrained,
        "width": choices.width or _narrow(size.width, columns),
        "encoder_width": f"${{components.tok2vec.model.encode{'.expert' if experts else ''}.width}}",
        "depth": size.depth,
        "layer_depth": 1 if choices.sharing == "cross-stitch" else size.depth,
        "sharing": choices.sharing,
        "experts": experts,
        "lang": choices.lang,
        "tokenizer": language["nlp"]["tokenizer"],
        "tokenizer_settings": language["initialize"].get("tokenizer", {}),
        "pipeline": json.dumps(["tok2vec", *(task.name for task in choices.tasks)], separators=(",", ":")),
        "balance_targets": balance_targets,
        "is_small": is_small,
        "vectors": choices.vectors is not None,
        "translates": translates,
        "decoder_depth": 3 if choices.optimize == "accuracy" else 2,
        "private": choices.private,
        "scaffold": choices.scaffold,
        "feeds": choices.feeds,
        "encoder_weights": weights,
        "sampling": choices.sampling,
        "encoder": choices.encoder,
        "tasks": choices.tasks,
        "stock": STOCK_MODELS,
        "sources": choices.sources if several else (),
        "joined": [source.name for source in choices.sources if roles & set(source.tasks)] if several else roles,
        "sampler_tau": 0.5 if unlike else None,
        "steps": size.steps,
        "every": max(50, size.steps // 14 // 50 * 50),
        "batch": size.batch,
        "warmup": size.warmup,
        "rate": size.rate,
        "weights": [(name, "null" if weight is None else weight) for name, weight in scores],
    }


def _narrow(width: int, columns: int) -> int:
    """The width of a column, so that all together take about as much computing as one encoder of this width."""
    return width if columns == 1 else round(width / columns**0.5 / 8) * 8


def _tell(choices: Choices) -> List[str]:
    lines = []
    if choices.encoder == "pretrained":
        lines.append("paths.transformer: a model on the hub, or the folder it lies in (then set HF_HUB_OFFLINE=1).")
    extra = {"cnn": "", "pretrained": "transformers"}.get(choices.encoder, "torch")
    if len(choices.sources) > 1 and any(task.kind == "textcat" for task in choices.tasks):
        lines.append("Several corpora, each with its own tasks.")
    extras = [extra] if extra else []
    if any(task.kind == TRANSLATE for task in choices.tasks):
        extras.append("translate")
    if extras:
        lines.append(f"Needs spacy-mtl[{','.join(extras)}].")
    return lines


def _list_paths(choices: Choices) -> List[Tuple[str, str]]:
    several = len(choices.sources) > 1
    paths = []
    for source in choices.sources or (None,):
        start = f"{source.name}_" if source is not None and several else ""
        paths.append((f"{start}train", json.dumps(source.train if source else None)))
        paths.append((f"{start}dev", json.dumps(source.dev if source else None)))
    if choices.encoder == "pretrained":
        paths.append(("transformer", json.dumps(choices.transformer)))
    else:
        paths.append(("vectors", json.dumps(choices.vectors or None)))
    return paths


def _tidy(text: str) -> str:
    """One empty line before a section and the comments that belong to it, and none elsewhere."""
    lines: List[str] = []
    for line in text.split("\n"):
        line = line.rstrip()
        if line.startswith("["):
            start = len(lines)
            while start and lines[start - 1].startswith("#"):
                start -= 1
            if start and lines[start - 1]:
                lines.insert(start, "")
        elif line and not line.startswith("#") and lines and not lines[-1]:
            lines.pop()
        if line or (lines and lines[-1]):
            lines.append(line)
    return "\n".join(lines).rstrip() + "\n"
