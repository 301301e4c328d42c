"""Texts with what teachers say of them, in files that are whole or absent, so that a stopped reading goes on."""

from itertools import islice
from pathlib import Path
from typing import Any, Dict, Iterable, Iterator, List, Sequence

from spacy.training import Example
from spacy.util import minibatch
from tqdm import tqdm

from ..annotation import LESSONS_KEY
from ..data.writing import FILE_TYPE, check_folder, whole_file, write_docs
from ..errors import Errors
from ..json_files import read_json, write_json
from .teachers import Teacher, annotate

GOLD, TEXTS, RECORD = "gold", "texts", "lessons.json"
HEADS = "heads"
FILE_SIZE, BATCH_SIZE = 1000, 128


class Store:
    """A folder with lessons.

    folder (Path): The folder.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def find_sizes(self) -> Dict[str, int]:
        """How many texts there are, once the teachers have read all.

        RETURNS (Dict[str, int]): By part; empty if they have not, or a file is gone since.
        """
        path = self.folder / RECORD
        known = read_json(path) if path.exists() else {}
        sizes: Dict[str, int] = known.get("sizes", {})
        files = {part: len(list((self.folder / part).glob(f"*{FILE_TYPE}"))) for part in sizes}
        return sizes if files == known.get("files") else {}

    def begin(self, made_from: Dict[str, Any]) -> None:
        """Begin the folder, or go on with it.

        made_from (Dict[str, Any]): What the lessons depend on, by name.
        RAISES (OSError, ValueError): As `check`; E192 for a folder that cannot be made.
        """
        check_folder(self.folder)
        if (self.folder / RECORD).exists():
            self.check(made_from)
        else:
            self._record(made_from, {})

    def check(self, made_from: Dict[str, Any]) -> None:
        """Refuse a folder with other lessons.

        made_from (Dict[str, Any]): What the lessons depend on, by name. Heads that they are not for may be missing.
        RAISES (ValueError): E706 if the folder has lessons of other teachers or texts, or made in another way.
        """
        known = read_json(self.folder / RECORD)["made_from"]
        differing = [name for name in made_from if name != HEADS and known.get(name) != made_from[name]]
        if not set(made_from.get(HEADS, ())) <= set(known.get(HEADS, ())):
            differing.append(HEADS)
        if differing:
            raise ValueError(Errors.E706.format(folder=self.folder, names=", ".join(differing)))

    def fill(
        self,
        parts: Dict[str, Iterable[Example]],
        teachers: Sequence[Teacher],
        made_from: Dict[str, Any],
        *,
        temperature: float,
        top_k: int,
    ) -> None:
        """Let teachers read what they have not read yet.

        parts (Dict[str, Iterable[Example]]): Texts by the name of their part, GOLD or TEXTS.
        teachers (Sequence[Teacher]): The teachers.
        made_from (Dict[str, Any]): As for `begin`.
        temperature (float): What scores are divided by.
        top_k (int): How many labels of a token are kept.
        RAISES (OSError, ValueError): What reading, teaching and writing raise. What is written stays.
        """
        sizes = {}
        for part, examples in parts.items():
            shown = tqdm(examples, desc=f"Teachers read {part}", unit=" texts", disable=None, leave=False)
            sizes[part] = self._fill_part(part, iter(shown), teachers, temperature, top_k)
        self._record(made_from, sizes)

    def _fill_part(
        self, part: str, examples: Iterator[Example], teachers: Sequence[Teacher], temperature: float, top_k: int
    ) -> int:
        size = 0
        for number in range(10**9):
            chosen = list(islice(examples, FILE_SIZE))
            if not chosen:
                break
            size += len(chosen)
            path = self.folder / part / f"{number:06}{FILE_TYPE}"
            if path.exists():
                continue
            write_docs(self._teach(chosen, teachers, temperature, top_k), path)
            for example in chosen:
                # a reader that keeps its Docs must not keep these
                del example.reference.user_data[LESSONS_KEY]
        return size

    def _teach(
        self, examples: List[Example], teachers: Sequence[Teacher], temperature: float, top_k: int
    ) -> Iterator[Any]:
        for batch in minibatch(examples, BATCH_SIZE):
            yield from annotate(teachers, batch, temperature, top_k)

    def _record(self, made_from: Dict[str, Any], sizes: Dict[str, int]) -> None:
        files = {part: -(-size // FILE_SIZE) for part, size in sizes.items()}
        with whole_file(self.folder / RECORD) as path:
            write_json(path, {"made_from": made_from, "sizes": sizes, "files": files})
