"""The reader of DocBin files that keeps frames: spaCy's own loses them when it splits, and tokenizes again."""

import random
import warnings
from pathlib import Path
from typing import Any, Callable, Dict, Iterator, List, Optional, Tuple, Union

from spacy.language import Language
from spacy.tokens import Doc
from spacy.training import Example
from spacy.vocab import Vocab

from ..errors import Errors, Warnings
from ..frames import register_extensions, set_frames
from ..shown import ShowsSettings
from ..span_places import copy_group
from ..translations import TRANSLATIONS_KEY
from .decoding import decode_file
from .formats.converting import read_docs
from .formats.docs import check_text
from .splitting import split_doc
from .texts import CATEGORY_SETTINGS, frames_or_none, join_texts
from .writing import FILE_TYPE

SPLITS = ("none", "sentences")
_SHOWN = 12
Augmenter = Callable[[Language, Example], Iterator[Example]]


def make_corpus(
    path: Optional[Path],
    gold_tokens: bool = True,
    max_length: int = 0,
    split: str = "none",
    join: int = 1,
    join_share: float = 0.5,
    join_categories: str = "equal",
    limit: int = 0,
    shuffle: bool = False,
    seed: int = 0,
    keep_in_memory: bool = True,
    augmenter: Optional[Augmenter] = None,
    format: Optional[str] = None,
    options: Optional[Dict[str, Any]] = None,
) -> "Corpus":
    """Make the reader `spacy-mtl.Corpus.v1`.

    path (Optional[Path]): A .spacy file or a folder with such files; with `format`, of that format.
    gold_tokens (bool): Whether the predicted Doc has the reference's tokens. Else the pipeline tokenizes the text.
    max_length (int): The number of tokens that a Doc may have; 0 for no limit.
    split (str): What becomes of longer Docs: "none" leaves them out (W101); "sentences" makes each sentence a Doc,
        and pieces of `max_length` tokens of what is still too long or has no sentences.
    join (int): How many consecutive Docs are joined to one text, at most and within `max_length`: a corpus of
        sentences then shows texts of several, with borders between the Docs and within them. Only Docs are joined that
        are annotated for the same things and, where they say so, of one document (`doc.user_data["doc_id"]`). 0 for
        whole documents.
    join_share (float): The share of the Docs that are joined, the same ones at each reading. The others stay alone, so
        that a pipeline learns from both.
    join_categories (str): "equal" joins only Docs with equal categories; "apart" joins others too, to a text without,
        and gives each of these Docs once more with its categories alone; "any" does so without giving them once more.
    limit (int): Read only the first Docs, in the order of the files' names; 0 for all.
    shuffle (bool): Whether to shuffle the Docs, in the same way at each reading.
    seed (int): Of the shuffle.
    keep_in_memory (bool): Whether to keep the Docs after the first reading. Decoding a Doc takes about a millisecond,
        and spaCy reads a corpus several times before it trains and at every evaluation. Set false to stream a corpus
        that is larger than memory (`max_epochs = -1`).
    augmenter (Optional[Callable]): Gives further Examples from one, as for `spacy.Corpus.v1`.
    format (Optional[str]): A format of `spacy mtl convert`, to read it as it is; None for .spacy.
    options (Optional[Dict[str, Any]]): What that format's converter takes.
    RETURNS (Corpus): The reader: called with a pipeline it gives Examples.
    RAISES (FileNotFoundError): E120 if the path is not given.
    RAISES (ValueError): E124 for an argument out of its range.
    """
    register_extensions()
    if path is None:
        raise FileNotFoundError(Errors.E120.format(path="null"))
    if split not in SPLITS:
        expected = " or ".join(f"'{name}'" for name in SPLITS)
        raise ValueError(Errors.E124.format(name="split", found=f"'{split}'", expected=expected))
    if join_categories not in CATEGORY_SETTINGS:
        expected = " or ".join(f"'{name}'" for name in CATEGORY_SETTINGS)
        raise ValueError(Errors.E124.format(name="join_categories", found=f"'{join_categories}'", expected=expected))
    if not 0.0 <= join_share <= 1.0:
        raise ValueError(Errors.E124.format(name="join_share", found=join_share, expected="a share, from 0 to 1"))
    if join < 0:
        raise ValueError(Errors.E124.format(name="join", found=join, expected="0 (whole documents) or more"))
    for name, value in (("max_length", max_length), ("limit", limit)):
        if value < 0:
            raise ValueError(Errors.E124.format(name=name, found=value, expected="0 (no limit) or more"))
    return Corpus(
        path,
        gold_tokens=gold_tokens,
        max_length=max_length,
        split=split,
        join=join,
        join_share=join_share,
        join_categories=join_categories,
        limit=limit,
        shuffle=shuffle,
        seed=seed,
        keep_in_memory=keep_in_memory,
        augmenter=augmenter,
        format=format,
        options=options,
    )


