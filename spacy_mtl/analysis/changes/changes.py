"""What sharing an encoder changed: predictions, similarity by layer, and what the layers hold."""

import random
from pathlib import Path
from typing import Any, Callable, Dict, List, NamedTuple, Optional, Sequence

import numpy
from spacy.language import Language
from spacy.tokens import Doc
from spacy.training import Example

from ...errors import Errors
from ..explanation.annotating import has_words
from .folders import find_encoder, find_other_seed, find_pipelines
from .layers import Layers, read_layers, sort_layers
from .predictions import Side, TaskChange, compare_predictions
from .probes import probe_layer, score_most_frequent
from .probing import find_probed
from .similarity import linear_cka

JOINT = "joint"
CHANCE = "most frequent"
TRAINING_SHARE = 2 / 3


class ProbeScore(NamedTuple):
    """What a probe finds in a layer.

    probe (str): What it looks for.
    layer (str): The layer.
    labels (int): How many labels it is tested on.
    scores (Dict[str, Optional[float]]): By the name of the pipeline, and for the most frequent label of all.
    """

    probe: str
    layer: str
    labels: int
    scores: Dict[str, Optional[float]]


class Changes(NamedTuple):
    """What sharing changed.

    compared (str): The folder of the comparison.
    seed (int): The seed of its pipelines, and of the choice of texts.
    texts (Dict[int, str]): By their number in the corpus, from 0.
    predictions (List[TaskChange]): By task, how predictions differ.
    unexplained (List[str]): Tasks without probabilities, whose predictions are not compared.
    similarity (Dict[str, Dict[str, float]]): By the pair of pipelines and the layer, the linear CKA.
    probes (List[ProbeScore]): What the layers hold.
    """

    compared: str
    seed: int
    texts: Dict[int, str]
    predictions: List[TaskChange]
    unexplained: List[str]
    similarity: Dict[str, Dict[str, float]]
    probes: List[ProbeScore]

    def to_dict(self) -> Dict[str, Any]:
        """RETURNS (Dict[str, Any]): All of it as plain data."""
        tasks = [
            {
                **change._asdict(),
                "differing_texts": change.differing_texts,
                "differences": [one.to_dict() for one in change.differences],
            }
            for change in self.predictions
        ]
        return {**self._asdict(), "predictions": tasks, "probes": [one._asdict() for one in self.probes]}


def find_changes(
    compared: Path,
    read_corpus: Callable[[Language], List[Example]],
    load: Callable[[str], Language],
    *,
    corpus: str = "",
    seed: int = 0,
    tasks: Sequence[str] = (),
    limit: int = 200,
    explained: int = 5,
) -> Changes:
    """Find what sharing changed.

    compared (Path): The folder of a comparison.
    read_corpus (Callable[[Language], List[Example]]): Reads the annotated texts.
    load (Callable[[str], Language]): Loads a pipeline.
    corpus (str): The name of the corpus, for messages.
    seed (int): The seed of the pipelines and of the choice of texts.
    tasks (Sequence[str]): The tasks; empty for all.
    limit (int): How many texts are chosen, at random; 0 for all.
    explained (int): Of how many differing texts, for each task, to say what the predictions rest on.
    RETURNS (Changes): The changes.
    RAISES (OSError): E835 for a folder that is no comparison with that seed, and what loading raises.
    RAISES (ValueError): E836 for a task without a pipeline of its own, E837 for a corpus without words, E838 for a head
        without an encoder, and what reading and explaining raise.
    """
    paths = find_pipelines(compared, seed, tasks)
    names = list(paths.single)
    joint = load(str(paths.joint))
    every = read_corpus(joint)
    whole = {i: one for i, one in enumerate(every) if has_words(one.reference)}
    if not whole:
        raise ValueError(Errors.E837.format(path=corpus, found=len(every)))
    chance = random.Random(seed)
    chosen = chance.sample(sorted(whole), min(limit or len(whole), len(whole)))
    examples = {i: whole[i] for i in chosen}
    docs = [one.reference for one in examples.values()]
    encoded: Dict[str, Layers] = {JOINT: read_layers(find_encoder(joint, names, paths.joint), docs)}
    side = Side(joint, names)
    predictions: List[TaskChange] = []
    unexplained: List[str] = []
    for task, path in paths.single.items():
        alone = load(str(path))
        encoded[_name(task)] = read_layers(find_encoder(alone, [task], path), docs)
        change = compare_predictions(task, side, Side(alone, [task]), examples, explained)
        if change is None:
            unexplained.append(task)
        else:
            predictions.append(change)
    return Changes(
        str(compared),
        seed,
        {i: one.reference.text for i, one in examples.items()},
        predictions,
        unexplained,
        {**_compare_sides(encoded), **_compare_seeds(encoded, {JOINT: paths.joint, **paths.single}, names, load, docs)},
        _probe(encoded, joint, names, docs, seed),
    )


def _name(task: str) -> str:
    return f"{task} alone"


def _align(one: Layers, other: Layers) -> Dict[str, float]:
    return {layer: linear_cka(one[layer], other[layer]) for layer in one if layer in other}


def _compare_sides(encoded: Dict[str, Layers]) -> Dict[str, Dict[str, float]]:
    return {f"{JOINT}, {name}": _align(encoded[JOINT], encoded[name]) for name in encoded if name != JOINT}


def _compare_seeds(
    encoded: Dict[str, Layers],
    paths: Dict[str, Path],
    names: List[str],
    load: Callable[[str], Language],
    docs: List[Doc],
) -> Dict[str, Dict[str, float]]:
    """How alike a pipeline is to itself, trained with another seed: what to measure the others by."""
    found = {}
    for side, path in paths.items():
        other, name = find_other_seed(path), side if side == JOINT else _name(side)
        if other is not None:
            encoder = find_encoder(load(str(other)), names if side == JOINT else [side], other)
            found[f"{name}, another seed"] = _align(encoded[name], read_layers(encoder, docs))
    return found


def _probe(
    encoded: Dict[str, Layers], joint: Language, names: List[str], docs: List[Doc], seed: int
) -> List[ProbeScore]:
    order = numpy.random.default_rng(seed).permutation(len(docs))
    training = numpy.zeros(len(docs), dtype=bool)
    training[order[: round(TRAINING_SHARE * len(docs))]] = True
    layers = sort_layers(layer for of_side in encoded.values() for layer in of_side)
    found = []
    for task in names:
        for probe, probed in find_probed(task, joint.get_pipe(task), docs).items():
            is_training = training[probed.texts]
            most_frequent = score_most_frequent(probed.labels, is_training)
            for layer in layers:
                scores = {
                    side: probe_layer(probed.read(of_side[layer]), probed.labels, is_training)
                    for side, of_side in encoded.items()
                    if layer in of_side
                }
                scores[CHANCE] = most_frequent
                found.append(ProbeScore(probe, layer, int((~is_training).sum()), scores))
    return found
