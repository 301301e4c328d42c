"""Figures: made empty, and written as PNG and SVG. They need matplotlib, imported only when one is drawn."""

from pathlib import Path
from typing import TYPE_CHECKING, List, Union

from ..data.writing import whole_file
from ..errors import Errors

if TYPE_CHECKING:
    from matplotlib.figure import Figure

FORMATS = ("png", "svg")
DOTS_PER_INCH = 150
# Colours span cosines up to this at least, so that chance is not painted as a conflict, and a share beyond the largest:
# the darkest colours of all are hard to tell apart.
LEAST_COSINE = 0.1
BEYOND = 1.25


def save_figure(figure: "Figure", path: Union[str, Path]) -> List[Path]:
    """Write a figure as PNG and as SVG, whose text stays text.

    figure (Figure): The figure.
    path (Union[str, Path]): The file without its ending; its folder is made if it is missing.
    RETURNS (List[Path]): The files.
    """
    import matplotlib

    files = []
    for form in FORMATS:
        wanted = Path(f"{path}.{form}")
        # The same figure gives the same file.
        metadata = {"Date": None} if form == "svg" else None
        with (
            whole_file(wanted) as temporary,
            matplotlib.rc_context({"svg.fonttype": "none", "svg.hashsalt": wanted.name}),
        ):
            figure.savefig(temporary, format=form, dpi=DOTS_PER_INCH, metadata=metadata, bbox_inches="tight")
        files.append(wanted)
    return files


def make_figure(width: float, height: float, title: str) -> "Figure":
    """An empty figure.

    width (float): In inches.
    height (float): In inches.
    title (str): Printed as it is.
    RETURNS (Figure): The figure.
    RAISES (ImportError): E744 without matplotlib.
    """
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise ImportError(Errors.E744.format(problem=error)) from error
    figure = Figure(figsize=(width, height), layout="constrained")
    figure.suptitle(title, fontsize=11).set_parse_math(False)
    return figure
