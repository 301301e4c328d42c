"""Intents and slots by spacy_mtl and by other toolkits: the same texts, encoder, number of texts read, and one thread.

Each toolkit runs in an environment of its own, which you make; the page of benchmarks says how. Seconds are processor
seconds of the toolkit's process.
"""

import json
import random
import subprocess
import sys
from pathlib import Path
from typing import Annotated, Any, Dict, List, NamedTuple, Optional, Sequence

import spacy
import typer
from spacy.training import Example
from wasabi import MarkdownRenderer, msg

from spacy_mtl.data.corpus import make_corpus
from spacy_mtl.data.writing import whole_file
from spacy_mtl.scorers.ner import score_ner
from spacy_mtl.scorers.sentence import score_sentences

PROGRAMS = Path(__file__).parent / "peers"
sys.path.append(str(PROGRAMS))

from texts import SECONDS, TAGS, Text, read_texts, write_texts

from docs import to_doc, to_text

NAME = "intent"
# Some toolkits evaluate between epochs, and what that takes is no training.
DEV = 100


class Peer(NamedTuple):
    """A toolkit to run.

    program (Path): What runs it.
    rate (float): Highest learning rate of the encoder.
    python (str): The Python of its environment.
    checkout (Optional[str]): Its source, where it is no package.
    """

    program: Path
    rate: float
    python: str
    checkout: Optional[str]


def main(
    corpus: Annotated[Path, typer.Argument(help="Folder with train.spacy, dev.spacy, test.spacy: intents and slots")],
    peers: Annotated[List[str], typer.Argument(help="NAME=RATE,PYTHON or NAME=RATE,PYTHON,CHECKOUT, to run in turn")],
    transformer: Annotated[Path, typer.Option(help="Folder of the pretrained encoder")],
    output: Annotated[Path, typer.Option(help="Folder for the table and all that is trained")],
    texts: Annotated[int, typer.Option(help="Training texts, drawn at random", min=1)] = 6400,
    epochs: Annotated[int, typer.Option(help="How often each is read", min=1)] = 1,
    batch_size: Annotated[int, typer.Option(help="Texts in a batch", min=1)] = 64,
    turns: Annotated[int, typer.Option(help="Turns of annotating the test texts", min=1)] = 3,
    seed: Annotated[int, typer.Option(help="Of training")] = 0,
) -> None:
    """Train each toolkit, score and time it; print the table, and write it to OUTPUT/peers.json and peers.md. What is
    there is not done again."""
    runs = dict(_split(peer) for peer in peers)
    gold = prepare(corpus, output, texts)
    rows = []
    for name, peer in runs.items():
        folder = output / f"{name}-{peer.rate:g}"
        if not (folder / SECONDS).exists():
            msg.info(f"{name}, a rate of {peer.rate:g}")
            folder.mkdir(parents=True, exist_ok=True)
            settings = {"rate": peer.rate, "epochs": epochs, "batch-size": batch_size, "turns": turns, "seed": seed}
            run(peer, output, folder, {"transformer": transformer.resolve(), "checkout": peer.checkout, **settings})
        rows.append({"toolkit": name, "rate": peer.rate, **score(gold, read_texts(folder / TAGS))})
        seconds = json.loads((folder / SECONDS).read_text(encoding="utf8"))
        rows[-1].update(
            training=round(seconds["training"], 1),
            words_per_second=round(sum(len(text.words) for text in gold) / seconds["annotation"]),
        )
    table = make_table(rows)
    print(table)
    with whole_file(output / "peers.json") as temporary:
        temporary.write_text(json.dumps(rows, indent=2), encoding="utf8")
    with whole_file(output / "peers.md") as temporary:
        temporary.write_text(table, encoding="utf8")


def prepare(corpus: Path, output: Path, texts: int) -> List[Text]:
    """Write what all toolkits read. RETURNS (List[Text]): The test texts."""
    nlp = spacy.blank("en")
    output.mkdir(parents=True, exist_ok=True)
    found = {}
    for part in ("train", "dev", "test"):
        found[part] = [to_text(doc) for doc in make_corpus(corpus / f"{part}.spacy").read_references(nlp)]
    random.Random(0).shuffle(found["train"])
    del found["train"][texts:], found["dev"][DEV:]
    for part, chosen in found.items():
        write_texts(chosen, output / f"{part}.jsonl")
    return found["test"]


def run(peer: Peer, data: Path, output: Path, settings: Dict[str, Any]) -> None:
    """Run a toolkit's program, its output in OUTPUT/log.txt."""
    told = [word for name, value in settings.items() if value is not None for word in (f"--{name}", str(value))]
    with (output / "log.txt").open("w", encoding="utf8") as log:
        command = [peer.python, str(peer.program), str(data.resolve()), str(output.resolve()), *told]
        done = subprocess.run(command, stdout=log, stderr=subprocess.STDOUT, check=False)
    if done.returncode:
        msg.fail(f"It ended with {done.returncode}; see {output / 'log.txt'}", exits=1)


def score(gold: Sequence[Text], predicted: Sequence[Text]) -> Dict[str, float]:
    """RETURNS (Dict[str, float]): F of slots, accuracy of intents, and the share of texts of which all is right."""
    intents = sorted({text.category for text in (*gold, *predicted)})
    examples = [
        Example(to_doc(found, intents), to_doc(text, intents)) for text, found in zip(gold, predicted, strict=True)
    ]
    sentences = score_sentences(examples, labels=intents, name=NAME)
    scores = {
        "slots": score_ner(examples)["ents_f"],
        "intent": sentences[f"{NAME}_acc"],
        "utterance": sentences[f"{NAME}_sentence_acc"],
    }
    return {name: round(100 * value, 2) for name, value in scores.items()}


def make_table(rows: Sequence[Dict[str, Any]]) -> str:
    """RETURNS (str): A line for each toolkit."""
    table = MarkdownRenderer()
    header = ["", "rate", "slots", "intent", "whole utterance", "training, seconds", "words a second"]
    keys = ("toolkit", "rate", "slots", "intent", "utterance", "training", "words_per_second")
    table.add(table.table([[str(row[key]) for key in keys] for row in rows], header=header))
    return table.text


def _split(peer: str) -> tuple[str, Peer]:
    name, _, settings = peer.partition("=")
    rate, python, *checkout = settings.split(",")
    program = PROGRAMS / f"run_{name}.py"
    if not program.exists():
        names = ", ".join(sorted(path.stem[len("run_") :] for path in PROGRAMS.glob("run_*.py")))
        raise typer.BadParameter(f"Expected one of {names}; found {name}")
    return name, Peer(program, float(rate), python, checkout[0] if checkout else None)


if __name__ == "__main__":
    typer.run(main)
