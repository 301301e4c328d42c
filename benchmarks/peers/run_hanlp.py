"""HanLP on utterances with intents and slots. It has no categories of texts beside entities, so that the intent is an
entity in front of the utterance."""

from arguments import read_arguments  # isort: skip

import random
from time import process_time
from typing import Any, List, Sequence

import numpy
import torch
from hanlp.components.ner.transformer_ner import TransformerNamedEntityRecognizer
from texts import Text, read_texts, time_turns, write_answer, write_columns

FRONT, PREFIX = "utterance", "intent:"


def to_text(words: List[str], entities: Sequence[Any]) -> Text:
    tags, category = ["O"] * (len(words) + 1), ""
    for _, label, start, end in entities:
        if label.startswith(PREFIX):
            category = label[len(PREFIX) :] if start == 0 else category
            continue
        tags[start:end] = [f"B-{label}"] + [f"I-{label}"] * (end - start - 1)
    return Text(words, tags[1:], category)


def main() -> None:
    told = read_arguments()
    torch.set_num_threads(1)
    for seed in (random.seed, numpy.random.seed, torch.manual_seed):
        seed(told.seed)
    texts = {part: read_texts(told.data / f"{part}.jsonl") for part in ("train", "dev", "test")}
    for part in ("train", "dev"):
        write_columns(texts[part], str(told.output / f"{part}.tsv"), f"{FRONT}\tB-{PREFIX}")
    recognizer = TransformerNamedEntityRecognizer()
    start = process_time()
    recognizer.fit(
        str(told.output / "train.tsv"),
        str(told.output / "dev.tsv"),
        str(told.output / "pipeline"),
        told.transformer,
        average_subwords=True,
        lr=10 * told.rate,
        transformer_lr=told.rate,
        batch_size=told.batch_size,
        epochs=told.epochs,
        delimiter_in_entity=" ",
        seed=told.seed,
        devices=-1,
    )
    training = process_time() - start

    def annotate() -> List[Any]:
        return recognizer([[FRONT, *text.words] for text in texts["test"]], batch_size=32)

    annotation = time_turns(annotate, told.turns)
    found = [to_text(text.words, entities) for text, entities in zip(texts["test"], annotate())]
    write_answer(told.output, found, training, annotation)


if __name__ == "__main__":
    main()
