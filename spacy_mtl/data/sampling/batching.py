"""Batches from several sources: mixed by a sampler, and of one source each if wanted."""

import random
from collections import Counter, deque
from typing import Callable, Deque, Dict, Iterable, Iterator, List

from spacy.training import Example
from spacy.util import logger

from ..sources import SOURCE_KEY
from .samplers import Sampler, describe_mix

Batcher = Callable[[Iterable[Example]], Iterable[List[Example]]]


def make_sampled_batches(sampler: Sampler, batcher: Batcher, one_source: bool = False, seed: int = 0) -> Batcher:
    """Make `spacy-mtl.batch_by_sampler.v1`: batches in which a sampler decides how often each source of a
    `spacy-mtl.MultiTaskCorpus.v1` comes, for training with a corpus in memory (`max_epochs` of 0 or more).

    An epoch has as many texts as the corpus has. A source that is drawn more often than it has texts begins again, in a
    new order; one that is drawn less often goes on in the next epoch where it stopped.

    sampler (Sampler): From which source the next text comes.
    batcher (Callable[[Iterable[Example]], Iterable[List[Example]]]): Groups the texts.
    one_source (bool): Whether every batch is of one source; see `make_one_source_batches`.
    seed (int): Of the sampler and of the orders.
    RETURNS (Callable[[Iterable[Example]], Iterable[List[Example]]]): The batcher.
    RAISES (ValueError): What the sampler's `validate` raises, when the first epoch begins.
    """
    return _SampledBatches(sampler, make_one_source_batches(batcher) if one_source else batcher, seed)


class _SampledBatches:
    def __init__(self, sampler: Sampler, batcher: Batcher, seed: int) -> None:
        self._sampler = sampler
        self._batcher = batcher
        self._seed = seed
        self._epoch = 0
        self._passes: Counter = Counter()
        self._left: Dict[str, List[Example]] = {}

    def __call__(self, examples: Iterable[Example]) -> Iterable[List[Example]]:
        return self._batcher(self._draw(list(examples)))

    def _draw(self, examples: List[Example]) -> Iterator[Example]:
        # the order of the sources must not hang on the order of the texts, which others shuffle
        names = sorted({_source_of(example) for example in examples})
        sources = {name: [example for example in examples if _source_of(example) == name] for name in names}
        self._sampler.validate(names)
        epoch, self._epoch = self._epoch, self._epoch + 1
        sizes = {name: len(texts) for name, texts in sources.items()}
        mix: Counter = Counter()
        for name in self._sampler.draw(sizes, epoch, random.Random(f"{self._seed}/{epoch}")):
            if not self._left.get(name):
                self._left[name] = list(sources[name])
                random.Random(f"{self._seed}/{name}/{self._passes[name]}").shuffle(self._left[name])
                self._passes[name] += 1
            mix[name] += 1
            yield self._left[name].pop()
        logger.info("Epoch %d: %s", epoch, describe_mix(mix))


def make_one_source_batches(batcher: Batcher) -> Batcher:
    """Make `spacy-mtl.batch_by_source.v1`: batches whose Examples come from one source of a
    `spacy-mtl.MultiTaskCorpus.v1`, so that, with one task a source, an update learns one task.

    Each source's Examples are batched as the inner batcher does it, in their order. The next batch is of the source
    whose Example has waited longest, so that sources take turns as the sampler has mixed them.

    batcher (Callable[[Iterable[Example]], Iterable[List[Example]]]): The batcher for a single source.
    RETURNS (Callable[[Iterable[Example]], Iterable[List[Example]]]): The batcher.
    """

    def batch(examples: Iterable[Example]) -> Iterator[List[Example]]:
        stream = enumerate(examples)
        # by source: the Examples that wait, with their number in the stream
        waiting: Dict[str, Deque] = {}
        batches: Dict[str, Iterator[List[Example]]] = {}

        def receive() -> bool:
            item = next(stream, None)
            if item is None:
                return False
            name = _source_of(item[1])
            if name not in waiting:
                waiting[name] = deque()
                batches[name] = iter(batcher(take(name)))
            waiting[name].append(item)
            return True

        def take(name: str) -> Iterator[Example]:
            while waiting[name] or _receive_until(receive, waiting[name]):
                yield waiting[name].popleft()[1]

        while True:
            heads = {name: items[0][0] for name, items in waiting.items() if items}
            if heads:
                name = min(heads, key=lambda name: heads[name])
            elif receive():
                continue
            elif batches:
                # a batcher may hold back what it took last
                name = next(iter(batches))
            else:
                return
            found = next(batches[name], None)
            if found is None:
                del batches[name]
            elif found:
                yield found

    return batch


def _receive_until(receive: Callable[[], bool], items: Deque) -> bool:
    while not items:
        if not receive():
            return False
    return True


def _source_of(example: Example) -> str:
    return example.reference.user_data.get(SOURCE_KEY, "")
