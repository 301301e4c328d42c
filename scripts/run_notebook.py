"""Run the cells of a notebook as plain Python, in the current folder: python run_notebook.py NOTEBOOK [--write]

It needs neither Jupyter nor IPython, and so no cell may use what Python does not have. The environment variable STEPS
sets the updates of the notebooks' trainings.
"""

import argparse
import ast
import contextlib
import io
import json
import re
from pathlib import Path
from typing import Any, Dict, List, Tuple

COLOURS = re.compile(r"\x1b\[[0-9;]*m")
# what a training says beside its table
NOTES = re.compile(r"^(ℹ|✔|\[i\]|\[\+\]|=+ ).*\n+", re.MULTILINE)


def run_notebook(path: Path) -> List[Dict[str, Any]]:
    """Run all cells, as a notebook does.

    path (Path): The notebook.
    RETURNS (List[Dict[str, Any]]): The cells with their outputs: what they print, and the value of a last expression.
    """
    cells = json.loads(path.read_text(encoding="utf8"))["cells"]
    variables: Dict[str, Any] = {"__name__": "__main__"}
    number = 0
    for cell in cells:
        if cell["cell_type"] != "code":
            continue
        number += 1
        printed, value = run_cell("".join(cell["source"]), variables, f"{path.name}, cell {number}")
        cell["execution_count"] = number
        cell["outputs"] = make_outputs(NOTES.sub("", COLOURS.sub("", printed)), value, number)
    return cells


def run_cell(source: str, variables: Dict[str, Any], name: str) -> Tuple[str, Any]:
    """Run a cell.

    source (str): Its text.
    variables (Dict[str, Any]): Those of the notebook.
    name (str): For tracebacks.
    RETURNS (Tuple[str, Any]): What it printed, and the value of its last line if that is an expression.
    """
    tree = ast.parse(source, name)
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    value = None
    with contextlib.redirect_stdout(io.StringIO()) as stream:
        exec(compile(tree, name, "exec"), variables)
        if last is not None:
            value = eval(compile(ast.Expression(last.value), name, "eval"), variables)
    return stream.getvalue(), value


def make_outputs(printed: str, value: Any, number: int) -> List[Dict[str, Any]]:
    """The outputs of a cell as a notebook keeps them.

    printed (str): What it printed.
    value (Any): The value of its last expression; markup is shown as such.
    number (int): Of the cell.
    RETURNS (List[Dict[str, Any]]): The outputs.
    """
    outputs: List[Dict[str, Any]] = []
    if printed.strip():
        outputs.append(
            {"name": "stdout", "output_type": "stream", "text": printed.strip("\n").splitlines(keepends=True)}
        )
    if isinstance(value, str) and value.startswith("<"):
        data = {"text/html": value.splitlines(keepends=True)}
        outputs.append({"data": data, "metadata": {}, "output_type": "display_data"})
    elif value is not None:
        data = {"text/plain": repr(value).splitlines(keepends=True)}
        outputs.append({"data": data, "execution_count": number, "metadata": {}, "output_type": "execute_result"})
    return outputs


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("notebook", type=Path)
    parser.add_argument("--write", action="store_true", help="Keep the outputs in the notebook")
    arguments = parser.parse_args()
    book = json.loads(arguments.notebook.read_text(encoding="utf8"))
    book["cells"] = run_notebook(arguments.notebook)
    if arguments.write:
        arguments.notebook.write_text(json.dumps(book, indent=1, ensure_ascii=False) + "\n", encoding="utf8")
