"""Run a page of the documentation as a reader would: python .ci/run_page.py PAGE FOLDER [--steps N]

Blocks with a title are written to files of that name in FOLDER; blocks of bash and Python are run there, in order.
"""

import argparse
import re
import subprocess
import sys
from pathlib import Path
from typing import Iterator, Optional, Tuple

BLOCK = re.compile(
    r"^(?P<indent> *)```(?P<language>\w*)(?: title=\"(?P<title>[^\"]+)\")?\n(?P<body>.*?)^ *```$", re.M | re.S
)


def read_blocks(text: str) -> Iterator[Tuple[str, Optional[str], str]]:
    """Find the blocks of code of a page.

    text (str): The page, in Markdown.
    YIELDS (Tuple[str, Optional[str], str]): Language, title and text of a block, without its indentation.
    """
    for found in BLOCK.finditer(text):
        indent = len(found["indent"])
        body = "".join(line[indent:] if line.strip() else line for line in found["body"].splitlines(keepends=True))
        yield found["language"], found["title"], body


def shorten(commands: str, steps: int) -> str:
    """Give trainings a budget.

    commands (str): A block of bash, a command a line.
    steps (int): Updates of each training.
    RETURNS (str): The same commands; `spacy train` and `spacy mtl compare` with the budget.
    """
    budget = f" --training.max_steps {steps} --training.eval_frequency {steps}"
    joined = commands.replace("\\\n", " ")
    return re.sub(r"^(.*python -m spacy (?:train|mtl compare) .*)$", rf"\1{budget}", joined, flags=re.M)


def run_page(page: Path, folder: Path, steps: Optional[int] = None) -> None:
    """Run a page. Lines that install something are passed over; `cd` holds for the blocks after it.

    page (Path): The page.
    folder (Path): Where to run it; what is missing is made.
    steps (Optional[int]): A budget for the trainings; None to train as the page says.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for language, title, body in read_blocks(page.read_text(encoding="utf8")):
        if title:
            (folder / title).write_text(body, encoding="utf8")
        elif language == "bash":
            commands = re.sub(r"^pip install .*$", "", body, flags=re.M)
            commands = shorten(commands, steps) if steps else commands
            print(f"$ {commands.strip()}", flush=True)
            subprocess.run(["bash", "-e", "-c", commands], cwd=folder, check=True)
            folder = folder.joinpath(*re.findall(r"^cd (.+)$", body, flags=re.M))
        elif language == "python":
            subprocess.run([sys.executable, "-c", body], cwd=folder, check=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("page", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--steps", type=int)
    run_page(**vars(parser.parse_args()))
