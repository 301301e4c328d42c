"""spacy_mtl on utterances with intents and slots: `configs/snips-pretrained.cfg`, with batches of so many texts."""

from arguments import read_arguments  # isort: skip

import sys
from pathlib import Path
from time import process_time
from typing import List

import spacy
import torch
from spacy.tokens import Doc, DocBin
from spacy.training.initialize import init_nlp
from spacy.training.loop import train
from texts import read_texts, time_turns, write_answer
from thinc.api import Config

from docs import to_doc, to_text

CONFIG = Path(__file__).parents[2] / "configs" / "snips-pretrained.cfg"


def main() -> None:
    told = read_arguments()
    torch.set_num_threads(1)
    texts = {part: read_texts(told.data / f"{part}.jsonl") for part in ("train", "dev", "test")}
    categories = sorted({text.category for text in texts["train"]})
    for part in ("train", "dev"):
        docs = [to_doc(text, categories) for text in texts[part]]
        DocBin(docs=docs).to_disk(told.output / f"{part}.spacy")
    updates = told.epochs * -(-len(texts["train"]) // told.batch_size)
    config = Config().from_disk(CONFIG, interpolate=False)
    heads = config["training"]["optimizer"]["learn_rate"]["initial_rate"]
    config["components"]["tok2vec"]["model"]["learn_rate_factor"] = told.rate / heads
    config["paths"] = {
        "train": str(told.output / "train.spacy"),
        "dev": str(told.output / "dev.spacy"),
        "transformer": told.transformer,
    }
    config["system"]["seed"] = told.seed
    # no more evaluations than one: what is tested is the last pipeline
    config["training"].update(max_epochs=told.epochs, max_steps=0, eval_frequency=updates)
    config["training"]["batcher"] = {"@batchers": "spacy.batch_by_sequence.v1", "size": told.batch_size}
    config["training"]["optimizer"]["learn_rate"].update(total_steps=updates, warmup_steps=updates // 10)
    config["components"]["tok2vec"]["model"]["frozen_steps"] = updates // 10
    nlp = init_nlp(config)
    pipeline = told.output / "pipeline"
    pipeline.mkdir(exist_ok=True)
    start = process_time()
    train(nlp, pipeline, stdout=sys.stdout, stderr=sys.stderr)
    training = process_time() - start

    nlp = spacy.load(pipeline / "model-last")

    def annotate() -> List[Doc]:
        return list(nlp.pipe(Doc(nlp.vocab, words=text.words) for text in texts["test"]))

    annotation = time_turns(annotate, told.turns)
    write_answer(told.output, [to_text(doc) for doc in annotate()], training, annotation)


if __name__ == "__main__":
    main()
