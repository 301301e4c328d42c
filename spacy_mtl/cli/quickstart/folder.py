"""The folder of `spacy mtl quickstart`: what was asked for, and how far it came."""

import hashlib
import shutil
from pathlib import Path
from typing import Any, Dict, List, Mapping, Sequence

from ...data.writing import whole_file
from ...errors import Errors
from ...json_files import read_json, write_json
from ...recipes.inputs import Input
from ...recipes.parts import Prepared

STATE, CORPUS, CONFIG, UNFINISHED, MODEL, METRICS, PAGE = OWN = (
    "quickstart.json",
    "corpus",
    "config.cfg",
    "model-so-far",
    "model-best",
    "metrics.json",
    "page.html",
)
BLOCK = 1 << 20


class OutputFolder:
    """Where everything goes to. Each file and folder in it is whole or absent, so that what is there is done."""

    def __init__(self, path: Path, asked: Mapping[str, Any], force: bool = False) -> None:
        """Open the folder, or make it. What an unfinished run made from something else is removed.

        path (Path): The folder.
        asked (Mapping[str, Any]): All that the result depends on.
        force (bool): Whether to replace what is there.
        RAISES (OSError): E793 if it cannot be written to.
        RAISES (ValueError): E791 for a folder of somebody else's, E792 for a finished pipeline made from something
            else.
        """
        self.path = path
        self._asked = dict(asked)
        try:
            path.mkdir(parents=True, exist_ok=True)
            state = self._read()
            found = state.get("asked")
            strangers = [name for name in OWN if (path / name).exists()] if found is None else []
            if strangers and not force:
                raise ValueError(Errors.E791.format(path=path, found=", ".join(strangers)))
            changed = find_changed(found or {}, self._asked)
            if (path / MODEL).exists() and changed and not force:
                raise ValueError(Errors.E792.format(path=path, changed=", ".join(changed)))
            if force or changed:
                self.clear()
                state = {}
            self._sources: List[Dict[str, Any]] = state.get("sources", [])
            self._write()
        except OSError as error:
            raise OSError(Errors.E793.format(path=path, problem=error)) from error

    def __truediv__(self, name: str) -> Path:
        """name (str): One of the names here. RETURNS (Path): Its path."""
        return self.path / name

    @property
    def sources(self) -> List[Prepared]:
        """RETURNS (List[Prepared]): The corpora, if they are prepared and all there."""
        found = [Prepared(**source) for source in self._sources]
        is_whole = all(Path(path).exists() for source in found for path in source.parts.values())
        return found if is_whole else []

    @sources.setter
    def sources(self, found: Sequence[Prepared]) -> None:
        self._sources = [source._asdict() for source in found]
        self._write()

    def clear(self) -> None:
        """Remove what this command makes, and nothing else."""
        for name in OWN:
            path = self.path / name
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)

    def abandon(self) -> None:
        """Remove the folder again if nothing has been done in it."""
        if not self._sources:
            (self.path / STATE).unlink(missing_ok=True)
            if not any(self.path.iterdir()):
                self.path.rmdir()

    def _read(self) -> Dict[str, Any]:
        try:
            found = read_json(self.path / STATE)
        except (OSError, ValueError):
            return {}
        return found if isinstance(found, dict) else {}

    def _write(self) -> None:
        with whole_file(self.path / STATE) as temporary:
            write_json(temporary, {"asked": self._asked, "sources": self._sources})


def describe_inputs(corpora: Sequence[Input], others: Sequence[Path] = ()) -> Dict[str, Any]:
    """What the result depends on of corpora.

    corpora (Sequence[Input]): The corpora.
    others (Sequence[Path]): Files that are read beside theirs.
    RETURNS (Dict[str, Any]): By corpus its tasks, and for each part a hash of its files; likewise of other files.
    """
    of_corpora = {
        f"corpus {corpus.name}": {
            "tasks": list(corpus.tasks),
            **{part: [str(path), _hash(path)] for part, path in corpus.parts.items()},
        }
        for corpus in corpora
    }
    return {**of_corpora, **{f"translations {path}": _hash(path) for path in others}}


def find_changed(before: Mapping[str, Any], asked: Mapping[str, Any]) -> List[str]:
    """What differs between two calls.

    before (Mapping[str, Any]): What was asked for then.
    asked (Mapping[str, Any]): What is asked for now.
    RETURNS (List[str]): The names of what differs.
    """
    names = dict.fromkeys([*before, *asked])
    return [name for name in names if before.get(name) != asked.get(name)]


def _hash(path: Path) -> str:
    digest = hashlib.sha256()
    for file in [path] if path.is_file() else sorted(found for found in path.rglob("*") if found.is_file()):
        digest.update(str(file.relative_to(path)).encode())
        with file.open("rb") as stream:
            while block := stream.read(BLOCK):
                digest.update(block)
    return digest.hexdigest()
