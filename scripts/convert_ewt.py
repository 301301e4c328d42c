"""Join the three layers of the English Web Treebank and write train.spacy, dev.spacy and test.spacy."""

from pathlib import Path
from typing import Annotated, Dict, List

import typer
from spacy.lang.en import English
from spacy.vocab import create_vocab
from tqdm import tqdm
from wasabi import msg

from spacy_mtl.data.formats.ewt import JOINED, SPLITS, EwtFiles, JoinedSentence, count_outcomes, read_split
from spacy_mtl.data.writing import write_docs
from spacy_mtl.frames import read_frame_spans


def main(
    corpora: Annotated[Path, typer.Argument(help="Folder with UD_English-EWT, UNER_English-EWT, propbank-release")],
    output: Annotated[Path, typer.Argument(help="Folder for train.spacy, dev.spacy and test.spacy")],
) -> None:
    """Join the layers of the English Web Treebank by sentence. Nothing is written unless every split is read."""
    vocab = create_vocab("en", English.Defaults)
    splits: Dict[str, List[JoinedSentence]] = {}
    try:
        for split in SPLITS:
            sentences = read_split(EwtFiles(corpora), split, vocab)
            splits[split] = list(tqdm(sentences, desc=split, unit=" sentences", disable=None, leave=False))
    except (FileNotFoundError, ValueError) as error:
        msg.fail("The corpora cannot be read", str(error), exits=1)
    try:
        for split, joined in splits.items():
            write_docs((sentence.doc for sentence in joined), output / f"{split}.spacy")
    except OSError as error:
        msg.fail("The corpus cannot be written", str(error), exits=1)
    print_tables(splits)
    msg.good(f"Wrote {', '.join(f'{split}.spacy' for split in splits)} to {output}")


def print_tables(splits: Dict[str, List[JoinedSentence]]) -> None:
    """Print what the splits hold, and what could not be joined and why."""
    contents = []
    left_out = []
    for split, joined in splits.items():
        outcomes = count_outcomes(joined)
        frames = [frame for sentence in joined for frame in read_frame_spans(sentence.doc)]
        contents.append(
            (
                split,
                len(joined),
                outcomes["entities"][JOINED],
                sum(len(sentence.doc.ents) for sentence in joined),
                outcomes["frames"][JOINED],
                len(frames),
                len({frame.sense for frame in frames}),
                len({role.role for frame in frames for role in frame.roles}),
                sum(sentence.moved for sentence in joined),
            )
        )
        for layer, counts in outcomes.items():
            left_out += [(split, layer, reason, n) for reason, n in counts.most_common() if reason != JOINED]
    header = ("", "Sentences", "with NER", "Entities", "with SRL", "Predicates", "Senses", "Roles", "Moved")
    msg.table(contents, header=header, divider=True, aligns=("l", *"r" * 8))
    if left_out:
        msg.table(left_out, header=("Split", "Layer", "Not joined because", "Sentences"), divider=True)


if __name__ == "__main__":
    typer.run(main)
