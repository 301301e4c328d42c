"""The trainings that tell what few annotations of one task gain by company: alone, plainly joint, and as configured."""

import random
from pathlib import Path
from typing import Any, Dict, List, Mapping, Sequence, Tuple

import spacy
from tested_runs import Settings, Side
from thinc.api import Config

from spacy_mtl.analysis.comparison.planning import assign_tests, inspect_tests
from spacy_mtl.analysis.metrics.counts import find_metrics
from spacy_mtl.analysis.metrics.tasks import Task
from spacy_mtl.analysis.trainings.derived_configs import SUM, Joint, derive_config, load_joint, seed_config
from spacy_mtl.analysis.trainings.executors import Run
from spacy_mtl.analysis.trainings.fingerprints import fingerprint
from spacy_mtl.data.corpus import make_corpus
from spacy_mtl.data.sources import find_layers
from spacy_mtl.data.writing import write_docs

ALONE, AIDED, PLAIN, DESIGN = "alone", "aided", "plain", "joint"
KINDS = {
    ALONE: "alone",
    AIDED: "alone with the same aids",
    PLAIN: "joint, plain",
    DESIGN: "joint, as configured",
}
MODEL = "model-best"


def draw(joint: Joint, source: str, sizes: Sequence[int], output: Path) -> Tuple[Task, Dict[int, Path]]:
    """Corpora of so many texts of a source, drawn at random, each a part of the next larger.

    RETURNS (Tuple[Task, Dict[int, Path]]): The task that the source teaches, and by size the corpus.
    """
    sources = joint.config.interpolate()["corpora"]["train"].get("sources", {})
    if source not in sources:
        raise ValueError(
            f"Expected a source of {', '.join(sources) or 'a config with several sources'}; found '{source}'."
        )
    taught = [task for task in joint.shared_tasks if task.name in (sources[source]["tasks"] or ())]
    if len(taught) != 1:
        raise ValueError(f"Expected a source that teaches one task; found '{source}', which teaches {len(taught)}.")
    layers = find_layers(joint.nlp, [taught[0].name], source)
    corpus = make_corpus(sources[source]["path"])
    docs = [doc for doc in corpus.read_references(spacy.blank(joint.nlp.lang)) if layers.are_in(doc)]
    if max(sizes) > len(docs):
        raise ValueError(f"Expected at most {len(docs)} texts, as many as are annotated; found {max(sizes)}.")
    # one order for all sizes, whatever the seed of the training
    random.Random(0).shuffle(docs)
    paths = {}
    for size in sorted(set(sizes)):
        paths[size] = output / "corpora" / f"{source}-{size}.spacy"
        write_docs(docs[:size], paths[size])
    return taught[0], paths


def plan(
    path: Path,
    changes: Mapping[str, Any],
    source: str,
    sizes: Sequence[int],
    seeds: Sequence[int],
    kinds: Sequence[str],
    tests: Mapping[str, Path],
    output: Path,
) -> Tuple[List[Side], Settings]:
    """All trainings, one seed after the other."""
    joint = load_joint(path, changes)
    task, corpora = draw(joint, source, sizes, output)
    weights = joint.config["training"]["score_weights"]
    metrics = {found.name: find_metrics(joint.nlp, found, weights) for found in joint.shared_tasks}
    paths = assign_tests(joint, tests)
    inspect_tests(joint, paths, metrics)
    main_score = metrics[task.name][0].score
    sized = {
        size: load_joint(path, {**changes, f"corpora.train.sources.{source}.path": str(corpus)})
        for size, corpus in corpora.items()
    }
    sides = []
    for seed in seeds:
        for size, chosen in sized.items():
            config = seed_config(chosen.config, seed)
            for kind in kinds:
                made = make_config(chosen, config, kind, task, main_score)
                run = Run(f"{size} texts, {kind}, seed {seed}", made, output / str(size) / kind / f"seed-{seed}")
                sides.append(Side(str(size), kind, seed, run))
    settings = Settings(
        [
            fingerprint(seed_config(joint.config, 0)),
            fingerprint(Config({"paths": {name: str(test) for name, test in paths.items()}})),
        ],
        str(path),
        {name: [metric.score for metric in found] for name, found in metrics.items()},
        {name: str(test) for name, test in paths.items()},
        {kind: side.run.config["training"]["max_steps"] for kind in kinds for side in sides if side.name == kind},
        MODEL,
    )
    return sides, settings


def make_config(joint: Joint, config: Config, kind: str, task: Task, main_score: str) -> Config:
    """The config of one training. Alone is the small task's own source, encoder and listener; plain is the joint config
    without private paths, adapters and scaffold, under the plain sum."""
    if kind == DESIGN:
        return config
    if kind == PLAIN:
        weights = config["training"]["score_weights"]
        made = derive_config(joint, config, joint.shared_tasks, weights)
        for encoder in dict.fromkeys(name for found in joint.shared_tasks for name in found.encoders):
            made["components"][encoder]["balancer"] = SUM
        return made
    return derive_config(joint, config, [task], {main_score: 1.0}, keep_aids=kind == AIDED)
