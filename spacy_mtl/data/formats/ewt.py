"""The English Web Treebank with three layers: words and tags (Universal Dependencies), entities (Universal NER),
semantic roles (PropBank). They are joined by sentence; a layer that does not fit leaves its sentence unannotated."""

from collections import Counter
from itertools import chain
from pathlib import Path
from typing import Counter as CounterType
from typing import Dict, Iterable, Iterator, NamedTuple, Optional, Union

from spacy.tokens import Doc
from spacy.vocab import Vocab

from ...errors import Errors
from ...frames import set_frames
from .columns.conllu import ConlluSentence, read_conllu
from .columns.doc_maker import list_attributes
from .columns.iob2 import Iob2Sentence, read_iob2
from .columns.propbank import PropbankSentence, read_propbank

GENRES = ("answers", "email", "newsgroup", "reviews", "weblog")
SPLITS = ("train", "dev", "test")
JOINED = "joined"
MISSING = "no such sentence"
LENGTH = "token counts differ"
WORDS = "words differ"
TAGS = "most tags differ"


class JoinedSentence(NamedTuple):
    """A sentence and what became of its layers.

    doc (Doc): The sentence, with `user_data["sent_id"]` and `user_data["doc_id"]`.
    entities (str): "joined", or why the Doc has no entity annotation.
    frames (str): "joined", or why the Doc has no frames.
    moved (int): How many frames were moved off a token that they shared with another.
    """

    doc: Doc
    entities: str
    frames: str
    moved: int


class EwtFiles(NamedTuple):
    """Where the three corpora lie, in the layout of their upstream repositories.

    root (Path): The folder with `UD_English-EWT`, `UNER_English-EWT` and `propbank-release`.
    """

    root: Path

    def dependencies(self, split: str) -> Path:
        """RETURNS (Path): The CoNLL-U file of "train", "dev" or "test"."""
        return self.root / "UD_English-EWT" / f"en_ewt-ud-{split}.conllu"

    def entities(self, split: str) -> Path:
        """RETURNS (Path): The IOB2 file of "train", "dev" or "test"."""
        return self.root / "UNER_English-EWT" / f"en_ewt-ud-{split}.iob2"

    @property
    def propbank(self) -> Path:
        """RETURNS (Path): The folder of all PropBank files of the treebank."""
        return self.root / "propbank-release" / "data" / "google" / "ewt"


def read_entities(path: Union[str, Path]) -> Dict[str, Iob2Sentence]:
    """Universal NER's sentences by id.

    path (Union[str, Path]): The IOB2 file.
    RETURNS (Dict[str, Iob2Sentence]): The sentences.
    RAISES (FileNotFoundError, ValueError): As `read_iob2`.
    """
    return {sentence.place.sentence: sentence for sentence in read_iob2(path)}


def list_propbank(folder: Union[str, Path]) -> Dict[str, Path]:
    """PropBank's files by the document's id in Universal Dependencies. Real words win over blanked ones.

    folder (Union[str, Path]): The folder, with one subfolder a genre.
    RETURNS (Dict[str, Path]): Files such as `reviews/00/001325.xml.gold_skel` under "reviews-001325".
    RAISES (FileNotFoundError): E116 if there is no such file.
    """
    folder = Path(folder)
    files = {}
    for suffix in (".gold_skel", ".gold_conll"):
        for path in sorted(folder.glob(f"*/*/*.xml{suffix}")):
            genre = path.relative_to(folder).parts[0]
            files[f"{genre}-{path.name[: -len('.xml' + suffix)]}"] = path
    if not files:
        raise FileNotFoundError(Errors.E116.format(path=folder, expected="*/*/*.xml.gold_skel"))
    return files


