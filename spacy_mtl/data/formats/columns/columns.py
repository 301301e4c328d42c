"""Docs from the formats with one token a row."""

from pathlib import Path
from typing import Iterable, Iterator, Optional, Union

from spacy.language import Language
from spacy.tokens import Doc

from ....errors import Errors
from ..lines import Place
from ..remarks import Remarks, reporting
from .conll import ConllSentence, read_conll2003, read_conll2005, read_conll2012
from .conllu import read_conllu
from .doc_maker import DocMaker
from .iob2 import read_iob2
from .propbank import BLANK, read_propbank
from .propositions import read_propositions


def read_iob2_docs(
    path: Union[str, Path],
    nlp: Language,
    *,
    word_column: Optional[int] = None,
    tag_column: Optional[int] = None,
    repair: bool = False,
    words: Optional[Union[str, Path]] = None,
    surface: bool = False,
    remarks: Optional[Remarks] = None,
) -> Iterator[Doc]:
    """The sentences of an IOB2 file as Docs with entities, and with the `sent_id` in `doc.user_data`.

    path (Union[str, Path]): The file.
    nlp (Language): Gives the vocabulary and the tokenizer, which tells what tokens text as people write it has.
    word_column, tag_column, repair, words: As for `read_iob2`.
    surface (bool): Whether words that the text writes as one token become that token, with the annotation.
    remarks (Optional[Remarks]): Says whether bad sentences are skipped, and takes what is found.
    YIELDS (Doc): One sentence.
    RAISES (FileNotFoundError, ValueError): As `read_iob2` and `make_doc`.
    """
    with reporting(remarks) as remarks:
        maker = DocMaker(nlp, remarks, surface)
        for sentence in read_iob2(
            path, word_column=word_column, tag_column=tag_column, repair=repair, words=words, remarks=remarks
        ):
            ids = {"sent_id": sentence.place.sentence, "doc_id": sentence.document}
            with remarks.skipping():
                yield maker.make(
                    sentence.place,
                    sentence.words,
                    sentence.spaces,
                    sentence.multiword,
                    entities=sentence.spans,
                    ids=ids,
                )


def read_conllu_docs(
    path: Union[str, Path], nlp: Language, *, surface: bool = False, remarks: Optional[Remarks] = None
) -> Iterator[Doc]:
    """The sentences of a CoNLL-U file as Docs with tags, lemmas, features and, where it is whole, the tree.

    What spaCy does not take is left open: parts of speech that are not universal, features without a value.

    path (Union[str, Path]): The file.
    nlp (Language): Gives the vocabulary and the tokenizer, which tells what tokens text as people write it has.
    surface (bool): Whether the words of a multiword token become that token, with the annotation.
    remarks (Optional[Remarks]): Says whether bad sentences are skipped, and takes what is found.
    YIELDS (Doc): One sentence.
    RAISES (FileNotFoundError, ValueError): As `read_conllu` and `make_doc`.
    """
    with reporting(remarks) as remarks:
        maker = DocMaker(nlp, remarks, surface)
        for sentence in read_conllu(path, remarks=remarks):
            with remarks.skipping():
                yield maker.make_from_conllu(sentence)


def read_proposition_docs(
    path: Union[str, Path],
    nlp: Language,
    *,
    words: Optional[Union[str, Path]] = None,
    heads_only: bool = False,
    keep_roles: bool = False,
    surface: bool = False,
    remarks: Optional[Remarks] = None,
) -> Iterator[Doc]:
    """The sentences of a file of Universal Propositions as Docs with frames and all that CoNLL-U has.

    path (Union[str, Path]): The file.
    nlp (Language): Gives the vocabulary and the tokenizer, which tells what tokens text as people write it has.
    words, heads_only, keep_roles: As for `read_propositions`.
    surface (bool): Whether the words of a multiword token become that token, with the annotation.
    remarks (Optional[Remarks]): Says whether bad sentences are skipped, and takes what is found.
    YIELDS (Doc): One sentence.
    RAISES (FileNotFoundError, ValueError): As `read_propositions` and `make_doc`.
    """
    with reporting(remarks) as remarks:
        maker = DocMaker(nlp, remarks, surface)
        for sentence, frames in read_propositions(
            path, words=words, heads_only=heads_only, keep_roles=keep_roles, remarks=remarks
        ):
            with remarks.skipping():
                yield maker.make_from_conllu(sentence, frames)


