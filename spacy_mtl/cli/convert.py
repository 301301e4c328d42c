"""Conversion of corpora from other formats."""

from pathlib import Path
from typing import Any, Callable, Dict, List, Mapping, Optional, Sequence

import spacy
from wasabi import msg

from ..data.formats.converting import convert as convert_corpus
from ..data.formats.converting import convert_in_parts
from ..data.formats.counting import Counts
from ..data.formats.dev_split import parse_share
from ..data.formats.remarks import Remarks
from ..data.formats.texts.json_fields import shorten
from ..errors import Errors

SHOWN = 20


def convert(
    inputs: Sequence[Path],
    output: Path,
    format: Optional[str],
    lang: str,
    *,
    dev: Optional[str] = None,
    dev_output: Optional[Path] = None,
    test: Optional[str] = None,
    test_output: Optional[Path] = None,
    seed: int = 0,
    skip_bad: bool = False,
    labels: Optional[str] = None,
    label_names: Optional[str] = None,
    label_columns: Optional[str] = None,
    **options: Any,
) -> Counts:
    """Convert files or folders to one DocBin and print what it holds, how it was read and what was left out.

    inputs (Sequence[Path]): Files or folders.
    output (Path): The `.spacy` file.
    format (Optional[str]): The name of the format; None to tell it by the inputs' endings.
    lang (str): The language of the tokenizer, such as "en".
    dev (Optional[str]): The share of the Docs that is held out for development, such as "10%".
    dev_output (Optional[Path]): Where to; by default the output's name with "dev" in place of "train" or behind it.
    test (Optional[str]): The share of the Docs that is held out for testing.
    test_output (Optional[Path]): Where to; by default named as for development, with "test".
    seed (int): Of the choice.
    skip_bad (bool): Whether to leave out what cannot be read.
    labels (Optional[str]): All categories, with commas between them.
    label_names (Optional[str]): Names of categories, such as "0=negative,1=positive".
    label_columns (Optional[str]): Names or indices of the categories' columns, with commas between them.
    **options (Any): The format's own; those that are None are left to the format.
    RETURNS (Counts): What was written to the output.
    """
    options.update(labels=labels, label_names=label_names, label_columns=label_columns)
    remarks = Remarks(skip_bad)
    try:
        given = parse_options(options)
        nlp = spacy.blank(lang)
        wanted = (("dev", dev, dev_output), ("test", test, test_output))
        parts = [(path or name_part(output, part), parse_share(share)) for part, share, path in wanted if share]
        if not parts:
            counts = convert_corpus(inputs, output, format, nlp, progress=True, remarks=remarks, **given)
            held_out = []
        else:
            counts, *held_out = convert_in_parts(
                inputs,
                output,
                parts,
                format,
                nlp,
                seed=seed,
                progress=True,
                remarks=remarks,
                **given,
            )
    except (ImportError, OSError, ValueError) as error:
        msg.fail(str(error), exits=1)
    print_counts(counts)
    for (beside, _), found in zip(parts, held_out):
        msg.text(f"Held out: {found.docs:,} Docs, {found.tokens:,} tokens, saved to {beside}")
    for note in remarks.notes:
        msg.text(f"Read: {note}")
    for line in remarks.describe_left_out():
        # one by one: lines of one message are wrapped together
        msg.text(line) if line.startswith(" ") else msg.warn(line)
    msg.good(f"Saved to {output}")
    return counts


def print_counts(counts: Counts) -> None:
    """Print what was written.

    counts (Counts): The counts.
    """
    rows = [("Docs", counts.docs), ("Tokens", counts.tokens)]
    # of what no Doc is annotated for there is nothing to say
    if counts.with_categories:
        rows.append(("Docs with categories", counts.with_categories))
    if counts.with_entities:
        rows += [("Docs annotated for entities", counts.with_entities), ("Entities", counts.entities)]
    if counts.with_frames:
        rows += [("Docs annotated for frames", counts.with_frames), ("Frames", counts.frames)]
        rows += [("Rolesets", counts.rolesets), ("Roles", counts.roles)]
    rows += [(f"Docs translated into '{language}'", count) for language, count in counts.translations.items()]
    msg.table([(name, f"{count:,}") for name, count in rows], aligns=("l", "r"))
    for name, labels in (("Categories", counts.categories), ("Entity labels", counts.entity_labels)):
        if labels:
            listed = [f"{label} {count:,}" for label, count in labels.items()]
            more = [f"and {len(listed) - SHOWN:,} more"] if len(listed) > SHOWN else []
            msg.text(f"{name}: {', '.join(listed[:SHOWN] + more)}")
    found = ", ".join(counts.example_labels[:SHOWN])
    msg.text(f"The first: '{shorten(counts.example, 200)}'" + (f" [{found}]" if found else ""))


def name_part(output: Path, part: str) -> Path:
    """The file for a part that is held out.

    output (Path): The file for the rest.
    part (str): "dev" or "test".
    RETURNS (Path): Its name with the part in place of "train", or behind it.
    """
    before, found, after = output.stem.rpartition("train")
    name = f"{before}{part}{after}" if found else f"{output.stem}-{part}"
    return output.with_name(f"{name}{output.suffix}")


def parse_options(options: Mapping[str, Any]) -> Dict[str, Any]:
    """Read options of formats as they are typed.

    options (Mapping[str, Any]): The options; those that are None are left to the format.
    RETURNS (Dict[str, Any]): What readers take.
    RAISES (ValueError): E149 for names of categories that are none.
    """
    read: Dict[str, Callable[[str], Any]] = {"labels": _split, "label_columns": _split, "label_names": _parse_names}
    return {name: read[name](value) if name in read else value for name, value in options.items() if value is not None}


def _split(listed: str) -> List[str]:
    return [part.strip() for part in listed.split(",")]


def _parse_names(listed: str) -> Dict[str, str]:
    names = {}
    for pair in _split(listed):
        value, equals, name = pair.partition("=")
        if not (value and equals and name):
            problem = f"'{pair}' names no category"
            raise ValueError(Errors.E149.format(path="The input", problem=problem, expected="such as 0=negative"))
        names[value] = name
    return names
