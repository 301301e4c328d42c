"""Docs of parallel texts."""

from pathlib import Path
from typing import Iterator, Optional, Union

from spacy.language import Language
from spacy.tokens import Doc

from ....errors import Errors
from ..lines import GZIP_SUFFIX
from ..remarks import Remarks, reporting
from ..texts.table_columns import Column
from .jsonl import read_json_pairs
from .lines import find_targets, read_line_pairs
from .pairs import make_pair_docs
from .tables import read_table_pairs
from .tmx import read_tmx

_TABLES = (".csv", ".tsv")
_JSONL = ".jsonl"


def read_parallel_docs(
    path: Union[str, Path],
    nlp: Language,
    *,
    target_lang: Optional[str] = None,
    targets: Optional[Union[str, Path]] = None,
    text_column: Optional[Column] = None,
    target_column: Optional[Column] = None,
    header: Optional[bool] = None,
    delimiter: Optional[str] = None,
    quotes: Optional[bool] = None,
    split_words: bool = False,
    remarks: Optional[Remarks] = None,
) -> Iterator[Doc]:
    """Texts with translations from two files of lines, a table (".csv", ".tsv") or objects (".jsonl"), by the file's
    ending. Pairs of which a side is empty are left out and counted.

    path (Union[str, Path]): The file. Of two files of lines that with the texts.
    nlp (Language): Gives the vocabulary and the tokenizer; the texts are in its language.
    target_lang (Optional[str]): The language of the translations, such as "de".
    targets (Optional[Union[str, Path]]): See `read_line_pairs`.
    text_column, target_column, header, delimiter, quotes: See `read_table_pairs`.
    split_words (bool): Whether to split texts at white space instead of tokenizing them.
    remarks (Optional[Remarks]): Takes what is left out.
    YIELDS (Doc): One Doc a pair.
    RAISES (FileNotFoundError, ValueError): As these, `read_json_pairs` and `make_pair_docs`; E172 without a target
        language.
    """
    path = Path(path)
    source_lang = nlp.lang or ""
    if not target_lang:
        problem = "nothing says what language the translations are in"
        raise ValueError(Errors.E172.format(path=path, problem=problem, expected="its code (--target-lang de)"))
    ending = _find_ending(path)
    with reporting(remarks) as remarks:
        if targets is None and ending in _TABLES:
            pairs = read_table_pairs(
                path,
                source_lang,
                target_lang,
                text_column=text_column,
                target_column=target_column,
                header=header,
                delimiter=delimiter,
                quotes=quotes,
                remarks=remarks,
            )
        elif targets is None and ending == _JSONL:
            pairs = read_json_pairs(path, source_lang, target_lang, remarks=remarks)
        else:
            pairs = read_line_pairs(path, source_lang, target_lang, None if targets is None else Path(targets))
        yield from make_pair_docs(pairs, nlp, split_words=split_words, remarks=remarks)


def read_tmx_docs(
    path: Union[str, Path],
    nlp: Language,
    *,
    target_lang: Optional[str] = None,
    remarks: Optional[Remarks] = None,
) -> Iterator[Doc]:
    """The units of a TMX file as Docs.

    path (Union[str, Path]): The file.
    nlp (Language): Gives the vocabulary and the tokenizer; the texts are in its language.
    target_lang (Optional[str]): The language of the translations; None for all.
    remarks (Optional[Remarks]): Takes what is left out.
    YIELDS (Doc): One Doc a unit.
    RAISES (FileNotFoundError, ValueError): As `read_tmx` and `make_pair_docs`.
    """
    with reporting(remarks) as remarks:
        yield from make_pair_docs(
            read_tmx(Path(path), nlp.lang or "", target_lang, remarks=remarks), nlp, remarks=remarks
        )


def find_other_file(
    path: Path, source_lang: str, target_lang: Optional[str] = None, targets: Optional[Union[str, Path]] = None
) -> Optional[Path]:
    """The file that `read_parallel_docs` reads beside another.

    path (Path): The file.
    source_lang (str): The language of the texts.
    target_lang, targets: As for `read_parallel_docs`.
    RETURNS (Optional[Path]): The file; None if both sides are in one, or if no language is said.
    RAISES (ValueError): E172 if the name of the file tells no other.
    """
    if targets is not None:
        return Path(targets)
    is_alone = _find_ending(path) in (*_TABLES, _JSONL)
    return None if is_alone or not target_lang else find_targets(path, source_lang, target_lang)


def _find_ending(path: Path) -> str:
    return Path(path.name.removesuffix(GZIP_SUFFIX)).suffix