class Corpus(ShowsSettings):
    """Examples from DocBin files. The arguments are those of `make_corpus`."""

    def __init__(
        self,
        path: Union[str, Path],
        *,
        gold_tokens: bool = True,
        max_length: int = 0,
        split: str = "none",
        join: int = 1,
        join_share: float = 0.5,
        join_categories: str = "equal",
        limit: int = 0,
        shuffle: bool = False,
        seed: int = 0,
        keep_in_memory: bool = True,
        augmenter: Optional[Augmenter] = None,
        format: Optional[str] = None,
        options: Optional[Dict[str, Any]] = None,
    ) -> None:
        self.path = Path(path)
        self.format = format
        self.options = dict(options or {})
        self.gold_tokens = gold_tokens
        self.max_length = max_length
        self.split = split
        self.join = join
        self.join_share = join_share
        self.join_categories = join_categories
        self.limit = limit
        self.shuffle = shuffle
        self.seed = seed
        self.keep_in_memory = keep_in_memory
        self.augmenter = augmenter
        self._kept: Optional[Tuple[Vocab, List[Doc]]] = None

    def __call__(self, nlp: Language) -> Iterator[Example]:
        """Read the corpus.

        nlp (Language): Gives the vocabulary and, unless the gold tokens are used, the tokenizer.
        YIELDS (Example): The Examples.
        RAISES (FileNotFoundError): E120, E121 if there is no corpus.
        RAISES (ValueError): E122, E123 for a file that is no DocBin, and for a corpus without Docs.
        """
        for reference in self.read_references(nlp):
            yield from self.make_examples(nlp, reference)

    def read_references(self, nlp: Language) -> Iterator[Doc]:
        """Read the annotated Docs.

        nlp (Language): Gives the vocabulary.
        YIELDS (Doc): The Docs, those that are too long split or left out.
        RAISES (FileNotFoundError, ValueError): As reading Examples does.
        """
        docs = self._kept_docs(nlp) if self.keep_in_memory else self._join(self._read_docs(nlp))
        if self.shuffle:
            shuffled = list(docs)
            random.Random(self.seed).shuffle(shuffled)
            docs = iter(shuffled)
        yield from self._bound_length(docs)

    def make_examples(self, nlp: Language, reference: Doc) -> Iterator[Example]:
        """Make Examples of an annotated Doc.

        nlp (Language): Gives the tokenizer, unless the gold tokens are used.
        reference (Doc): The Doc.
        YIELDS (Example): One Example, or what the augmenter makes of it.
        """
        example = Example(self._make_predicted(nlp, reference), reference)
        if self.augmenter is None:
            yield example
            return
        for augmented in self.augmenter(nlp, example):
            _restore_groups(augmented.reference, reference)
            yield augmented

    def _kept_docs(self, nlp: Language) -> Iterator[Doc]:
        """The Docs from memory, or from the files for a first reading, which is kept once it is complete."""
        if self._kept is not None and self._kept[0] is nlp.vocab:
            yield from self._kept[1]
            return
        docs = []
        for doc in self._join(self._read_docs(nlp)):
            docs.append(doc)
            yield doc
        self._kept = (nlp.vocab, docs)

    def _join(self, docs: Iterator[Doc]) -> Iterator[Doc]:
        if self.join == 1:
            return docs
        return join_texts(
            docs,
            self.join,
            categories=self.join_categories,
            max_length=self.max_length,
            share=self.join_share,
            rng=random.Random(self.seed),
        )

    def _read_docs(self, nlp: Language) -> Iterator[Doc]:
        found = 0
        for doc in self._decode(nlp) if self.format is None else self._convert(nlp):
            if len(doc) == 0:
                continue
            yield doc
            found += 1
            if found == self.limit:
                return
        if not found:
            raise ValueError(Errors.E123.format(path=self.path))

    def _decode(self, nlp: Language) -> Iterator[Doc]:
        for file in find_files(self.path):
            yield from decode_file(file, nlp.vocab)

    def _convert(self, nlp: Language) -> Iterator[Doc]:
        if not self.path.exists():
            raise FileNotFoundError(Errors.E120.format(path=self.path))
        yield from read_docs([self.path], self.format, nlp, **self.options)

    def _bound_length(self, docs: Iterator[Doc]) -> Iterator[Doc]:
        left_out = 0
        for doc in docs:
            if self.split == "sentences":
                yield from split_doc(doc, self.max_length)
            elif self.max_length == 0 or len(doc) <= self.max_length:
                yield doc
            else:
                left_out += 1
        if left_out:
            warnings.warn(Warnings.W101.format(path=self.path, n=left_out, length=self.max_length), stacklevel=2)

    def _make_predicted(self, nlp: Language, reference: Doc) -> Doc:
        words = [token.text for token in reference]
        if reference.has_unknown_spaces:
            return Doc(nlp.vocab, words=words)
        if self.gold_tokens:
            return Doc(nlp.vocab, words=words, spaces=[bool(token.whitespace_) for token in reference])
        check_text(reference.text, nlp, f"{self.path}, the Doc '{reference[:_SHOWN].text} ...'")
        return nlp.make_doc(reference.text)


