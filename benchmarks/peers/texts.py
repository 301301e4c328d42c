"""What goes to a toolkit and comes back: texts, predictions and seconds, in files that need no library."""

import json
from pathlib import Path
from statistics import median
from time import process_time
from typing import Callable, List, NamedTuple, Sequence

TAGS = "tags.jsonl"
SECONDS = "seconds.json"


class Text(NamedTuple):
    """An utterance.

    words (List[str]): Its words.
    tags (List[str]): Their slots, in BIO.
    category (str): Its intent.
    """

    words: List[str]
    tags: List[str]
    category: str


def read_texts(path: Path) -> List[Text]:
    """path (Path): A file of JSON lines. RETURNS (List[Text]): Its texts."""
    return [Text(**json.loads(line)) for line in path.read_text(encoding="utf8").splitlines()]


def write_texts(texts: Sequence[Text], path: Path) -> None:
    """Write JSON lines."""
    path.write_text("".join(json.dumps(text._asdict()) + "\n" for text in texts), encoding="utf8")


def write_columns(texts: Sequence[Text], path: str, front: str) -> None:
    """Write a word and its tag a line, after a line that tells the category, as toolkits of columns read them.

    texts (Sequence[Text]): The texts.
    path (str): The file.
    front (str): What stands before the category.
    """
    with open(path, "w", encoding="utf8") as file:
        for text in texts:
            file.write(f"{front}{text.category}\n")
            file.writelines(f"{word}\t{tag}\n" for word, tag in zip(text.words, text.tags))
            file.write("\n")


def time_turns(annotate: Callable[[], None], turns: int) -> float:
    """RETURNS (float): Processor seconds of a turn, the median of several, after one that is not counted."""
    annotate()
    seconds = []
    for _ in range(turns):
        start = process_time()
        annotate()
        seconds.append(process_time() - start)
    return median(seconds)


def write_answer(output: Path, predictions: Sequence[Text], training: float, annotation: float) -> None:
    """What a toolkit's program leaves behind.

    output (Path): The folder.
    predictions (Sequence[Text]): The test texts as annotated.
    training (float): Processor seconds of the training, loading left out.
    annotation (float): Processor seconds that the annotation of the test texts takes.
    """
    write_texts(predictions, output / TAGS)
    (output / SECONDS).write_text(json.dumps({"training": training, "annotation": annotation}), encoding="utf8")
