"""Corpora as somebody names them who has files: which belong together, and which part each is."""

import re
from pathlib import Path
from typing import Dict, List, NamedTuple, Optional, Sequence, Tuple

from ..errors import Errors

PARTS = ("train", "dev", "test")
WORDS = {
    "train": "train",
    "training": "train",
    "dev": "dev",
    "devel": "dev",
    "development": "dev",
    "val": "dev",
    "valid": "dev",
    "validation": "dev",
    "test": "test",
    "testing": "test",
}
_NAMED = re.compile(r"(?P<name>[A-Za-z_]\w*)=(?P<paths>.+?)(:(?P<tasks>[\w,-]+))?")
_WITH_TASKS = re.compile(r"(?P<path>.+):(?P<tasks>[\w,-]+)")
_BREAKS = re.compile(r"[^A-Za-z0-9]+")
_ALONE = "corpus"


class Input(NamedTuple):
    """A corpus, whole or in parts.

    name (str): What it is called in the config.
    parts (Dict[str, Path]): The files or folders that there are, by part. What is not split is the part "train".
    tasks (Tuple[str, ...]): The names of the tasks that it teaches; empty for those that it is annotated for.
    """

    name: str
    parts: Dict[str, Path]
    tasks: Tuple[str, ...] = ()


def parse_inputs(given: Sequence[str]) -> List[Input]:
    """Find the corpora among files and folders.

    With a name, "name=train.spacy,dev.spacy,test.spacy:task,task", the parts are in this order, and the later ones and
    the tasks may be missing. Without one, names tell: train.spacy and dev.spacy are parts of one corpus, and so are
    news-train.csv and news-test.csv; a folder with such files or folders stands for them. Anything else is a corpus of
    its own, called as its file.

    given (Sequence[str]): The files, folders, and named corpora.
    RETURNS (List[Input]): The corpora, in the order in which they are first named.
    RAISES (FileNotFoundError): E101 for a path with nothing there.
    RAISES (ValueError): E785 for what cannot be read, E786 for two corpora of one name, E787 for parts that do not make
        a corpus.
    """
    named: Dict[int, Input] = {}
    places: Dict[Tuple[Path, str, Tuple[str, ...]], int] = {}
    grouped: Dict[Tuple[Path, str, Tuple[str, ...]], Dict[str, Path]] = {}
    for place, text in enumerate(given):
        one = _read_named(text)
        if one is not None:
            named[place] = one
            continue
        path, tasks = _read_path(text)
        for found in _unfold(path):
            part, rest = _find_part(found)
            key = (found.parent if part else found, rest, tasks)
            places.setdefault(key, place)
            if not part and key not in grouped:
                grouped[key] = {"train": found}
                continue
            parts = grouped.setdefault(key, {})
            if (part or "train") in parts:
                raise ValueError(Errors.E786.format(name=_name(key), path=found, other=parts[part or "train"]))
            parts[part] = found
    unnamed = [(places[key], Input(_name(key), _order(parts, grouped), key[2])) for key, parts in grouped.items()]
    found_inputs = [one for _, one in sorted([*named.items(), *unnamed], key=lambda item: item[0])]
    seen: Dict[str, Input] = {}
    for corpus in found_inputs:
        for path in corpus.parts.values():
            if not path.exists():
                raise FileNotFoundError(Errors.E101.format(path=path, found="nothing"))
        if corpus.name in seen:
            first, second = (next(iter(one.parts.values())) for one in (seen[corpus.name], corpus))
            raise ValueError(Errors.E786.format(name=corpus.name, path=second, other=first))
        seen[corpus.name] = corpus
    if not seen:
        raise ValueError(Errors.E785.format(found=""))
    return found_inputs


def _read_named(text: str) -> Optional[Input]:
    found = _NAMED.fullmatch(text)
    if found is None or Path(text).exists():
        return None
    paths = [path.strip() for path in found["paths"].split(",")]
    if len(paths) > len(PARTS) or not paths[0]:
        raise ValueError(Errors.E785.format(found=text))
    parts = {part: Path(path) for part, path in zip(PARTS, paths) if path}
    return Input(found["name"], parts, _split(found["tasks"]))


def _read_path(text: str) -> Tuple[Path, Tuple[str, ...]]:
    if not text.strip():
        raise ValueError(Errors.E785.format(found=text))
    if Path(text).exists():
        return Path(text), ()
    found = _WITH_TASKS.fullmatch(text)
    return (Path(found["path"]), _split(found["tasks"])) if found else (Path(text), ())


def _split(tasks: Optional[str]) -> Tuple[str, ...]:
    return tuple(name for name in (tasks or "").split(",") if name)


def _unfold(path: Path) -> List[Path]:
    """What a folder stands for: the parts in it, if one of them is for training."""
    if not path.is_dir():
        return [path]
    within = sorted(file for file in path.iterdir() if not file.name.startswith("."))
    parts = [file for file in within if _find_part(file)[0]]
    return parts if any(_find_part(file)[0] == "train" for file in parts) else [path]


def _stem(path: Path) -> str:
    return path.name if path.is_dir() else path.name.removesuffix(".gz").rpartition(".")[0] or path.name


def _find_part(path: Path) -> Tuple[str, str]:
    """The part that a name tells, "" for none, and the rest of the name."""
    words = [word for word in _BREAKS.split(_stem(path)) if word]
    places = [i for i, word in enumerate(words) if word.lower() in WORDS]
    if len(places) != 1:
        return "", ""
    (place,) = places
    return WORDS[words[place].lower()], "_".join(words[:place] + words[place + 1 :])


def _name(key: Tuple[Path, str, Tuple[str, ...]]) -> str:
    """A name that a config can have: that of the file, or else of the folder that the parts lie in."""
    path, rest, _ = key
    name = rest or (_stem(path) if path.name else "")
    name = "_".join(word for word in _BREAKS.split(name) if word) or _ALONE
    return f"{_ALONE}_{name}" if name[0].isdigit() else name


def _order(parts: Dict[str, Path], groups: Dict) -> Dict[str, Path]:
    """The parts in their order. A file that is alone is the corpus, whatever it is called."""
    if "train" in parts:
        return {part: parts[part] for part in PARTS if part in parts}
    if len(parts) == 1 and len(groups) == 1:
        return {"train": next(iter(parts.values()))}
    raise ValueError(Errors.E787.format(paths=", ".join(map(str, parts.values()))))
