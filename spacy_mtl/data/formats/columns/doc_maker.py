"""Docs from sentences in syntactic words."""

from typing import Any, Dict, List, Optional, Sequence

from spacy.language import Language
from spacy.parts_of_speech import IDS as PARTS_OF_SPEECH
from spacy.tokens import Doc

from ....errors import Warnings
from ....types import FrameSpans
from ..docs import make_doc
from ..lines import Place
from ..remarks import Remarks
from .conllu import ConlluSentence
from .iob2 import TaggedSpan
from .spelling import MultiwordToken
from .surface import Surface


class DocMaker:
    """Makes Docs of the sentences of a file, in its words or in the tokens of its text."""

    def __init__(self, nlp: Language, remarks: Remarks, surface: bool = False) -> None:
        """Make Docs for a pipeline.

        nlp (Language): Gives the vocabulary and the tokenizer, which tells what tokens text as people write it has.
        remarks (Remarks): Counts tokens that the tokenizer does not split into the file's words (W103), and annotation
            that has no token of its own (W104).
        surface (bool): Whether words that the text writes as one token become that token, with the annotation.
        """
        self.nlp = nlp
        self.remarks = remarks
        self.surface = surface

    def make(
        self,
        place: Place,
        words: Sequence[str],
        spaces: Optional[Sequence[bool]] = None,
        multiword: Sequence[MultiwordToken] = (),
        *,
        entities: Optional[Sequence[TaggedSpan]] = None,
        frames: Optional[Sequence[FrameSpans]] = None,
        **rest: Any,
    ) -> Doc:
        """Make the Doc of a sentence.

        place (Place): Where the sentence stands.
        words (Sequence[str]): The words.
        spaces (Optional[Sequence[bool]]): Whether white space follows each word; None if that is not known.
        multiword (Sequence[MultiwordToken]): Words that the text writes as one token, in order and apart.
        entities (Optional[Sequence[TaggedSpan]]): The entities, in words.
        frames (Optional[Sequence[FrameSpans]]): The frames, in words.
        **rest (Any): Further arguments of `make_doc`, in the tokens that the Doc is to have.
        RETURNS (Doc): The Doc.
        RAISES (ValueError): As `make_doc`.
        """
        where = place.at(place.line)
        if self.surface and multiword:
            tokens = Surface(words, multiword)
            moved = tokens.move(entities or [], frames or [])
            self.remarks.count(Warnings.W104, where, moved.lost)
            words, spaces = tokens.forms, None if spaces is None else tokens.merge_spaces(spaces)
            entities = None if entities is None else moved.entities
            frames = None if frames is None else moved.frames
        elif not self.surface:
            self._count_unsplit(where, words, multiword)
            spaces = None if spaces is None else _part(words, spaces, multiword)
        return make_doc(self.nlp.vocab, words, place=where, entities=entities, frames=frames, spaces=spaces, **rest)

    def make_from_conllu(self, sentence: ConlluSentence, frames: Optional[Sequence[FrameSpans]] = None) -> Doc:
        """Make the Doc of a sentence with the columns of CoNLL-U.

        sentence (ConlluSentence): The sentence, in words.
        frames (Optional[Sequence[FrameSpans]]): The frames, in words.
        RETURNS (Doc): The Doc.
        RAISES (ValueError): As `make_doc`.
        """
        self._count_left_open(sentence)
        columns = sentence
        if self.surface and sentence.multiword:
            columns = Surface(sentence.words, sentence.multiword).move_sentence(sentence)
        return self.make(
            sentence.place,
            sentence.words,
            sentence.spaces,
            sentence.multiword,
            frames=frames,
            ids={"sent_id": sentence.place.sentence, "doc_id": sentence.document},
            **list_attributes(columns),
        )

    def _count_left_open(self, sentence: ConlluSentence) -> None:
        """Count what the file says and spaCy does not take."""
        where = sentence.place.at(sentence.place.line)
        others = [pos for pos in sentence.pos if pos and pos not in PARTS_OF_SPEECH]
        self.remarks.count(Warnings.W172, f"'{others[0]}' ({where})" if others else "", len(others))
        if all(sentence.deps) and min(sentence.heads, default=-1) >= 0 and not _is_tree(sentence.heads):
            self.remarks.count(Warnings.W173, where)

    def _count_unsplit(self, where: str, words: Sequence[str], multiword: Sequence[MultiwordToken]) -> None:
        """Count the tokens of the text that the pipeline's tokenizer does not split into the words of the file."""
        for form, start, end in multiword:
            parts = words[start:end]
            if [token.text for token in self.nlp.tokenizer(form)] != list(parts):
                shown = " + ".join(f"'{word}'" for word in parts)
                self.remarks.count(Warnings.W103, f"'{form}' for {shown} ({where})")


def _part(words: Sequence[str], spaces: Sequence[bool], multiword: Sequence[MultiwordToken]) -> List[bool]:
    """Blanks between words that written together would spell another token: "de o" for "do", but "don't"."""
    parted = list(spaces)
    for form, start, end in multiword:
        if "".join(words[start:end]) != form:
            parted[start : end - 1] = [True] * (end - 1 - start)
    return parted


def list_attributes(sentence: ConlluSentence) -> Dict[str, Any]:
    """What spaCy takes of a sentence: it refuses other parts of speech, features without "=" and half a tree.

    sentence (ConlluSentence): The sentence.
    RETURNS (Dict[str, Any]): Arguments of a Doc: tags, parts of speech, lemmas, features, and the tree if it is whole.
    """
    attributes: Dict[str, Any] = {
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
    """Whether every word has a head, and leads up to the one root."""
    if sum(head == word for word, head in enumerate(heads)) != 1:
        return False
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
