"""What balancing costs: an update at each level against the plain sum, and each method's own share of it.

All that is compared is timed in turns, one after the other, so that a busy machine slows all alike.
"""

import os

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "BLIS_NUM_THREADS"):
    os.environ[name] = "1"

import json
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Annotated, Any, Dict, List, Optional, Sequence

import typer
from balancer_runs import METHODS, make_block
from spacy.language import Language
from spacy.training.initialize import init_nlp
from spacy.util import load_config, registry, resolve_dot_names
from tqdm import tqdm
from wasabi import MarkdownRenderer, msg

from spacy_mtl.analysis.trainings.measuring import time_updates
from spacy_mtl.balancing.balancer import LEVELS
from spacy_mtl.data.writing import whole_file

ENCODER = "tok2vec"
# What is trained with how many tasks; spaCy's own components for those that the configs lack.
TASKS = {
    2: ["ner", "srl"],
    3: ["genre", "ner", "srl"],
    5: ["genre", "ner", "srl", "tagger", "morphologizer"],
}
ALTERNATIVES = {
    "sum": {"@misc": "spacy-mtl.Sum.v1"},
    **{level: {"@misc": "spacy-mtl.Equal.v1", "level": level} for level in LEVELS},
}
BATCHES = 3
LEARN_RATE = 0.001


def main(
    configs: Annotated[List[Path], typer.Argument(help="Configs with an encoder tok2vec and heads genre, ner, srl")],
    train: Annotated[Path, typer.Option(help="A .spacy file with tags, entities, roles and categories")],
    output: Annotated[Path, typer.Option(help="Folder for the tables")],
    transformer: Annotated[Optional[str], typer.Option(help="Name or folder of the pretrained model")] = None,
    turns: Annotated[int, typer.Option(help="Turns of each alternative")] = 5,
    docs: Annotated[int, typer.Option(help="Texts, spread over the corpus, that updates are timed on")] = 600,
) -> None:
    """Time, print two tables, and write them to OUTPUT/balancer_costs.json and .md."""
    updates: Dict[str, Dict[int, Dict[str, List[float]]]] = {}
    methods: Dict[str, Dict[int, Dict[str, List[float]]]] = {level: {} for level in LEVELS}
    with tqdm(total=len(configs) * len(TASKS), desc="Pipelines", disable=None) as bar:
        for config in configs:
            for n_tasks, names in TASKS.items():
                nlp, batches, drop, optimizer = make_pipeline(config, train, transformer, names, docs)
                found = time_levels(nlp, batches, optimizer, drop, turns)
                updates.setdefault(config.stem, {})[n_tasks] = found
                if config == configs[0]:
                    for level in LEVELS:
                        methods[level][n_tasks] = time_methods(nlp, batches, level, turns)
                bar.update(1)
    report(updates, methods, output)


