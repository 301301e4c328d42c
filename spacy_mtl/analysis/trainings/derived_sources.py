"""The sources of a joint config that teach some of its tasks."""

from typing import Any, Callable, Dict, Iterator, List, Mapping, Sequence

from thinc.api import Config

from ...errors import Errors

MULTI_TASK_CORPUS = "spacy-mtl.MultiTaskCorpus.v1"
# Names sources in these settings.
SAMPLER_SETTINGS = {"spacy-mtl.WeightedSampler.v1": "weights", "spacy-mtl.SequentialSampler.v1": "order"}


def choose_sources(config: Config, tasks: Sequence[str], kept: Sequence[str], scaffold: Sequence[str] = ()) -> None:
    """Take the sources that teach none of some tasks out of a config, and their names out of samplers.

    config (Config): The config, without variables; changed in place.
    tasks (Sequence[str]): The names of the tasks.
    kept (Sequence[str]): The names of the components that stay.
    scaffold (Sequence[str]): The names of heads whose sources stay too, where there are any.
    RAISES (ValueError): E717 if a corpus has no source for one of the tasks.
    """
    sources: List[str] = []
    for corpus, block in config["corpora"].items():
        for reader in _find_blocks(block, lambda found: found.get("@readers") == MULTI_TASK_CORPUS):
            reader["sources"] = _choose(reader["sources"], kept, tasks, scaffold, corpus)
            sources += reader["sources"]
    if sources:
        _choose_in_samplers([config["corpora"], config["training"]["batcher"]], sources)


def _choose(
    sources: Mapping[str, Dict], kept: Sequence[str], tasks: Sequence[str], scaffold: Sequence[str], corpus: str
) -> Dict[str, Dict]:
    chosen = {}
    taught = set()
    for name, block in sources.items():
        teaches = block.get("tasks")
        found = [task for task in (*tasks, *scaffold) if teaches is None or task in teaches]
        taught.update(found)
        if teaches is None:
            chosen[name] = block
        elif found:
            chosen[name] = {**block, "tasks": [other for other in teaches if other in kept]}
    for task in tasks:
        if task not in taught:
            raise ValueError(Errors.E717.format(corpus=corpus, task=task))
    return chosen


def _choose_in_samplers(blocks: Any, sources: Sequence[str]) -> None:
    """Take the sources that are gone out of the samplers' settings."""
    for sampler in _find_blocks(blocks, lambda found: found.get("@misc") in SAMPLER_SETTINGS):
        setting = SAMPLER_SETTINGS[sampler["@misc"]]
        found = sampler.get(setting)
        if isinstance(found, dict):
            sampler[setting] = {name: weight for name, weight in found.items() if name in sources}
        elif found:
            sampler[setting] = [name for name in found if name in sources]


def _find_blocks(value: Any, is_wanted: Callable[[Dict], bool]) -> Iterator[Dict]:
    if isinstance(value, dict):
        if is_wanted(value):
            yield value
        value = list(value.values())
    if isinstance(value, list):
        for part in value:
            yield from _find_blocks(part, is_wanted)
