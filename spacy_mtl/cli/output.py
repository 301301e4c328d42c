"""What commands write: reports in three forms, and pages beside what they print."""

from pathlib import Path
from typing import Any, Dict, List, Literal, Optional

from wasabi import MarkdownRenderer, msg

from ..analysis.tables import Table
from ..data.writing import check_folder, whole_file
from ..errors import Errors
from ..json_files import write_json


def add_table(markdown: MarkdownRenderer, table: Table) -> None:
    """Add a table to a text.

    markdown (MarkdownRenderer): The text.
    table (Table): The table.
    """
    rows = [[cell.replace("|", r"\|") for cell in row] for row in table.rows]
    aligns: List[Literal["l", "r"]] = ["r" if align == "r" else "l" for align in table.aligns]
    markdown.add(markdown.table(rows, header=list(table.header), aligns=aligns))


def write_report(stem: Path, data: Dict[str, Any], markdown: str, page: str) -> None:
    """Write what was found as JSON, Markdown and HTML.

    stem (Path): The files, without their endings.
    data (Dict[str, Any]): For JSON.
    markdown (str): The text.
    page (str): The page.
    """
    with whole_file(stem.with_name(f"{stem.name}.json")) as path:
        write_json(path, data)
    with whole_file(stem.with_name(f"{stem.name}.md")) as path:
        path.write_text(markdown, encoding="utf8")
    with whole_file(stem.with_name(f"{stem.name}.html")) as path:
        path.write_text(page, encoding="utf8")


def check_page(html: Optional[Path]) -> None:
    """Refuse a page that cannot be written, before the work that it is for.

    html (Optional[Path]): The file; None for no page.
    RAISES (OSError): E152 for a folder, E192 for a folder that cannot be made.
    """
    if html is None:
        return
    if html.is_dir():
        raise IsADirectoryError(Errors.E152.format(path=html, error="it is a folder"))
    check_folder(html.parent)


def save_page(html: Path, page: str, *, quiet: bool) -> None:
    """Write a page, and say so; end with a message where that fails.

    html (Path): The file.
    page (str): The page.
    quiet (bool): Whether to say nothing of a success.
    """
    try:
        with whole_file(html) as path:
            path.write_text(page, encoding="utf8")
    except OSError as error:
        msg.fail(Errors.E152.format(path=html, error=error), exits=1)
    if not quiet:
        msg.good(f"Saved to {html}")
