"""The subwords that translations are written in: a unigram model of sentencepiece."""

import io
from typing import Any, Dict, Iterable, Iterator, List, Sequence, Tuple

from ...errors import Errors

PADDING, START, END, UNKNOWN = range(4)
# what sentencepiece writes for the blank before a word
BLANK = "\u2581"
NEVER_WRITTEN = [PADDING, START, UNKNOWN]
MOST_DIVIDED = 100_000


class Subwords:
    """Divides texts into subwords, and puts them together (Kudo 2018; Kudo and Richardson 2018).

    The model that sentencepiece has trained is kept as bytes, which are all that is pickled.
    """

    def __init__(self, model: bytes, name: str = "mtl_translate") -> None:
        """Load a model.

        model (bytes): What sentencepiece wrote.
        name (str): The name of the component, for messages.
        RAISES (ImportError): E1004 if sentencepiece is not installed.
        RAISES (ValueError): E1003 for bytes that are no such model, or one with other marks.
        """
        self.model = model
        self.name = name
        self._processor = _load(model, name)
        self._divided: Dict[Tuple[str, bool], List[int]] = {}

    def __len__(self) -> int:
        """RETURNS (int): The number of subwords, marks among them."""
        return int(self._processor.get_piece_size())

    def __reduce__(self) -> Any:
        return type(self), (self.model, self.name)

    def encode(self, texts: Sequence[str]) -> List[List[int]]:
        """Divide texts into subwords.

        texts (Sequence[str]): The texts.
        RETURNS (List[List[int]]): Each text's subwords in its most probable division, between START and END.
        """
        return [[START, *subwords, END] for subwords in self._processor.encode(list(texts))]

    def divide(self, words: Sequence[str], follows_space: Sequence[bool]) -> List[List[int]]:
        """Write words in subwords, as they would be written in a text.

        words (Sequence[str]): The words.
        follows_space (Sequence[bool]): Whether there is a space before each, or nothing.
        RETURNS (List[List[int]]): The subwords of each word; none for a word that they cannot write.
        """
        return [self._divide(word, is_first) for word, is_first in zip(words, follows_space)]

    def _divide(self, word: str, follows_space: bool) -> List[int]:
        known = self._divided.get((word, follows_space))
        if known is None:
            known = self._processor.encode(word)
            if known and not follows_space:
                rest = self._processor.id_to_piece(known[0]).removeprefix(BLANK)
                known = [*([self._processor.piece_to_id(rest)] if rest else []), *known[1:]]
            known = [] if UNKNOWN in known else known
            if len(self._divided) >= MOST_DIVIDED:
                self._divided.clear()
            self._divided[word, follows_space] = known
        return known

    def decode(self, subwords: Sequence[Sequence[int]]) -> List[str]:
        """Put subwords together.

        subwords (Sequence[Sequence[int]]): The subwords of each text, without marks.
        RETURNS (List[str]): The texts.
        """
        return [self._processor.decode(list(of_text)) for of_text in subwords]

    def spell(self, subwords: Sequence[int]) -> List[str]:
        """How subwords are written.

        subwords (Sequence[int]): Subwords, without marks.
        RETURNS (List[str]): The characters of each, the blank before a word too.
        """
        return [self._processor.id_to_piece(subword).replace(BLANK, " ") for subword in subwords]


def train_subwords(texts: Iterable[str], size: int, name: str) -> Subwords:
    """Learn a vocabulary of subwords.

    texts (Iterable[str]): Texts of the language.
    size (int): The most subwords; few texts give fewer.
    name (str): The name of the component, for messages.
    RETURNS (Subwords): The subwords.
    RAISES (ImportError): E1004 if sentencepiece is not installed.
    """
    require_sentencepiece(name)
    import sentencepiece

    written = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=_divide_lines(texts),
        model_writer=written,
        model_type="unigram",
        vocab_size=size,
        hard_vocab_limit=False,
        # what is written is written as in the training texts
        normalization_rule_name="identity",
        character_coverage=1.0,
        pad_id=PADDING,
        bos_id=START,
        eos_id=END,
        unk_id=UNKNOWN,
        num_threads=1,
        minloglevel=2,
    )
    return Subwords(written.getvalue(), name)


def require_sentencepiece(name: str) -> None:
    """Fail with advice where sentencepiece is not installed.

    name (str): The name of the component that needs it.
    RAISES (ImportError): E1004 if it cannot be imported.
    """
    try:
        import sentencepiece  # noqa: F401
    except ImportError as error:
        raise ImportError(Errors.E1004.format(name=name)) from error


def _divide_lines(texts: Iterable[str]) -> Iterator[str]:
    """sentencepiece learns from lines."""
    for text in texts:
        yield from filter(str.strip, text.splitlines())


def _load(model: bytes, name: str) -> Any:
    require_sentencepiece(name)
    import sentencepiece

    try:
        processor = sentencepiece.SentencePieceProcessor(model_proto=model)
        marks = [processor.pad_id(), processor.bos_id(), processor.eos_id(), processor.unk_id()]
    except (RuntimeError, TypeError) as error:
        raise ValueError(Errors.E1003.format(name=name, problem=f"sentencepiece cannot read it ({error})")) from error
    if marks != [PADDING, START, END, UNKNOWN]:
        raise ValueError(Errors.E1003.format(name=name, problem=f"its marks have the numbers {marks}"))
    return processor
