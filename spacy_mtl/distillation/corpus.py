"""The reader of a corpus with what teachers say of it, who read it first if they have not."""

import re
from pathlib import Path
from typing import Any, Callable, Dict, Iterable, Iterator, List, Optional, Union

from spacy.language import Language
from spacy.training import Example
from thinc.api import Config

from ..analysis.trainings.fingerprints import fingerprint
from ..data.corpus import Corpus
from ..errors import Errors
from ..pipeline.loading import load_pipeline
from ..scale.inputs import find_files
from ..setting_checks import check_setting
from ..shown import ShowsSettings
from .store import GOLD, HEADS, TEXTS, Store
from .teachers import Teacher, can_learn, find_teachers
from .texts import read_texts

NAME = "spacy-mtl.DistilledCorpus.v1"
_ADDRESS = re.compile(" at 0x[0-9a-f]+")
Reader = Callable[[Language], Iterable[Example]]


def make_distilled_corpus(
    path: Union[str, Path],
    teachers: List[str] = [],  # noqa: B006
    corpus: Optional[Reader] = None,
    texts: List[str] = [],  # noqa: B006
    temperature: float = 1.0,
    top_k: int = 8,
    max_length: int = 0,
    text_ratio: Optional[float] = None,
    gold_tokens: bool = True,
    keep_in_memory: bool = True,
) -> "DistilledCorpus":
    """Make the reader `spacy-mtl.DistilledCorpus.v1`: a corpus, and texts without annotation, with what trained
    pipelines say of them. Heads with a `distillation` block learn from it.

    At the first reading the teachers read each text once, and what they say is kept in a folder; a reading that was
    stopped goes on with what is missing. Later readings need neither the teachers nor the texts.

    path (Union[str, Path]): The folder for what the teachers say.
    teachers (List[str]): Trained pipelines: folders or names of packages. What several say of a task counts alike.
    corpus (Optional[Callable[[Language], Iterable[Example]]]): The reader of the annotated corpus, if there is one.
    texts (List[str]): Files or folders of texts: .txt with a text a line, .jsonl, .csv, .tsv or .parquet with a field
        "text", .spacy.
    temperature (float): What the teachers' scores, and the student's against them, are divided by.
    top_k (int): How many labels of a token are kept, the likeliest.
    max_length (int): The number of tokens that a text without annotation may have; 0 for no limit.
    text_ratio (Optional[float]): How many texts without annotation come for each one with it. They begin again at their
        end, and go on in the next epoch where they stopped. None for each once an epoch.
    gold_tokens (bool): As for `spacy-mtl.Corpus.v1`; it must be that of `corpus`.
    keep_in_memory (bool): Whether to keep the Docs after the first reading. Set false to stream them
        (`max_epochs = -1`).
    RETURNS (DistilledCorpus): The reader.
    RAISES (ValueError): E409 for a setting out of its range.
    """
    check_setting(NAME, "temperature", temperature, temperature > 0, "a number above 0")
    check_setting(NAME, "top_k", top_k, top_k > 0, "1 or more")
    check_setting(NAME, "max_length", max_length, max_length >= 0, "0 (no limit) or more")
    check_setting(NAME, "text_ratio", text_ratio, text_ratio is None or text_ratio >= 0, "0 or more, or null")
    return DistilledCorpus(
        path,
        teachers,
        corpus,
        texts,
        temperature=temperature,
        top_k=top_k,
        max_length=max_length,
        text_ratio=text_ratio,
        gold_tokens=gold_tokens,
        keep_in_memory=keep_in_memory,
    )


