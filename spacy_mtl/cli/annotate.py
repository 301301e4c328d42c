"""Bulk annotation: how far it has come, how fast it is, and what became of the texts."""

import time
from pathlib import Path
from typing import Any, Optional, Sequence

from tqdm import tqdm
from wasabi import msg

from ..scale.annotate import Progress, annotate_files
from ..scale.folder import FAILED
from .options import INTERRUPTED


class Bar:
    """Shows how much of the input is done, the texts a second, and the time that is left."""

    def __init__(self) -> None:
        self._bar: Optional[Any] = None
        self._began = time.perf_counter()

    def show(self, progress: Progress) -> None:
        """progress (Progress): How far it has come."""
        if self._bar is None:
            layout = "{percentage:3.0f}% |{bar}| {elapsed} < {remaining}, {postfix}"
            self._bar = tqdm(total=progress.total, bar_format=layout, disable=None, leave=False)
        # what an earlier run has done says nothing of the time that is left
        self._bar.initial = progress.kept_position
        self._bar.set_postfix_str(f"{progress.texts:,} texts, {self.rate(progress):,.0f} a second", refresh=False)
        self._bar.update(progress.position - self._bar.n)

    def rate(self, progress: Progress) -> float:
        """RETURNS (float): Texts a second, those of an earlier run left out."""
        return (progress.texts - progress.kept) / max(1e-9, time.perf_counter() - self._began)

    def close(self) -> None:
        """Leave the line to what comes."""
        if self._bar is not None:
            self._bar.close()


def annotate(pipeline: str, inputs: Sequence[Path], output: Path, **options: Any) -> None:
    """Annotate the texts of files, and print how many and how fast.

    pipeline (str): A folder or the name of a package.
    inputs (Sequence[Path]): Files and folders.
    output (Path): The folder to write to.
    **options (Any): As for `annotate_files`.
    """
    bar = Bar()
    try:
        done = annotate_files(pipeline, inputs, output, progress=bar.show, **options)
    except (ImportError, OSError, RuntimeError, ValueError) as error:
        bar.close()
        msg.fail(str(error), exits=1)
    except KeyboardInterrupt:
        bar.close()
        msg.warn("Stopped. What is finished is kept: the same command goes on from there.", exits=INTERRUPTED)
    bar.close()
    if done.kept:
        msg.info(f"{done.kept:,} of the texts were annotated already")
    if done.failed:
        msg.warn(f"Set aside, with the reason: {done.failed:,} of {done.texts:,} texts, in {output / FAILED}")
    rate = f", {bar.rate(done):,.0f} texts a second" if done.texts > done.kept else ""
    msg.good(f"Annotated {done.texts - done.failed:,} texts in {done.shards:,} files{rate}: {output}")
