"""Where the time of a torch encoder goes: in torch, in the conversion around it, in embedding; and how much is padding.

Annotation and training are measured apart, on one thread.
"""

import os

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "BLIS_NUM_THREADS"):
    os.environ[name] = "1"

from collections import Counter
from itertools import islice
from pathlib import Path
from time import perf_counter
from typing import Annotated, Any, Callable, Dict, List, Tuple

import spacy
import typer
from spacy.language import Language
from spacy.util import load_config, registry
from thinc.api import Model
from wasabi import msg

from spacy_mtl.analysis.trainings.measuring import time_annotation, time_updates
from spacy_mtl.data.corpus import make_corpus
from spacy_mtl.encoders.windows import bucket_sizes, cut_windows

ENCODER = "tok2vec"
N_UPDATES = 5


class Clock:
    """Adds up seconds by name, and pieces that are read with those that are padding."""

    def __init__(self) -> None:
        self.seconds: Counter = Counter()
        self.slots = 0
        self.filled = 0

    def wrap(self, name: str, function: Callable) -> Callable:
        """The same function, timed, and its callback with it if it returns one."""

        def timed(*args: Any, **kwargs: Any) -> Any:
            start = perf_counter()
            found = function(*args, **kwargs)
            self.seconds[name] += perf_counter() - start
            if isinstance(found, tuple) and len(found) == 2 and callable(found[1]):
                return found[0], self.wrap(name, found[1])
            return found

        return timed


def main(
    pipelines: Annotated[List[Path], typer.Argument(help="Trained pipelines whose encoder runs on torch")],
    corpus: Annotated[Path, typer.Option(help="A .spacy file")],
    limit: Annotated[int, typer.Option(help="Texts to annotate")] = 600,
) -> None:
    """Print a table."""
    rows = []
    for path in pipelines:
        nlp = load_learning(path)
        examples = list(make_corpus(corpus, limit=limit)(nlp))
        config = nlp.config.interpolate()
        training = registry.resolve(config["training"])
        batches = list(islice(training["batcher"](examples), N_UPDATES))
        optimizer, drop = training["optimizer"], config["training"]["dropout"]
        actions: Dict[str, Callable[[], float]] = {
            "annotation": lambda: time_annotation(nlp, [example.reference for example in examples]),  # noqa: B023
            "training": lambda: time_updates(nlp, batches, optimizer, drop),  # noqa: B023
        }
        for action, run in actions.items():
            run()
            clock = Clock()
            instrument(nlp, clock)
            whole = run()
            rows.append(make_row(path.parent.name, action, clock, whole))
            nlp = load_learning(path)
    header = ("encoder", "", "encoder / pipeline", "torch / encoder", "conversion / encoder", "rest", "padding")
    msg.table(rows, header=header, aligns=("l", "l", *"rrrrr"), divider=True)


def load_learning(path: Path) -> Language:
    """A trained pipeline whose encoder learns from the first update on."""
    frozen = "frozen_steps" in load_config(path / "config.cfg")["components"][ENCODER]["model"]
    return spacy.load(path, config={f"components.{ENCODER}.model.frozen_steps": 0} if frozen else {})


def instrument(nlp: Language, clock: Clock) -> None:
    """Time the encoder, the layer around torch, and torch."""
    model = nlp.get_pipe(ENCODER).model
    layer, shim = find_shim(model)
    model._func = clock.wrap("encoder", model._func)
    if layer is not model:
        layer._func = clock.wrap("layer", layer._func)
    else:
        model._func = clock.wrap("layer", model._func)
    predict, begin_update = shim.predict, shim.begin_update
    shim.predict = clock.wrap("torch", counting(clock, predict))
    shim.begin_update = clock.wrap("torch", counting(clock, begin_update))
    optimize = shim.finish_update
    shim.finish_update = clock.wrap("optimizer", optimize)


def find_shim(model: Model) -> Tuple[Model, Any]:
    """The layer that holds torch, and its shim. A pretrained encoder is one layer as a whole."""
    for node in model.walk():
        if node.shims:
            return (model if model.name.startswith("spacy-mtl.Pretrained") else node), node.shims[0]
    raise ValueError("The encoder has no torch module")


def counting(clock: Clock, function: Callable) -> Callable:
    """The same function, with the padding of its inputs counted."""

    def counted(inputs: Any) -> Any:
        if "attention_mask" in inputs.kwargs:
            mask = inputs.kwargs["attention_mask"]
            clock.slots += mask.numel()
            clock.filled += int(mask.sum())
        elif hasattr(function.__self__._model, "window"):  # type: ignore[attr-defined]
            module = function.__self__._model  # type: ignore[attr-defined]
            lengths = cut_windows(inputs.args[1], module.window, module.overlap).lengths
            start = 0
            for size in bucket_sizes(lengths):
                clock.slots += size * int(lengths[start])
                clock.filled += int(lengths[start : start + size].sum())
                start += size
        return function(inputs)

    return counted


def make_row(name: str, action: str, clock: Clock, whole: float) -> Tuple[str, ...]:
    """One line of the table."""
    encoder = clock.seconds["encoder"] + clock.seconds["optimizer"]
    torch = clock.seconds["torch"] + clock.seconds["optimizer"]
    conversion = clock.seconds["layer"] - clock.seconds["torch"]
    padding = f"{1 - clock.filled / clock.slots:.1%}" if clock.slots else "packed"
    shares = (encoder / whole, torch / encoder, conversion / encoder, 1 - (torch + conversion) / encoder)
    return (name, action, *(f"{share:.1%}" for share in shares), padding)


if __name__ == "__main__":
    typer.run(main)
