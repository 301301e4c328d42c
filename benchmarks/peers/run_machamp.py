"""MaChAmp on utterances with intents and slots: two decoders on one encoder, its settings but for those asked for."""

from arguments import read_arguments  # isort: skip

import json
import os
import sys
from time import process_time
from typing import Sequence

import torch
from texts import Text, read_texts, time_turns, write_answer, write_columns


def read_columns(path: str) -> Sequence[Text]:
    texts, rows, category = [], [], ""
    with open(path, encoding="utf8") as file:
        for line in file:
            if line.startswith("# intent"):
                category = line[len("# intent") :].strip(" :=\n")
            elif line.strip():
                rows.append(line.rstrip("\n").split("\t"))
            elif rows:
                texts.append(Text([row[0] for row in rows], [row[1] for row in rows], category))
                rows = []
    return texts


def main() -> None:
    told = read_arguments()
    torch.set_num_threads(1)
    sys.path.insert(0, str(told.checkout))
    from machamp.model import trainer
    from machamp.predictor.predict import predict_with_paths
    from machamp.utils import myutils

    # it writes to logs/ here
    output, parts = told.output.resolve(), {}
    for part in ("train", "dev", "test"):
        parts[part] = str(output / f"{part}.tsv")
        write_columns(read_texts(told.data / f"{part}.jsonl"), parts[part], "# intent: ")
    settings = myutils.load_json(str(told.checkout / "configs" / "params.json"))
    settings["transformer_model"] = told.transformer
    settings["batching"]["batch_size"] = told.batch_size
    settings["training"]["num_epochs"] = told.epochs
    settings["training"]["optimizer"]["lr"] = told.rate
    # in a first epoch the encoder would not learn
    settings["training"]["learning_rate_scheduler"]["gradual_unfreezing"] = told.epochs > 1
    (output / "settings.json").write_text(json.dumps(settings))
    tasks = {
        "slots": {"task_type": "seq_bio", "column_idx": 1},
        "intent": {"task_type": "classification", "column_idx": -1},
    }
    data = {"train_data_path": parts["train"], "dev_data_path": parts["dev"], "word_idx": 0, "tasks": tasks}
    (output / "data.json").write_text(json.dumps({"utterances": data}))
    os.chdir(output)
    start = process_time()
    trainer.train("utterances", "settings.json", ["data.json"], "cpu", "", "", told.seed, "", str(output / "pipeline"))
    training = process_time() - start

    model = torch.load(output / "pipeline" / "model.pt", map_location="cpu", weights_only=False)
    model.device = "cpu"

    def annotate() -> None:
        predict_with_paths(
            model, parts["test"], str(output / "predicted.tsv"), "utterances", 32, False, "cpu", "=", "|", None, -1
        )

    annotation = time_turns(annotate, told.turns)
    write_answer(told.output, read_columns(str(output / "predicted.tsv")), training, annotation)


if __name__ == "__main__":
    main()
