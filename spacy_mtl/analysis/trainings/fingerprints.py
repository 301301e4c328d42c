"""What trainings depend on, as a hash: a config, the files that it names, the code that runs."""

import hashlib
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Dict, Iterator, List, Optional, Set, Tuple

from thinc.api import Config

PACKAGES = ("spacy-mtl", "spacy", "thinc", "torch", "torchjd", "transformers", "spacy-transformers")
PATH_KEYS = ("path", "source", "vectors", "init_tok2vec", "words")
PATH_ENDINGS = ("_path", "_dir")
PATH_SECTION = ("paths",)
# What a logger names is written, not read.
LOGGER = ("training", "logger")
TRANSFORMER_KEY = "name"
TRANSFORMER_FILE = "config.json"
BLOCK = 1 << 20


def fingerprint(config: Config, code: Optional[Path] = None) -> str:
    """What a training depends on: the config, the files that it names, the versions of the packages that do the work,
    this one among them, and the code of its user.

    Files are those under [paths], and elsewhere under `path`, `source`, `vectors`, `init_tok2vec`, `words` and names
    that end in `_path` or `_dir`, and transformers that are named by their folder. What is only the name of a package
    or of a model on the hub is hashed as that name.

    config (Config): The config, without variables.
    code (Optional[Path]): A Python file with registered functions, as in `spacy train --code`.
    RETURNS (str): A hash that changes when one of them does.
    RAISES (OSError): If a file cannot be read.
    """
    versions = [f"{name} {found}" for name, found in find_versions().items()]
    digest = hashlib.sha256("\n".join([*versions, config.to_str()]).encode())
    if code is not None:
        # moved elsewhere, it does the same
        _add_file(digest, "code", code)
    for path in find_files(config):
        _add_file(digest, str(path), path)
    return digest.hexdigest()


def find_versions() -> Dict[str, str]:
    """The packages that trainings are done with.

    RETURNS (Dict[str, str]): By name the versions of those that are installed.
    """
    found = {}
    for name in PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def find_files(config: Config) -> List[Path]:
    """The files that a config names, with those in the folders that it names.

    config (Config): The config, without variables.
    RETURNS (List[Path]): The files in their order, each once.
    """
    found: Set[Path] = set()
    for path in _find_paths(config, ()):
        if path.is_dir():
            found.update(part for part in path.rglob("*") if part.is_file())
        elif path.is_file():
            found.add(path)
    return sorted(found)


def _find_paths(block: Dict[str, Any], place: Tuple[str, ...]) -> Iterator[Path]:
    for key, value in block.items():
        here = (*place, key)
        if here == LOGGER:
            continue
        if place[:1] == PATH_SECTION or key in PATH_KEYS or key.endswith(PATH_ENDINGS):
            yield from map(Path, _find_strings(value))
        elif key == TRANSFORMER_KEY and any(name.startswith("@") for name in block):
            yield from (path for path in map(Path, _find_strings(value)) if (path / TRANSFORMER_FILE).is_file())
        if isinstance(value, dict):
            yield from _find_paths(value, here)


def _find_strings(value: Any) -> Iterator[str]:
    if isinstance(value, (list, tuple)):
        for part in value:
            yield from _find_strings(part)
    # what is longer is no path, and some systems fail on it
    elif isinstance(value, (str, Path)) and 0 < len(str(value)) < 1000:
        yield str(value)


def _add_file(digest: Any, name: str, path: Path) -> None:
    # with its length, or the end of one file could pass for the beginning of the next
    digest.update(f"\n{name} {path.stat().st_size}\n".encode())
    with path.open("rb") as file_:
        for block in iter(lambda: file_.read(BLOCK), b""):
            digest.update(block)