def find_files(path: Path) -> List[Path]:
    """The DocBin files at a path, hidden ones left out.

    path (Path): A .spacy file or a folder with such files.
    RETURNS (List[Path]): The files in the order of their paths.
    RAISES (FileNotFoundError): E120 if there is nothing at the path, E121 if there is no .spacy file.
    """
    if not path.exists():
        raise FileNotFoundError(Errors.E120.format(path=path))
    if path.is_file():
        files = [path] if path.suffix == FILE_TYPE else []
    else:
        files = sorted(file for file in path.rglob(f"*{FILE_TYPE}") if file.is_file())
        files = [file for file in files if not any(part.startswith(".") for part in file.relative_to(path).parts)]
    if not files:
        raise FileNotFoundError(Errors.E121.format(path=path))
    return files


def _restore_groups(augmented: Doc, original: Doc) -> None:
    """Give an augmented reference its frames again, or mark it unannotated if its tokens are others; and its
    translations.

    spaCy's augmenters go through Example.to_dict, which loses the ids that hold frames together, and the attributes
    of groups.
    """
    if augmented is original:
        return
    # case and spelling of the text may be others now: its translation is still one
    if TRANSLATIONS_KEY in original.spans:
        augmented.spans[TRANSLATIONS_KEY] = copy_group(original.spans[TRANSLATIONS_KEY], augmented)
    for key in [key for key in original.spans if key != TRANSLATIONS_KEY]:
        frames = frames_or_none(original, key)
        if frames is None or (key in augmented.spans and frames_or_none(augmented, key) is not None):
            continue
        if key in augmented.spans:
            del augmented.spans[key]
        if len(augmented) == len(original):
            set_frames(augmented, frames, key)
