"""Annotation of syntactic words on the tokens of the text: "do" instead of "de" and "o"."""

from typing import Dict, List, NamedTuple, Sequence, Set, Tuple

from ....types import FrameSpans, RoleSpan
from .conllu import ConlluSentence
from .iob2 import TaggedSpan
from .spelling import MultiwordToken, merge_words


class Moved(NamedTuple):
    """Annotation on the tokens of the text.

    entities (List[TaggedSpan]): The entities.
    frames (List[FrameSpans]): The frames.
    lost (int): How many entities, predicates and arguments have no token of their own.
    """

    entities: List[TaggedSpan]
    frames: List[FrameSpans]
    lost: int


class Surface:
    """The tokens of a text, as ranges of its syntactic words."""

    def __init__(self, words: Sequence[str], multiword: Sequence[MultiwordToken]) -> None:
        """Find the token of each word.

        words (Sequence[str]): The words.
        multiword (Sequence[MultiwordToken]): The tokens of several words, in order and apart.
        """
        self.tokens = merge_words(words, multiword)
        self.token_of = [i for i, (_, start, end) in enumerate(self.tokens) for _ in range(start, end)]

    @property
    def forms(self) -> List[str]:
        """RETURNS (List[str]): The tokens as the text writes them."""
        return [token.form for token in self.tokens]

    def merge_spaces(self, spaces: Sequence[bool]) -> List[bool]:
        """Whether white space follows each token.

        spaces (Sequence[bool]): Whether it follows each word.
        RETURNS (List[bool]): That of the last words.
        """
        return [spaces[token.end - 1] for token in self.tokens]

    def move(self, entities: Sequence[TaggedSpan], frames: Sequence[FrameSpans]) -> Moved:
        """Move spans to the tokens that they touch.

        Where two come to share a token, the earlier entity, the earlier predicate and, in a frame, first the predicate
        and then the earlier argument keep it; the other is shortened or, if nothing is left of it, lost.

        entities (Sequence[TaggedSpan]): The entities.
        frames (Sequence[FrameSpans]): The frames.
        RETURNS (Moved): The same on tokens.
        """
        moved_entities = []
        taken: Set[int] = set()
        for label, start, end in sorted(entities, key=lambda entity: entity[1]):
            for begin, stop in self._free(start, end, taken)[:1]:
                moved_entities.append((label, begin, stop))
        lost = len(entities) - len(moved_entities)
        moved_frames: Dict[int, FrameSpans] = {}
        for frame in sorted(frames, key=lambda frame: frame.start):
            roles: List[RoleSpan] = []
            taken = set()
            ((start, end),) = self._free(frame.start, frame.end, taken)
            if start in moved_frames:
                lost += 1 + len(frame.roles)
                continue
            for role in sorted(frame.roles, key=lambda role: role.start):
                free = self._free(role.start, role.end, taken)
                lost += not free
                roles += [role._replace(start=begin, end=stop) for begin, stop in free[:1]]
            moved_frames[start] = frame._replace(start=start, end=end, roles=tuple(roles))
        return Moved(moved_entities, list(moved_frames.values()), lost)

    def move_sentence(self, sentence: ConlluSentence) -> ConlluSentence:
        """Merge the columns of a sentence: lemmas with blanks, tags with "_", features with all values of a name; part
        of speech, head and relation are those of the word that leads out of the token.

        sentence (ConlluSentence): A sentence in words.
        RETURNS (ConlluSentence): The sentence in tokens.
        """
        roots = [self._find_root(start, end, sentence.heads) for _, start, end in self.tokens]
        heads = []
        for token, root in enumerate(roots):
            head = sentence.heads[root]
            heads.append(token if head == root else self.token_of[head] if head >= 0 else -1)
        return sentence._replace(
            words=self.forms,
            spaces=self.merge_spaces(sentence.spaces),
            lemmas=[_join(sentence.lemmas[start:end], " ") for _, start, end in self.tokens],
            pos=[sentence.pos[root] for root in roots],
            tags=[_join(sentence.tags[start:end], "_") for _, start, end in self.tokens],
            morphs=[_merge_features(sentence.morphs[start:end]) for _, start, end in self.tokens],
            heads=heads,
            deps=[sentence.deps[root] for root in roots],
            multiword=[],
        )

    def _free(self, start: int, end: int, taken: Set[int]) -> List[Tuple[int, int]]:
        """The tokens of a range of words, without those at its borders that are taken; they are taken from then on."""
        begin, stop = self.token_of[start], self.token_of[end - 1] + 1
        while begin < stop and begin in taken:
            begin += 1
        while begin < stop and stop - 1 in taken:
            stop -= 1
        taken.update(range(begin, stop))
        return [(begin, stop)] if begin < stop else []

    def _find_root(self, start: int, end: int, heads: Sequence[int]) -> int:
        """The first word whose head lies outside of the token."""
        outside = [word for word in range(start, end) if not start <= heads[word] < end or heads[word] == word]
        return (outside or [start])[0]


def _join(parts: Sequence[str], separator: str) -> str:
    return separator.join(part for part in parts if part)


def _merge_features(morphs: Sequence[str]) -> str:
    if len(morphs) == 1:
        return morphs[0]
    values: Dict[str, List[str]] = {}
    for morph in morphs:
        for feature in filter(None, morph.split("|")):
            name, _, value = feature.partition("=")
            values.setdefault(name, []).extend(value.split(","))
    return "|".join(f"{name}={','.join(sorted(set(found)))}" for name, found in sorted(values.items()))
