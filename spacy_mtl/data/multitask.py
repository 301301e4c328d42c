"""The reader of several corpora, each annotated for some of the tasks, mixed by a sampler."""

import random
from collections import Counter
from typing import Any, Callable, Dict, Iterator, List, Mapping, Optional

from spacy.language import Language
from spacy.training import Example
from spacy.util import logger

from ..errors import Errors
from ..frames import register_extensions
from ..shown import ShowsSettings
from .sampling.samplers import Sampler, describe_mix
from .sources import Source


def make_multi_task_corpus(
    # not Dict[str, Source]: confection checks the values before they are made
    sources: Dict[str, Any],
    sampler: Optional[Sampler] = None,
    seed: int = 0,
) -> Callable[[Language], Iterator[Example]]:
    """Make the reader `spacy-mtl.MultiTaskCorpus.v1`.

    Without a sampler a reading gives every text once. That is for evaluation, and for training in memory
    (`max_epochs` of 0 or more), where `spacy-mtl.batch_by_sampler.v1` mixes the sources.

    With a sampler each reading is an epoch: as many texts as the sources have together (what the augmenters add comes
    on top). That is for streaming (`max_epochs = -1`), where spaCy reads anew for each epoch. spaCy then initializes
    from the first 100 texts alone: give the labels in `[initialize.components]`, from `spacy init labels` with
    `--training.max_epochs 0`.

    sources (Dict[str, Source]): By name: blocks of `spacy-mtl.Source.v1`.
    sampler (Optional[Sampler]): From which source the next text comes; None for one source after the other, each once
        and in the order of its files.
    seed (int): Of the sampler and of the shuffling. The same seed gives the same texts in the same order.
    RETURNS (Callable[[Language], Iterator[Example]]): The reader.
    RAISES (ValueError): E162 if there are no sources, or if one is something else; what the sampler's `validate`
        raises.
    """
    register_extensions()
    wrong = [name for name, source in sources.items() if not isinstance(source, Source)]
    if wrong or not sources:
        raise ValueError(Errors.E162.format(found=f"no source in {', '.join(wrong)}" if wrong else "none"))
    if sampler is not None:
        sampler.validate(list(sources))
    return MultiTaskCorpus(sources, sampler, seed)


class MultiTaskCorpus(ShowsSettings):
    """Examples from several sources. The arguments are those of `make_multi_task_corpus`.

    epoch (int): The number of the next epoch, from 0.
    mix (Counter): How many texts the last epoch has taken from each source, so far.
    """

    def __init__(self, sources: Mapping[str, Source], sampler: Optional[Sampler] = None, seed: int = 0) -> None:
        self.sources = dict(sources)
        self.sampler = sampler
        self.seed = seed
        self.epoch = 0
        self.mix: Counter = Counter()
        self._passes: Dict[str, Iterator[List[Example]]] = {}
        self._n_passes: Counter = Counter()

    def __call__(self, nlp: Language) -> Iterator[Example]:
        """Read an epoch.

        nlp (Language): The pipeline.
        YIELDS (Example): The Examples.
        RAISES (FileNotFoundError, ValueError): What reading a source raises.
        """
        if self.sampler is None:
            for name, source in self.sources.items():
                source.count(nlp, name)
                for examples in source.read(nlp, name, None):
                    yield from examples
            return
        sizes = {name: source.count(nlp, name) for name, source in self.sources.items()}
        epoch, self.epoch = self.epoch, self.epoch + 1
        self.mix = Counter()
        for name in self.sampler.draw(sizes, epoch, random.Random(f"{self.seed}/{epoch}")):
            self.mix[name] += 1
            yield from self._next_examples(nlp, name)
        logger.info("Epoch %d: %s", epoch, describe_mix({name: self.mix[name] for name in self.sources}))

    def _next_examples(self, nlp: Language, name: str) -> List[Example]:
        """The next text of a source, which begins again when it is at its end."""
        for _ in range(2):
            if name not in self._passes:
                rng = random.Random(f"{self.seed}/{name}/{self._n_passes[name]}")
                self._n_passes[name] += 1
                self._passes[name] = self.sources[name].read(nlp, name, rng)
            examples = next(self._passes[name], None)
            if examples is not None:
                return examples
            del self._passes[name]
        raise ValueError(Errors.E163.format(source=name, path=self.sources[name].corpus.path))
