"""What sharing changed between a joint pipeline and single ones, printed and saved."""

from pathlib import Path
from typing import Optional

from wasabi import msg

from ..analysis.changes.changes import find_changes
from ..analysis.changes.tables import tell_changes
from ..data.writing import check_folder
from ..errors import Errors
from ..name_lists import split_names
from ..pipeline.loading import load_pipeline
from .evaluate import print_table, read_examples
from .output import write_report
from .pages.changed import lay_out_changes, render_changes, render_markdown
from .pages.sharing_section import add_section

NAME = "changed"


def changed(
    compared: Path,
    test: Path,
    output: Optional[Path] = None,
    *,
    seed: int = 0,
    tasks: str = "",
    limit: int = 200,
    explained: int = 5,
) -> None:
    """Find what sharing changed, print the tables, and write them with the texts as JSON, Markdown and HTML.

    compared (Path): The folder of a comparison.
    test (Path): A .spacy file or a folder with such files.
    output (Optional[Path]): Folder for the files; None for that of the comparison.
    seed (int): The seed of the pipelines and of the choice of texts.
    tasks (str): The names of the tasks, with commas; "" for all.
    limit (int): How many texts are chosen; 0 for all.
    explained (int): Of how many differing texts, for each task, to say what the predictions rest on.
    """
    folder = compared if output is None else output
    names = split_names(tasks)
    try:
        check_folder(folder)
        found = find_changes(
            compared,
            lambda nlp: read_examples(nlp, test),
            load_pipeline,
            corpus=str(test),
            seed=seed,
            tasks=names,
            limit=limit,
            explained=explained,
        )
    except (OSError, ValueError) as error:
        msg.fail(str(error), exits=1)
    for title, table in lay_out_changes(found).items():
        msg.divider(title)
        print_table(table)
    for sentence in tell_changes(found):
        print(sentence)
    try:
        write_report(folder / NAME, found.to_dict(), render_markdown(found), render_changes(found))
        is_added = add_section(compared, folder / f"{NAME}.html")
    except OSError as error:
        msg.fail(Errors.E152.format(path=folder, error=error), exits=1)
    msg.good(f"Saved to {folder / NAME}.json, .md and .html" + ", and in the page of the comparison" * is_added)
