"""What each toolkit's program is told."""

import os

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[name] = "1"

import argparse
from pathlib import Path


def read_arguments() -> argparse.Namespace:
    """RETURNS (argparse.Namespace): data, transformer, output, rate, epochs, batch_size, turns, seed and, where a
    toolkit is no package, its checkout."""
    parser = argparse.ArgumentParser()
    parser.add_argument("data", type=Path, help="Folder with train.jsonl, dev.jsonl and test.jsonl")
    parser.add_argument("output", type=Path, help="Folder for predictions and seconds")
    parser.add_argument("--transformer", required=True, help="Folder of the pretrained encoder")
    parser.add_argument("--rate", type=float, required=True, help="Highest learning rate of the encoder")
    parser.add_argument("--epochs", type=int, required=True)
    parser.add_argument("--batch-size", type=int, required=True, help="Texts in a batch")
    parser.add_argument("--turns", type=int, required=True, help="How often the test texts are annotated for the clock")
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--checkout", type=Path, help="The toolkit's source, if it is no package")
    return parser.parse_args()