def read_propbank_docs(path: Union[str, Path], nlp: Language, *, remarks: Optional[Remarks] = None) -> Iterator[Doc]:
    """The sentences of a `gold_conll` file of PropBank as Docs with tags and frames.

    path (Union[str, Path]): The file.
    nlp (Language): Gives the vocabulary.
    remarks (Optional[Remarks]): Says whether bad sentences are skipped, and takes what is found.
    YIELDS (Doc): One sentence.
    RAISES (FileNotFoundError, ValueError): As `read_propbank` and `make_doc`; E146 for a file whose words are blanked.
    """
    with reporting(remarks) as remarks:
        maker = DocMaker(nlp, remarks)
        for sentence in read_propbank(path, remarks=remarks):
            _check_words(sentence.place, sentence.words)
            ids = {"doc_id": sentence.document, "sent_id": sentence.place.sentence}
            with remarks.skipping():
                yield maker.make(sentence.place, sentence.words, frames=sentence.frames, ids=ids, tags=sentence.tags)


def read_conll2003_docs(
    path: Union[str, Path],
    nlp: Language,
    *,
    word_column: Optional[int] = None,
    tag_column: Optional[int] = None,
    repair: bool = False,
    words: Optional[Union[str, Path]] = None,
    surface: bool = False,
    remarks: Optional[Remarks] = None,
) -> Iterator[Doc]:
    """The sentences of a file in the columns of CoNLL-2003 as Docs with entities.

    path (Union[str, Path]): The file.
    nlp (Language): Gives the vocabulary and the tokenizer, which tells what tokens text as people write it has.
    word_column, tag_column, repair, words: As for `read_conll2003`.
    surface (bool): Whether words that the text writes as one token become that token, with the annotation.
    remarks (Optional[Remarks]): Says whether bad sentences are skipped, and takes what is found.
    YIELDS (Doc): One sentence.
    RAISES (FileNotFoundError, ValueError): As `read_conll2003` and `make_doc`.
    """
    with reporting(remarks) as remarks:
        sentences = read_conll2003(
            path, word_column=word_column, tag_column=tag_column, repair=repair, words=words, remarks=remarks
        )
        yield from _to_docs(sentences, DocMaker(nlp, remarks, surface))


def read_conll2005_docs(
    path: Union[str, Path],
    nlp: Language,
    *,
    words: Optional[Union[str, Path]] = None,
    keep_roles: bool = False,
    remarks: Optional[Remarks] = None,
) -> Iterator[Doc]:
    """The sentences of a file with the propositions of CoNLL-2005 as Docs with frames.

    path (Union[str, Path]): The file.
    nlp (Language): Gives the vocabulary.
    words, keep_roles: As for `read_conll2005`.
    remarks (Optional[Remarks]): Says whether bad sentences are skipped, and takes what is found.
    YIELDS (Doc): One sentence.
    RAISES (FileNotFoundError, ValueError): As `read_conll2005` and `make_doc`.
    """
    with reporting(remarks) as remarks:
        sentences = read_conll2005(path, words=words, keep_roles=keep_roles, remarks=remarks)
        yield from _to_docs(sentences, DocMaker(nlp, remarks))


def read_conll2012_docs(path: Union[str, Path], nlp: Language, *, remarks: Optional[Remarks] = None) -> Iterator[Doc]:
    """The sentences of a `*_conll` file of CoNLL-2012 as Docs with tags, entities and frames.

    path (Union[str, Path]): The file.
    nlp (Language): Gives the vocabulary.
    remarks (Optional[Remarks]): Says whether bad sentences are skipped, and takes what is found.
    YIELDS (Doc): One sentence.
    RAISES (FileNotFoundError, ValueError): As `read_conll2012` and `make_doc`; E146 for a file whose words are blanked.
    """
    with reporting(remarks) as remarks:
        yield from _to_docs(read_conll2012(path, remarks=remarks), DocMaker(nlp, remarks))


def _to_docs(sentences: Iterable[ConllSentence], maker: DocMaker) -> Iterator[Doc]:
    for sentence in sentences:
        _check_words(sentence.place, sentence.words)
        with maker.remarks.skipping():
            yield maker.make(
                sentence.place,
                sentence.words,
                sentence.spaces,
                sentence.multiword,
                entities=sentence.entities,
                frames=sentence.frames,
                ids={"doc_id": sentence.document},
                tags=sentence.tags,
            )


def _check_words(place: Place, words: Iterable[str]) -> None:
    if BLANK in words:
        advice = "Fill the words in with the scripts of the release, and convert the files that they write."
        raise ValueError(Errors.E146.format(place=place.at(place.line), found=f"'{BLANK}' for a word", advice=advice))