def read_split(files: EwtFiles, split: str, vocab: Vocab) -> Iterator[JoinedSentence]:
    """The joined sentences of one split, in the order of Universal Dependencies.

    files (EwtFiles): The three corpora.
    split (str): "train", "dev" or "test".
    vocab (Vocab): The vocabulary of the Docs.
    YIELDS (JoinedSentence): One sentence.
    RAISES (FileNotFoundError, ValueError): As the three readers; E118 if there is no sentence.
    """
    entities = read_entities(files.entities(split))
    documents = list_propbank(files.propbank)
    opened: Dict[str, Dict[str, PropbankSentence]] = {}
    sentences = read_conllu(files.dependencies(split))
    first = next(sentences, None)
    if first is None:
        raise ValueError(Errors.E118.format(path=files.dependencies(split)))
    for sentence in chain([first], sentences):
        sent_id = sentence.place.sentence
        document = sent_id.rpartition("-")[0]
        if document not in opened:
            # Sentences of a document stand together: one open document is enough.
            opened = {document: {}}
            if document in documents:
                opened[document] = {f"{document}-{s.number + 1:04d}": s for s in read_propbank(documents[document])}
        yield join_sentence(vocab, sentence, entities.get(sent_id), opened[document].get(sent_id))


def join_sentence(
    vocab: Vocab, sentence: ConlluSentence, entities: Optional[Iob2Sentence], frames: Optional[PropbankSentence]
) -> JoinedSentence:
    """Bring the layers of a sentence to one Doc, which says that it is one sentence.

    Entities join if the words are the same. Frames join if the token counts are equal and more than half of the tags
    are: PropBank's release has no words to compare, and sentences were renumbered between the releases.

    vocab (Vocab): The vocabulary of the Doc.
    sentence (ConlluSentence): Words, spaces, tags, lemmas, features, the tree; the genre is in its id.
    entities (Optional[Iob2Sentence]): The entities, if there are any.
    frames (Optional[PropbankSentence]): The frames, if there are any.
    RETURNS (JoinedSentence): The Doc and what became of its layers.
    RAISES (ValueError): E117 if the id does not begin with a genre.
    """
    sent_id = sentence.place.sentence
    genre = sent_id.partition("-")[0]
    if genre not in GENRES:
        place = sentence.place.at(sentence.place.line)
        raise ValueError(Errors.E117.format(place=place, expected=", ".join(GENRES), found=genre))
    entity_outcome = _match_entities(sentence, entities)
    frame_outcome = _match_frames(sentence, frames)
    doc = Doc(
        vocab,
        words=sentence.words,
        spaces=sentence.spaces,
        sent_starts=[i == 0 for i in range(len(sentence.words))],
        # IOB tags, also where all are "O": an empty list of spans would leave the Doc unannotated.
        ents=entities.tags if entities is not None and entity_outcome == JOINED else None,
        **list_attributes(sentence),
    )
    doc.cats = {label: float(label == genre) for label in GENRES}
    doc.user_data["sent_id"] = sent_id
    doc.user_data["doc_id"] = sent_id.rpartition("-")[0]
    moved = 0
    if frames is not None and frame_outcome == JOINED:
        set_frames(doc, frames.frames)
        moved = frames.moved
    return JoinedSentence(doc, entity_outcome, frame_outcome, moved)


def count_outcomes(sentences: Iterable[JoinedSentence]) -> Dict[str, CounterType[str]]:
    """What became of the layers, in numbers.

    sentences (Iterable[JoinedSentence]): The sentences.
    RETURNS (Dict[str, Counter[str]]): "entities" and "frames" to the outcomes and how often they came out.
    """
    outcomes: Dict[str, CounterType[str]] = {"entities": Counter(), "frames": Counter()}
    for sentence in sentences:
        outcomes["entities"][sentence.entities] += 1
        outcomes["frames"][sentence.frames] += 1
    return outcomes


def _match_entities(sentence: ConlluSentence, entities: Optional[Iob2Sentence]) -> str:
    if entities is None:
        return MISSING
    if len(entities.words) != len(sentence.words):
        return LENGTH
    return JOINED if entities.words == sentence.words else WORDS


def _match_frames(sentence: ConlluSentence, frames: Optional[PropbankSentence]) -> str:
    if frames is None:
        return MISSING
    if len(frames.tags) != len(sentence.tags):
        return LENGTH
    same = sum(a == b for a, b in zip(frames.tags, sentence.tags))
    return JOINED if 2 * same > len(sentence.tags) else TAGS
