"""What sharing changed, as a section of the page of its comparison."""

import os
import re
from html import escape
from pathlib import Path

from ...analysis.changes.plots import STYLE
from ...data.writing import whole_file

START, END = "<!-- what sharing changed -->", "<!-- end of what sharing changed -->"
SECTION = re.compile(f"{re.escape(START)}.*?{re.escape(END)}\n?", re.DOTALL)
BEFORE = "<h2>How it was done</h2>"
COMPARISON, CHANGED = "comparison.html", "changed.html"
PIPELINE = "model-best/meta.json"


def frame_section(content: str) -> str:
    """RETURNS (str): A section that `add_section` finds. content (str): Its tables and pictures, as HTML."""
    return f"{START}\n<style>{STYLE}</style>\n{content}\n{END}"


def add_section(compared: Path, changed: Path) -> bool:
    """Put what sharing changed into the page of a comparison, in the place of what was there of it before.

    compared (Path): The folder of the comparison.
    changed (Path): The page of what sharing changed.
    RETURNS (bool): Whether there is a page of the comparison, and a section for it.
    """
    path = compared / COMPARISON
    found = SECTION.search(changed.read_text(encoding="utf8")) if path.exists() else None
    if found is None:
        return False
    page = SECTION.sub("", path.read_text(encoding="utf8"))
    before, heading, after = page.partition(BEFORE)
    if not heading:
        return False
    link = escape(os.path.relpath(changed, compared).replace(os.sep, "/"))
    told = f'<p><a href="{link}">Texts that are read differently</a>, with what each rests on.</p>'
    section = found.group().rstrip().replace("<h2>", "<h3>").replace("</h2>", "</h3>")
    section = section.replace(START, f"{START}\n<h2>What sharing changed</h2>\n{told}", 1)
    with whole_file(path) as new:
        new.write_text(f"{before}{section}\n{heading}{after}", encoding="utf8")
    return True


def keep_section(compared: Path) -> None:
    """Put what sharing changed back into a page that was written anew, unless a pipeline was trained since.

    compared (Path): The folder of the comparison.
    """
    changed = compared / CHANGED
    if changed.exists():
        trained = [path.stat().st_mtime for path in compared.rglob(PIPELINE)]
        if changed.stat().st_mtime >= max(trained, default=0.0):
            add_section(compared, changed)
