"""Joint pipelines against single-task ones and spaCy's own components: quality, speed, memory, size.

Trainings that are finished are not done again: stop the command when you like, and start it again to go on. All that is
timed takes turns within one run, so that a busy machine slows all alike.
"""

import os

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "BLIS_NUM_THREADS"):
    os.environ[name] = "1"
# processes are forked after tokenizers has been used, which would warn each time
os.environ["TOKENIZERS_PARALLELISM"] = "false"

import json
import subprocess
import sys
from pathlib import Path
from typing import Annotated, Any, Dict, List, Optional

import spacy
import typer
from pipeline_runs import Side, plan
from pipeline_tables import lay_out, tell
from pipeline_timing import time_in_turns
from spacy.util import load_config
from tqdm import tqdm
from wasabi import MarkdownRenderer, msg

from spacy_mtl.analysis.comparison.evaluation import annotate
from spacy_mtl.analysis.trainings.measuring import count_bytes, read_peak_memory
from spacy_mtl.analysis.trainings.processes import Outcome
from spacy_mtl.analysis.trainings.runs import train_runs
from spacy_mtl.annotation import copy_tokens
from spacy_mtl.cli.options import Address, Engine
from spacy_mtl.data.corpus import make_corpus
from spacy_mtl.data.writing import whole_file
from spacy_mtl.scale.ray_trainings import make_executor

BEST = "model-best"
app = typer.Typer(add_completion=False)


@app.command()
def main(
    configs: Annotated[List[Path], typer.Argument(help="Joint configs with heads genre, ner and srl")],
    train: Annotated[Path, typer.Option(help="A .spacy file")],
    dev: Annotated[Path, typer.Option(help="A .spacy file")],
    test: Annotated[Path, typer.Option(help="A .spacy file")],
    output: Annotated[Path, typer.Option(help="Folder for trainings and figures")],
    transformer: Annotated[Optional[str], typer.Option(help="Name or folder of the pretrained model")] = None,
    scratch_steps: Annotated[Optional[int], typer.Option(help="Updates of encoders that are not pretrained")] = None,
    pretrained_steps: Annotated[Optional[int], typer.Option(help="Updates of those that are")] = None,
    jobs: Annotated[int, typer.Option(help="Trainings at once")] = 1,
    engine: Engine = "local",
    address: Address = None,
    turns: Annotated[int, typer.Option(help="Turns of each pipeline in timing")] = 5,
    timed_docs: Annotated[int, typer.Option(help="Texts of the test part that are timed; 0 for all")] = 0,
    gpu_id: Annotated[int, typer.Option(help="GPU for training; -1 for the CPU")] = -1,
) -> None:
    """Train, test and time; print the table, and write it to OUTPUT/pipelines.json and pipelines.md."""
    sides: List[Side] = []
    for path in configs:
        overrides: Dict[str, Any] = {"paths.train": str(train), "paths.dev": str(dev)}
        is_pretrained = "transformer" in load_config(path)["paths"]
        if is_pretrained and transformer is not None:
            overrides["paths.transformer"] = transformer
        steps = pretrained_steps if is_pretrained else scratch_steps
        if steps is not None:
            overrides.update({"training.max_steps": steps, "training.optimizer.learn_rate.total_steps": steps})
        sides += plan(path, overrides, output)
    with tqdm(total=sum(side.run.config["training"]["max_steps"] for side in sides), disable=None) as bar:

        def show(steps: Dict[str, int]) -> None:
            bar.n = sum(steps.values())
            bar.refresh()

        with make_executor(engine, address, jobs=jobs, gpu_id=gpu_id) as executor:
            outcomes = train_runs([side.run for side in sides], executor=executor, progress=show)
    for side in sides:
        if not outcomes[side.run.name].is_finished:
            msg.fail(f"The training of {side.run.name} failed; see {side.run.folder / 'log.txt'}")
    sides = [side for side in sides if outcomes[side.run.name].is_finished]
    rows = {side.run.name: measure(side, outcomes[side.run.name], test) for side in sides}
    for encoder in dict.fromkeys(side.encoder for side in sides):
        of_encoder = [side for side in sides if side.encoder == encoder]
        pipelines = {side.run.name: spacy.load(side.run.folder / BEST) for side in of_encoder}
        times = time_in_turns(of_encoder, pipelines, test, turns, timed_docs)
        for name, found in times.items():
            rows[name]["times"] = found
    report(sides, rows, output)


def measure(side: Side, outcome: Outcome, test: Path) -> Dict[str, Any]:
    """Quality, size, memory and what the training took."""
    command = [sys.executable, __file__, "annotate", str(side.run.folder / BEST), str(test)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return {
        "scores": score(side, test),
        "disk_bytes": count_bytes(side.run.folder / BEST),
        "peak_bytes": int(done.stdout.split()[-1]),
        "training_processor_seconds": outcome.processor_seconds,
        "training_peak_bytes": outcome.peak_memory,
    }


def score(side: Side, test: Path) -> Dict[str, float]:
    """The quality of a pipeline. The accuracy of categories is taken in one way for all."""
    nlp = spacy.load(side.run.folder / BEST)
    examples = list(make_corpus(test)(nlp))
    scores = nlp.evaluate(examples)
    found = {name: scores[name] for name in ("ents_f", "srl_argument_f") if scores.get(name) is not None}
    # `evaluate` leaves these Examples as they are
    annotated = annotate(nlp, examples)
    labelled = [example for example in annotated if example.reference.cats and example.predicted.cats]
    if labelled:
        right = [
            max(one.predicted.cats, key=one.predicted.cats.get) == max(one.reference.cats, key=one.reference.cats.get)
            for one in labelled
        ]
        found["genre_acc"] = sum(right) / len(right)
    return found


def annotate_alone(pipeline: Path, corpus: Path) -> None:
    """Load, annotate, print the peak of the process's memory in bytes."""
    nlp = spacy.load(pipeline)
    docs = [example.reference for example in make_corpus(corpus)(nlp)]
    for _ in nlp.pipe([copy_tokens(doc, nlp.vocab) for doc in docs]):
        pass
    print(read_peak_memory())


def report(sides: List[Side], rows: Dict[str, Dict[str, Any]], output: Path) -> None:
    """Print the table and write it."""
    table = lay_out(sides, rows)
    sentences = tell(sides, rows)
    msg.table(table.rows, header=table.header, aligns=tuple(table.aligns), divider=True, max_col=100)
    markdown = MarkdownRenderer()
    aligns = ["r" if align == "r" else "l" for align in table.aligns]
    markdown.add(markdown.table(list(table.rows), header=list(table.header), aligns=aligns))
    for sentence in sentences:
        msg.text(sentence)
    markdown.add(markdown.list(sentences))
    with whole_file(output / "pipelines.md") as path:
        path.write_text(markdown.text + "\n", encoding="utf8")
    with whole_file(output / "pipelines.json") as path:
        path.write_text(json.dumps({"rows": rows, "notes": sentences}, indent=2), encoding="utf8")


if __name__ == "__main__":
    if sys.argv[1:2] == ["annotate"]:
        annotate_alone(Path(sys.argv[2]), Path(sys.argv[3]))
    else:
        app()
