"""Docs from the formats with one token a row."""

from pathlib import Path
from typing import Any, Dict, Iterable, Iterator, List, Optional, Sequence, Union

from spacy.language import Language
from spacy.parts_of_speech import IDS as PARTS_OF_SPEECH
from spacy.tokens import Doc

from ..errors import Errors
from .conll import ConllSentence, read_conll2003, read_conll2005, read_conll2012
from .conllu import ConlluSentence, read_conllu
from .docs import make_doc
from .iob2 import read_iob2
from .lines import Place
from .propbank import BLANK, read_propbank
from .propositions import read_propositions


def read_iob2_docs(
    path: Union[str, Path], nlp: Language, *, word_column: int = 1, tag_column: int = 2
) -> Iterator[Doc]:
    """The sentences of an IOB2 file as Docs with entities, and with the `sent_id` in `doc.user_data`.

    path (Union[str, Path]): The file.
    nlp (Language): Gives the vocabulary.
    word_column (int): Index of the column with the token.
    tag_column (int): Index of the column with the tag.
    YIELDS (Doc): One sentence.
    RAISES (FileNotFoundError, ValueError): As `read_iob2`.
    """
    for sentence in read_iob2(path, word_column=word_column, tag_column=tag_column):
        ids = {"sent_id": sentence.place.sentence}
        yield make_doc(nlp.vocab, sentence.words, entities=sentence.spans, ids=ids)


def read_conllu_docs(path: Union[str, Path], nlp: Language) -> Iterator[Doc]:
    """The sentences of a CoNLL-U file as Docs with tags, lemmas, features and, where it is whole, the tree.

    What spaCy does not take is left open: parts of speech that are not universal, features without a value.

    path (Union[str, Path]): The file.
    nlp (Language): Gives the vocabulary.
    YIELDS (Doc): One sentence.
    RAISES (FileNotFoundError, ValueError): As `read_conllu`.
    """
    for sentence in read_conllu(path):
        yield make_doc(nlp.vocab, sentence.words, ids={"sent_id": sentence.place.sentence}, **_attributes(sentence))


def read_proposition_docs(
    path: Union[str, Path],
    nlp: Language,
    *,
    words: Optional[Union[str, Path]] = None,
    heads_only: bool = False,
    keep_roles: bool = False,
) -> Iterator[Doc]:
    """The sentences of a file of Universal Propositions as Docs with frames and all that CoNLL-U has.

    path (Union[str, Path]): The file.
    nlp (Language): Gives the vocabulary.
    words, heads_only, keep_roles: As for `read_propositions`.
    YIELDS (Doc): One sentence.
    RAISES (FileNotFoundError, ValueError): As `read_propositions`.
    """
    for sentence, frames in read_propositions(path, words=words, heads_only=heads_only, keep_roles=keep_roles):
        ids = {"sent_id": sentence.place.sentence}
        yield make_doc(nlp.vocab, sentence.words, frames=frames, ids=ids, **_attributes(sentence))


def read_propbank_docs(path: Union[str, Path], nlp: Language) -> Iterator[Doc]:
    """The sentences of a `gold_conll` file of PropBank as Docs with tags and frames.

    path (Union[str, Path]): The file.
    nlp (Language): Gives the vocabulary.
    YIELDS (Doc): One sentence.
    RAISES (FileNotFoundError, ValueError): As `read_propbank`; E146 for a file whose words are blanked.
    """
    for sentence in read_propbank(path):
        _check_words(sentence.place, sentence.words)
        yield make_doc(
            nlp.vocab,
            sentence.words,
            frames=sentence.frames,
            ids={"doc_id": sentence.document, "sent_id": sentence.place.sentence},
            tags=sentence.tags,
        )


def read_conll2003_docs(
    path: Union[str, Path], nlp: Language, *, word_column: int = 0, tag_column: int = -1, repair: bool = False
) -> Iterator[Doc]:
    """The sentences of a file in the columns of CoNLL-2003 as Docs with entities.

    path (Union[str, Path]): The file.
    nlp (Language): Gives the vocabulary.
    word_column, tag_column, repair: As for `read_conll2003`.
    YIELDS (Doc): One sentence.
    RAISES (FileNotFoundError, ValueError): As `read_conll2003`.
    """
    return _to_docs(read_conll2003(path, word_column=word_column, tag_column=tag_column, repair=repair), nlp)


def read_conll2005_docs(
    path: Union[str, Path], nlp: Language, *, words: Optional[Union[str, Path]] = None, keep_roles: bool = False
) -> Iterator[Doc]:
    """The sentences of a file with the propositions of CoNLL-2005 as Docs with frames.

    path (Union[str, Path]): The file.
    nlp (Language): Gives the vocabulary.
    words, keep_roles: As for `read_conll2005`.
    YIELDS (Doc): One sentence.
    RAISES (FileNotFoundError, ValueError): As `read_conll2005`.
    """
    return _to_docs(read_conll2005(path, words=words, keep_roles=keep_roles), nlp)


def read_conll2012_docs(path: Union[str, Path], nlp: Language) -> Iterator[Doc]:
    """The sentences of a `*_conll` file of CoNLL-2012 as Docs with tags, entities and frames.

    path (Union[str, Path]): The file.
    nlp (Language): Gives the vocabulary.
    YIELDS (Doc): One sentence.
    RAISES (FileNotFoundError, ValueError): As `read_conll2012`; E146 for a file whose words are blanked.
    """
    return _to_docs(read_conll2012(path), nlp)


def _to_docs(sentences: Iterable[ConllSentence], nlp: Language) -> Iterator[Doc]:
    for sentence in sentences:
        _check_words(sentence.place, sentence.words)
        yield make_doc(
            nlp.vocab,
            sentence.words,
            entities=sentence.entities,
            frames=sentence.frames,
            ids={"doc_id": sentence.document},
            tags=sentence.tags,
        )


def _attributes(sentence: ConlluSentence) -> Dict[str, Any]:
    """What spaCy takes of a sentence: it refuses other parts of speech, features without "=" and half a tree."""
    attributes = {
        "spaces": sentence.spaces,
        "tags": sentence.tags,
        "pos": [pos if pos in PARTS_OF_SPEECH else "" for pos in sentence.pos],
        "lemmas": sentence.lemmas,
        "morphs": ["|".join(part for part in morph.split("|") if "=" in part) for morph in sentence.morphs],
    }
    if all(sentence.deps) and _is_tree(sentence.heads):
        # spaCy's name for the relation of a root
        deps = ["ROOT" if dep == "root" else dep for dep in sentence.deps]
        attributes.update(heads=sentence.heads, deps=deps)
    return attributes


def _is_tree(heads: Sequence[int]) -> bool:
    """Whether every word has a head and leads up to a root."""
    rooted = {word for word, head in enumerate(heads) if head == word}
    for word in range(len(heads)):
        path: List[int] = []
        while word >= 0 and word not in rooted and len(path) <= len(heads):
            path.append(word)
            word = heads[word]
        if word not in rooted:
            return False
        rooted.update(path)
    return True


def _check_words(place: Place, words: Iterable[str]) -> None:
    if BLANK in words:
        advice = "Fill the words in with the scripts of the release, and convert the files that they write."
        raise ValueError(Errors.E146.format(place=place.at(place.line), found=f"'{BLANK}' for a word", advice=advice))
