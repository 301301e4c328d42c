"""A smaller pipeline with some of the tasks of a larger one, saved to a folder."""

from pathlib import Path

from wasabi import msg

from ..data.writing import check_folder, whole_folder
from ..errors import Errors
from ..name_lists import split_names
from ..pipeline.extraction import extraction
from ..pipeline.extraction.dependencies import find_dependencies
from ..pipeline.loading import load_pipeline


def extract(pipeline: str, tasks: str, output: Path, *, only: bool = False) -> None:
    """Extract tasks from a pipeline, say what is kept and why, and save it.

    pipeline (str): A folder or the name of a package.
    tasks (str): The names of the components, with commas.
    output (Path): Folder for the new pipeline.
    only (bool): Whether to keep nothing beside the tasks but their encoders.
    """
    names = split_names(tasks)
    try:
        if output.exists():
            raise FileExistsError(Errors.E604.format(path=output))
        check_folder(output.parent)
        nlp = load_pipeline(pipeline)
        extracted = extraction.extract(nlp, names, only=only)
        with whole_folder(output) as folder:
            extracted.to_disk(folder)
    except (ImportError, OSError, ValueError) as error:
        msg.fail(str(error), exits=1)
    users = find_dependencies(nlp, names, only=only)
    rows = [(name, "named" if name in names else "", ", ".join(users.get(name, ()))) for name in extracted.pipe_names]
    msg.table(rows, header=("Kept", "", "Needed by"), divider=True)
    left_out = [name for name in nlp.component_names if name not in users]
    if left_out:
        msg.text(f"Left out: {', '.join(left_out)}")
    msg.good(f"Saved to {output}")
