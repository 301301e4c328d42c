"""What a pipeline finds in texts, for people and for programs."""

import sys
from pathlib import Path
from typing import Any, Dict, List, Optional, Sequence

from wasabi import msg

from ..json_files import to_json
from ..pipeline.findings import Describer
from ..pipeline.loading import load_pipeline
from .output import check_page, save_page
from .pages.evidence import find_evidence
from .pages.page import is_sure, render_page
from .texts import Texts, stdin_lines

STDIN = "-"


def show(
    pipeline: str,
    texts: Sequence[str],
    *,
    as_json: bool = False,
    html: Optional[Path] = None,
    min_probability: float = 0.0,
    explain: bool = True,
) -> None:
    """Run a pipeline on texts and print what it finds. A text that cannot be read is told of on stderr, with its
    number, and by the exit code; the others are shown.

    pipeline (str): A folder or the name of a package.
    texts (Sequence[str]): The texts; `["-"]` for the lines of stdin.
    as_json (bool): Whether to print one JSON object a text.
    html (Optional[Path]): Where to write it as a page as well.
    min_probability (float): Arguments below it are left out in print and grey on the page. JSON always has all.
    explain (bool): Whether the page shows what predictions rest on.
    """
    try:
        check_page(html)
        nlp = load_pipeline(pipeline)
    except OSError as error:
        msg.fail(str(error), exits=1)
    from_stdin = list(texts) == [STDIN]
    read = Texts(stdin_lines() if from_stdin else texts, nlp.max_length)
    # Whoever types wants the answer to a line before the next.
    batch_size = 1 if from_stdin and sys.stdin.isatty() else None
    descriptions: List[Dict[str, Any]] = []
    describe = Describer(nlp)
    try:
        for doc in nlp.pipe(iter(read), batch_size=batch_size):
            found = describe(doc)
            print(to_json(found) if as_json else render(found, min_probability), flush=True)
            if html is not None:
                descriptions.append(found)
    except ValueError as error:
        msg.fail(str(error), exits=1)
    if html is not None:
        evidence = find_evidence(nlp, (found["text"] for found in descriptions)) if explain else []
        page = render_page(descriptions, f"What {pipeline} finds", min_probability, evidence)
        save_page(html, page, quiet=as_json)
    if read.faults:
        sys.exit(1)


def render(found: Dict[str, Any], min_probability: float = 0.0) -> str:
    """Lay out a description to be read.

    found (Dict[str, Any]): What a `Describer` gave.
    min_probability (float): Arguments below it are left out.
    RETURNS (str): Some lines, the last one blank.
    """
    lines = [found["text"]]
    for component, categories in found["categories"].items():
        probabilities = categories["probabilities"]
        chosen = [f"{label}{_shown(probabilities[label])}" for label in categories["chosen"]]
        lines.append(f"  {component}: {', '.join(chosen) or 'none'}")
    if found["entities"]:
        lines.append("  entities")
        lines += [f"    {e['label']}: {e['text']}{_shown(e['confidence'])}" for e in found["entities"]]
    for frame in found["frames"]:
        lines.append(
            f"  {frame['text']}{_shown(frame['probability'])}"
            + (f"  {frame['sense']}{_shown(frame['sense_probability'])}" if frame["sense"] else "")
        )
        lines += [
            f"    {r['role']}: {r['text']}{_shown(r['probability'])}"
            for r in frame["roles"]
            if is_sure(r["probability"], min_probability)
        ]
    for language, translation in found["translations"].items():
        lines.append(f"  {language}: {translation['text']}")
        # the best one is the translation itself
        lines += [f"    {one['text']} ({one['score']:.2f})" for one in translation["candidates"][1:]]
    return "\n".join([*lines, ""])


def _shown(probability: Optional[float]) -> str:
    return "" if probability is None else f" ({probability:.2f})"
