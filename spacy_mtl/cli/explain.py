"""What a pipeline's predictions rest on, for people and for programs."""

import os
import sys
from pathlib import Path
from typing import Any, Mapping, Optional

from wasabi import msg
from wasabi.util import supports_ansi

from ..analysis.explanation.corpus import explain_examples
from ..analysis.explanation.explain import Explainer
from ..analysis.explanation.tasks import WORD
from ..errors import Warnings
from ..json_files import to_json
from ..pipeline.loading import load_pipeline
from .evaluate import print_table, read_examples
from .explanation_tables import lay_out_corpus
from .explanation_text import render_explanation
from .output import check_page, save_page
from .pages.explanation import render_explanations
from .texts import Texts


def explain_text(
    pipeline: str,
    text: str,
    settings: Mapping[str, Optional[str]],
    *,
    as_json: bool = False,
    html: Optional[Path] = None,
    check: bool = False,
) -> None:
    """Print what the predictions of a text rest on.

    pipeline (str): A folder or the name of a package.
    text (str): The text.
    settings (Mapping[str, Optional[str]]): Component, target, against and method, as `explain` takes them.
    as_json (bool): Whether to print a JSON object.
    html (Optional[Path]): Where to write it as a page as well.
    check (bool): Whether to show what becomes of predictions without random words, too.
    """
    try:
        check_page(html)
        nlp = load_pipeline(pipeline)
        (read,) = list(Texts([text], nlp.max_length)) or sys.exit(1)
        explainer: Any = Explainer(nlp)
        found = explainer.explain(read, **settings, check=True)
    except (OSError, ValueError) as error:
        msg.fail(str(error), exits=1)
    if as_json:
        print(to_json({"text": read, "explanations": [one.to_dict() for one in found]}))
    else:
        colours = has_colours()
        shown = [render_explanation(one, colours=colours, check=check) for one in found]
        # words stand below their translation
        breaks = ["\n" if one.kind == WORD and not check else "\n\n" for one in found[1:]]
        print("".join(map("".join, zip(["", *breaks], shown))) or "Nothing is found.")
    if html is not None:
        save_page(html, render_explanations(read, found, f"What {pipeline} rests on", check), quiet=as_json)


def has_colours() -> bool:
    """RETURNS (bool): Whether stdout is a terminal that shows colours, and nobody has asked for none (NO_COLOR)."""
    return sys.stdout.isatty() and supports_ansi() and not os.environ.get("NO_COLOR")


def explain_corpus(
    pipeline: str,
    corpus: Path,
    *,
    component: Optional[str] = None,
    method: str = "auto",
    as_json: bool = False,
    limit: int = 0,
) -> None:
    """Print which words carry each label over a corpus.

    pipeline (str): A folder or the name of a package.
    corpus (Path): A .spacy file or a folder with such files.
    component (Optional[str]): The component; None for all.
    method (str): As `explain` takes it.
    as_json (bool): Whether to print a JSON object.
    limit (int): Read only the first Docs; 0 for all.
    """
    try:
        nlp = load_pipeline(pipeline)
        found = explain_examples(nlp, read_examples(nlp, corpus, limit=limit), component, method)
    except (OSError, ValueError) as error:
        msg.fail(str(error), exits=1)
    if as_json:
        print(to_json(found.to_dict()))
        return
    for title, tables in lay_out_corpus(found).items():
        msg.divider(title)
        for table in tables:
            print_table(table)
    if found.skipped:
        msg.warn(Warnings.W801.format(skipped=found.skipped, texts=found.texts + found.skipped))