def make_pipeline(path: Path, train: Path, transformer: Optional[str], names: Sequence[str], docs: int) -> Any:
    """A pipeline with these heads on the config's encoder, and batches for it."""
    overrides: Dict[str, Any] = {"paths.train": str(train), "paths.dev": str(train)}
    config = load_config(path)
    if "transformer" in config["paths"]:
        overrides["components.tok2vec.model.frozen_steps"] = 0
        if transformer is not None:
            overrides["paths.transformer"] = transformer
    config = load_config(path, overrides=overrides, interpolate=True)
    listener = config["components"]["ner"]["model"]["tok2vec"]
    for name in names:
        if name not in config["components"]:
            model = {"@architectures": "spacy.Tagger.v2", "nO": None, "normalize": False, "tok2vec": listener}
            config["components"][name] = {"factory": name, "model": model}
    config["components"] = {name: config["components"][name] for name in (ENCODER, *names)}
    config["nlp"]["pipeline"] = [ENCODER, *names]
    config["training"]["score_weights"] = {}
    nlp = init_nlp(config)
    training = registry.resolve(nlp.config.interpolate()["training"])
    (read,) = resolve_dot_names(nlp.config.interpolate(), ["corpora.train"])
    examples = list(read(nlp))
    batches = [batch for _, batch in zip(range(BATCHES), training["batcher"](examples[:: 1 + len(examples) // docs]))]
    optimizer = training["optimizer"]
    # at the start of a schedule that warms up, nothing would learn, and what begins with zeros would give no gradient
    optimizer.learn_rate = LEARN_RATE
    return nlp, batches, training["dropout"], optimizer


def time_levels(nlp: Language, batches: Any, optimizer: Any, drop: float, turns: int) -> Dict[str, List[float]]:
    """Seconds of an update with the sum, and at each level with weights that cost nothing."""
    seconds: Dict[str, List[float]] = {name: [] for name in ALTERNATIVES}
    encoder: Any = nlp.get_pipe(ENCODER)
    for turn in range(turns + 1):
        for name, block in ALTERNATIVES.items():
            encoder.balancer = registry.resolve({"balancer": block})["balancer"]
            taken = time_updates(nlp, batches, optimizer, drop) / len(batches)
            # the first turn fills caches
            if turn:
                seconds[name].append(taken)
    return seconds


def time_methods(nlp: Language, batches: Any, level: str, turns: int) -> Dict[str, List[float]]:
    """Milliseconds that each method takes for one batch, on gradients of the pipeline."""
    encoder: Any = nlp.get_pipe(ENCODER)
    recorder = Recorder(level)
    encoder.balancer = recorder
    losses: Dict[str, float] = {}
    for batch in batches:
        nlp.update(batch, losses=losses, sgd=False)  # type: ignore[arg-type]
    encoder.close_batch()
    balancers = {
        method: registry.resolve({"balancer": make_block(method, None if method == "Sum" else level, 0)})["balancer"]
        for method in METHODS
    }
    milliseconds: Dict[str, List[float]] = {method: [] for method in METHODS}
    for turn in range(turns + 1):
        for method, balancer in balancers.items():
            start = perf_counter()
            for gradients, told in recorder.seen:
                balancer(gradients, told)
            if turn:
                milliseconds[method].append(1000 * (perf_counter() - start) / len(recorder.seen))
    return milliseconds


class Recorder:
    """A balancer that adds up and keeps what it is given."""

    needs_losses = True
    has_fixed_weights = True

    def __init__(self, level: str) -> None:
        self.level = level
        self.seen: List[Any] = []
        self.last_weights: Dict[str, float] = {}

    def validate(self, names: Sequence[str]) -> None:
        """All tasks will do."""

    def __call__(self, gradients: Any, told: Any) -> Any:
        self.seen.append(({name: gradient.copy() for name, gradient in gradients.items()}, told))
        return sum(gradients.values())


def report(updates: Any, methods: Any, output: Path) -> None:
    """Print the tables and write them."""
    header = ["encoder", "tasks", "sum, seconds an update", *(f"{level}, times the sum" for level in LEVELS), "spread"]
    rows = []
    for encoder, by_tasks in updates.items():
        for n_tasks, seconds in by_tasks.items():
            ratios = [
                f"{median(other / base for other, base in zip(seconds[level], seconds['sum'])):.2f}" for level in LEVELS
            ]
            spread = f"{min(seconds['sum']):.2f}-{max(seconds['sum']):.2f}"
            rows.append([encoder, str(n_tasks), f"{median(seconds['sum']):.2f}", *ratios, spread])
    columns = [(level, n_tasks) for level in LEVELS for n_tasks in TASKS]
    costs = [
        [method, *(f"{median(methods[level][n_tasks][method]):.1f}" for level, n_tasks in columns)]
        for method in METHODS
    ]
    costs_header = ["method, milliseconds a batch", *(f"{level}, {n_tasks} tasks" for level, n_tasks in columns)]
    renderer = MarkdownRenderer()
    for table, titles in ((rows, header), (costs, costs_header)):
        aligns = ["l", *("r" for _ in titles[1:])]
        msg.table(table, header=titles, aligns=aligns, divider=True)
        renderer.add(renderer.table(table, header=titles, aligns=aligns))
    output.mkdir(parents=True, exist_ok=True)
    with whole_file(output / "balancer_costs.md") as path:
        path.write_text(renderer.text + "\n", encoding="utf8")
    with whole_file(output / "balancer_costs.json") as path:
        path.write_text(json.dumps({"updates": updates, "methods": methods}, indent=2), encoding="utf8")


if __name__ == "__main__":
    typer.run(main)
