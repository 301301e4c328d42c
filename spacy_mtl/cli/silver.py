"""Annotation of a corpus by a pipeline, for what the corpus is not annotated for."""

from itertools import tee
from pathlib import Path
from typing import Any, Collection, Iterable, Iterator, List, Optional

from spacy.language import Language
from spacy.pipeline import TextCategorizer
from spacy.tokens import Doc
from tqdm import tqdm
from wasabi import msg

from ..data.corpus import Corpus
from ..data.formats.counting import Counts, Tally
from ..data.layers.layers import Layer
from ..data.layers.silver import Silver, choose_layers, copy_for_prediction
from ..data.writing import check_file_type, check_output, write_docs
from ..errors import Errors
from ..frames import SPANS_KEY
from ..name_lists import split_names
from ..pipeline.categories import choose_labels, find_threshold
from ..pipeline.extraction.dependencies import find_access, find_dependencies
from ..pipeline.loading import load_pipeline
from ..pipeline.textcat.component import MultiTaskTextCategorizer
from .convert import print_counts

# the words of spaCy's `assigns`
WRITTEN = {
    "tags": ["token.tag"],
    "pos": ["token.pos"],
    "morphology": ["token.morph"],
    "lemmas": ["token.lemma"],
    "parse": ["token.dep"],
    "borders": ["token.is_sent_start", "doc.sents"],
    "entities": ["doc.ents"],
    "frames": [f"doc.spans[{SPANS_KEY}]"],
    "translations": ["doc._.translation"],
    "categories": ["doc.cats"],
}
SPANS = "doc.spans["


def silver(
    pipeline: str,
    corpus: Path,
    output: Path,
    *,
    layers: str,
    overwrite: bool = False,
    batch_size: Optional[int] = None,
    n_process: int = 1,
) -> Counts:
    """Give a corpus the annotation of a pipeline, and print what became of each layer.

    pipeline (str): A folder or the name of a package.
    corpus (Path): A `.spacy` file or a folder with such files.
    output (Path): The `.spacy` file.
    layers (str): The names of the layers, with commas between them.
    overwrite (bool): Whether the pipeline's annotation takes the place of the corpus's.
    batch_size (Optional[int]): Texts that the pipeline reads at once; None for its own setting.
    n_process (int): Processes.
    RETURNS (Counts): What was written.
    """
    tally = Tally()
    try:
        chosen = choose_layers(split_names(layers))
        check_file_type(output)
        check_output(output, [corpus])
        nlp = load_pipeline(pipeline)
        writers = find_writers(nlp, chosen)
        silver = Silver(chosen, overwrite=overwrite)
        read = Corpus(corpus, keep_in_memory=False).read_references(nlp)
        # the Docs themselves go into no other process
        docs, originals = tee(tqdm(read, unit=" docs", disable=None, leave=False))
        with nlp.select_pipes(enable=writers):
            copies = nlp.pipe(map(copy_for_prediction, docs), batch_size=batch_size, n_process=n_process)
            write_docs(tally.count(silver.annotate(zip(_decide(nlp, copies), originals))), output)
    except (OSError, ValueError) as error:
        msg.fail(str(error), exits=1)
    counts = tally.total()
    print_counts(counts)
    rows = [(name, result, f"{count:,}") for name, found in silver.counts.items() for result, count in found.items()]
    msg.table(sorted(rows), header=("Layer", "Outcome", "Docs"), aligns=("l", "l", "r"), divider=True)
    msg.good(f"Saved to {output}")
    return counts


def find_writers(nlp: Language, layers: List[Layer]) -> List[str]:
    """The components that give layers, with those that they need.

    nlp (Language): The pipeline.
    layers (List[Layer]): The layers.
    RETURNS (List[str]): The names of the components, in their order.
    RAISES (ValueError): E651 for a layer that no component gives.
    """
    access = {name: find_access(nlp, name) for name in nlp.pipe_names}
    # what does not say what it does may do anything
    unknown = [name for name, found in access.items() if found.reads is None]
    chosen = list(unknown)
    for layer in layers:
        givers = [name for name, found in access.items() if _gives(found.writes or (), layer.name)]
        if not givers and not unknown:
            raise ValueError(Errors.E651.format(layer=layer.name, found=", ".join(nlp.pipe_names) or "none"))
        chosen += givers
    needed = find_dependencies(nlp, chosen)
    return [name for name in nlp.pipe_names if name in needed]


def _gives(written: Collection[str], layer: str) -> bool:
    if layer == "spans":
        return any(name.startswith(SPANS) and name not in WRITTEN["frames"] for name in written)
    return any(name in written for name in WRITTEN[layer])


def _decide(nlp: Language, copies: Iterable[Doc]) -> Iterator[Doc]:
    """Probabilities of categories become what holds and what does not."""
    categorizers: List[Any] = [
        pipe for _, pipe in nlp.pipeline if isinstance(pipe, (TextCategorizer, MultiTaskTextCategorizer))
    ]
    for copy in copies:
        for pipe in categorizers:
            own = {label: copy.cats[label] for label in pipe.labels if label in copy.cats}
            chosen = choose_labels(own, find_threshold(pipe))
            copy.cats.update({label: float(label in chosen) for label in own})
        yield copy