class DistilledCorpus(ShowsSettings):
    """Examples with lessons. The arguments are those of `make_distilled_corpus`."""

    def __init__(
        self,
        path: Union[str, Path],
        teachers: List[str],
        corpus: Optional[Reader] = None,
        texts: List[str] = [],  # noqa: B006
        *,
        temperature: float = 1.0,
        top_k: int = 8,
        max_length: int = 0,
        text_ratio: Optional[float] = None,
        gold_tokens: bool = True,
        keep_in_memory: bool = True,
    ) -> None:
        self.path = Path(path)
        self.teachers = list(teachers)
        self.corpus = corpus
        self.texts = [Path(text) for text in texts]
        self.temperature = temperature
        self.top_k = top_k
        self.max_length = max_length
        self.text_ratio = text_ratio
        self.gold_tokens = gold_tokens
        self.keep_in_memory = keep_in_memory
        self.store = Store(self.path)
        self._corpora: Dict[str, Corpus] = {}
        self._more_texts: Iterator[Example] = iter(())
        self._is_checked = False

    def __call__(self, nlp: Language) -> Iterator[Example]:
        """Read the corpus, and let the teachers read it before if they have not.

        nlp (Language): The student.
        YIELDS (Example): The Examples of the corpus, with texts in between.
        RAISES (OSError, ValueError): What loading the teachers and reading raise; E703-E707.
        """
        sizes = self.prepare(nlp)
        gold = self._read(GOLD, nlp) if sizes.get(GOLD) else iter(())
        if not sizes.get(TEXTS) or not sizes.get(GOLD):
            yield from gold
            yield from self._read(TEXTS, nlp) if sizes.get(TEXTS) else ()
            return
        # evenly in between, so that any beginning of a stream has both
        ratio = sizes[TEXTS] / sizes[GOLD] if self.text_ratio is None else self.text_ratio
        if self.text_ratio is None:
            self._more_texts = iter(())
        given = 0
        for number, example in enumerate(gold, start=1):
            yield example
            due = round(number * ratio)
            yield from self._take_texts(nlp, due - given)
            given = due

    def prepare(self, nlp: Language) -> Dict[str, int]:
        """Let the teachers read what they have not read yet. What they have read is checked once, against what it was
        made from, as far as that is there.

        nlp (Language): The student, whose heads are taught, and whose tokens they read.
        RETURNS (Dict[str, int]): How many texts there are of each part.
        RAISES (OSError, ValueError): As a reading.
        """
        sizes = self.store.find_sizes()
        if sizes and self._is_checked:
            return sizes
        origins = self._name_origins(nlp)
        if not sizes:
            self._teach(nlp, origins)
        else:
            self.store.check({name: origin for name, origin in origins.items() if self._is_there(name)})
        self._is_checked = True
        return self.store.find_sizes()

    def load_teachers(self, nlp: Language) -> List[Teacher]:
        """Load the teachers.

        nlp (Language): The student.
        RETURNS (List[Teacher]): The teachers.
        RAISES (OSError, ValueError): What loading raises; E703 for one without any task of the student.
        """
        return find_teachers(nlp, {path: load_pipeline(path) for path in self.teachers})

    def _teach(self, nlp: Language, origins: Dict[str, Any]) -> None:
        if not self.teachers or self.corpus is None and not self.texts:
            raise ValueError(Errors.E707.format(folder=self.path))
        find_files(self.texts, self.path)
        teachers = self.load_teachers(nlp)
        self.store.begin(origins)
        parts: Dict[str, Iterable[Example]] = {}
        if self.corpus is not None:
            parts[GOLD] = self.corpus(nlp)
        if self.texts:
            parts[TEXTS] = read_texts(self.texts, nlp, self.path, self.max_length)
        self.store.fill(parts, teachers, origins, temperature=self.temperature, top_k=self.top_k)

    def _name_origins(self, nlp: Language) -> Dict[str, Any]:
        """What lessons depend on, by name."""
        corpora = {"corpus": [str(path) for path in _find_paths(self.corpus)], "texts": [str(p) for p in self.texts]}
        return {
            "teachers": fingerprint(Config({"paths": {"teachers": self.teachers}})),
            "corpora": f"{fingerprint(Config({'paths': corpora}))} {_ADDRESS.sub('', repr(self.corpus))}",
            HEADS: [name for name, pipe in nlp.pipeline if can_learn(pipe)],
            "temperature": self.temperature,
            "top_k": self.top_k,
            "max_length": self.max_length,
        }

    def _is_there(self, name: str) -> bool:
        """Whether that which lessons were made from is there to be compared."""
        if name == "teachers":
            return bool(self.teachers) and all(Path(path).exists() for path in self.teachers)
        paths = [*_find_paths(self.corpus), *self.texts]
        return name != "corpora" or bool(paths) and all(path.exists() for path in paths)

    def _read(self, part: str, nlp: Language) -> Iterator[Example]:
        if part not in self._corpora:
            folder = self.path / part
            self._corpora[part] = Corpus(
                folder, gold_tokens=self.gold_tokens or part == TEXTS, keep_in_memory=self.keep_in_memory
            )
        return self._corpora[part](nlp)

    def _take_texts(self, nlp: Language, count: int) -> Iterator[Example]:
        """Texts from where the last ones stopped."""
        for _ in range(count):
            example = next(self._more_texts, None)
            if example is None:
                self._more_texts = self._read(TEXTS, nlp)
                example = next(self._more_texts)
            yield example


def _find_paths(reader: Any) -> List[Path]:
    """The files that a reader names, as far as it is one of ours."""
    if isinstance(reader, Corpus):
        return [reader.path]
    sources = getattr(reader, "sources", {})
    return [path for source in sources.values() for path in _find_paths(getattr(source, "corpus", None))]
