"""flair on utterances with intents and slots: a tagger and a classifier with one transformer, on both tasks at once."""

from arguments import read_arguments  # isort: skip

from time import process_time
from typing import List, Sequence

import flair
import torch
from flair.data import Corpus, Sentence
from flair.datasets import FlairDatapointDataset
from flair.embeddings import TransformerWordEmbeddings
from flair.models import MultitaskModel, SequenceTagger, TextClassifier
from flair.trainers import ModelTrainer
from texts import Text, read_texts, time_turns, write_answer

TASKS = {"slots": "slot", "intent": "intent"}


def to_sentence(text: Text, labelled: bool = True) -> Sentence:
    sentence = Sentence(list(text.words))
    if labelled:
        sentence.add_label(TASKS["intent"], text.category)
        for start, end, label in find_spans(text.tags):
            sentence[start:end].add_label(TASKS["slots"], label)
        for task in TASKS:
            sentence.add_label("multitask_id", task)
    return sentence


def find_spans(tags: Sequence[str]) -> List:
    spans, start = [], None
    for index, tag in enumerate([*tags, "O"]):
        if start is not None and not tag.startswith("I-"):
            spans.append((start, index, tags[start][2:]))
            start = None
        if tag.startswith("B-"):
            start = index
    return spans


def to_text(sentence: Sentence) -> Text:
    words = [token.text for token in sentence]
    tags = ["O"] * len(words)
    for span in sentence.get_spans(TASKS["slots"]):
        for token in span:
            tags[token.idx - 1] = "I-" + span.get_label(TASKS["slots"]).value
        tags[span[0].idx - 1] = "B" + tags[span[0].idx - 1][1:]
    return Text(words, tags, sentence.get_label(TASKS["intent"]).value)


def main() -> None:
    told = read_arguments()
    torch.set_num_threads(1)
    flair.device = torch.device("cpu")
    flair.set_seed(told.seed)
    texts = {part: read_texts(told.data / f"{part}.jsonl") for part in ("train", "dev", "test")}
    parts = {part: FlairDatapointDataset([to_sentence(text) for text in texts[part]]) for part in texts}
    corpus = Corpus(parts["train"], parts["dev"], parts["test"], sample_missing_splits=False)
    embeddings = TransformerWordEmbeddings(told.transformer, layers="-1", fine_tune=True, is_document_embedding=True)
    slots = SequenceTagger(
        embeddings=embeddings,
        tag_dictionary=corpus.make_label_dictionary(TASKS["slots"], add_unk=False),
        tag_type=TASKS["slots"],
        hidden_size=256,
        use_rnn=False,
        use_crf=False,
        reproject_embeddings=False,
    )
    intents = TextClassifier(
        embeddings=embeddings,
        label_dictionary=corpus.make_label_dictionary(TASKS["intent"], add_unk=False),
        label_type=TASKS["intent"],
    )
    model = MultitaskModel([slots, intents], task_ids=list(TASKS), use_all_tasks=True)
    start = process_time()
    ModelTrainer(model, corpus).fine_tune(
        told.output / "pipeline",
        learning_rate=told.rate,
        mini_batch_size=told.batch_size,
        max_epochs=told.epochs,
        use_final_model_for_eval=True,
    )
    training = process_time() - start

    def annotate() -> List[Sentence]:
        sentences = [to_sentence(text, labelled=False) for text in texts["test"]]
        model.predict(sentences, mini_batch_size=32)
        return sentences

    annotation = time_turns(annotate, told.turns)
    write_answer(told.output, [to_text(sentence) for sentence in annotate()], training, annotation)


if __name__ == "__main__":
    main()
