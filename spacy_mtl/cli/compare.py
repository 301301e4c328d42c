"""Joint training against single tasks: trained, tested, printed and written to files."""

import re
from pathlib import Path
from typing import Any, Dict, List, Mapping, Optional, Sequence

from tqdm import tqdm
from wasabi import MarkdownRenderer, msg

from ..analysis.comparison.comparison import Comparison
from ..analysis.comparison.comparison import compare as compare_trainings
from ..analysis.comparison.page import render_comparison
from ..analysis.comparison.planning import ALL_TASKS
from ..analysis.comparison.tables import (
    REFERENCES,
    lay_out_costs,
    lay_out_scores,
    lay_out_statistics,
    lay_out_tests,
    tell_delta_m,
    tell_method,
    tell_notes,
)
from ..data.writing import check_folder
from ..errors import Errors
from ..name_lists import split_names
from ..scale.ray_trainings import make_executor
from .options import INTERRUPTED
from .output import add_table, write_report
from .pages.sharing_section import keep_section

NAME = "comparison"
# No name is so long that its column should be cut off.
MAX_COLUMN = 1000


def compare(
    config: Path,
    test: Sequence[str],
    output: Path,
    *,
    seeds: str = "3",
    budget: str = "updates",
    with_aids: bool = True,
    jobs: int = 1,
    engine: str = "local",
    address: Optional[str] = None,
    gpu_id: int = -1,
    code: Optional[Path] = None,
    overrides: Optional[Mapping[str, Any]] = None,
) -> None:
    """Compare, print the verdict and the tables, and write them to OUTPUT/comparison.json, .md and .html.

    Trainings that failed are told of at the end, by the exit code as well. OUTPUT is refused, before anything is
    trained, if it holds trainings of another config, with these seeds or others.

    config (Path): The joint config.
    test (Sequence[str]): Test corpora: a path for all tasks, or tasks and paths as "task=path".
    output (Path): Folder for trainings and tables.
    seeds (str): How many seeds, or seeds with commas between them.
    budget (str): "updates", "examples" or "compute".
    with_aids (bool): Whether tasks that have aids in the joint config are also trained alone with them.
    jobs (int): Trainings at once.
    engine (str): "local" for processes of this machine, "ray" for those of a cluster.
    address (Optional[str]): The Ray cluster, as "auto"; None for the one that is connected, or this machine.
    gpu_id (int): The GPU for training; -1 for the CPU.
    code (Optional[Path]): A Python file with registered functions.
    overrides (Optional[Mapping[str, Any]]): Settings of the config by their name with dots.
    """
    try:
        check_folder(output)
        tests, chosen = parse_tests(test), parse_seeds(seeds)
        running = make_executor(engine, address, jobs=jobs, gpu_id=gpu_id, code=code)
        with running as executor, tqdm(desc="Updates", disable=None) as bar:

            def show(done: int, total: int) -> None:
                bar.total, bar.n = total, done
                bar.refresh()

            comparison = compare_trainings(
                config,
                tests,
                output,
                seeds=chosen,
                budget=budget,
                with_aids=with_aids,
                jobs=jobs,
                gpu_id=gpu_id,
                code=code,
                executor=executor,
                overrides=overrides,
                progress=show,
            )
    except (ImportError, OSError, ValueError) as error:
        msg.fail(str(error), exits=1)
    except KeyboardInterrupt:
        msg.warn("Stopped. What is finished is kept: the same command goes on from there.", exits=INTERRUPTED)
    write(comparison, output)
    report(comparison)
    msg.good(f"Saved to {output / NAME}.json, .md and .html")
    if comparison.failures:
        msg.fail(f"Trainings that failed: {len(comparison.failures)}. The same command tries them again.", exits=1)


def parse_seeds(seeds: str) -> List[int]:
    """Read seeds from the command line.

    seeds (str): How many, counted from 0, or which, with commas between them.
    RETURNS (List[int]): The seeds.
    RAISES (ValueError): E710 for something else, and for a seed that comes twice.
    """
    parts = split_names(seeds)
    if not parts or not all(re.fullmatch(r"[0-9]{1,9}", part) for part in parts):
        raise ValueError(Errors.E710.format(found=seeds))
    found = [int(part) for part in parts] if "," in seeds else list(range(int(parts[0])))
    if not found or len(set(found)) < len(found):
        raise ValueError(Errors.E710.format(found=seeds))
    return found


def parse_tests(tests: Sequence[str]) -> Dict[str, Path]:
    """Read test corpora from the command line.

    tests (Sequence[str]): Paths, or tasks and paths as "task=path". What exists as a path is one, whatever is in it.
    RETURNS (Dict[str, Path]): By task; the path without a task as that of all.
    RAISES (ValueError): E714 if a task has two, or if there are two for all.
    """
    found: Dict[str, Path] = {}
    for test in tests:
        task, separator, path = test.partition("=")
        if not separator or Path(test).exists():
            task, path = ALL_TASKS, test
        if task in found:
            what = f"the task '{task}'" if task else "all tasks"
            raise ValueError(Errors.E714.format(what=what, first=found[task], second=path))
        found[task] = Path(path)
    return found


def report(comparison: Comparison) -> None:
    """Print a comparison.

    comparison (Comparison): The comparison.
    """
    print(comparison.verdict)
    for note in tell_notes(comparison):
        msg.warn(note)
    for table in (lay_out_scores(comparison), lay_out_statistics(comparison), lay_out_costs(comparison)):
        msg.table(table.rows, header=table.header, aligns=tuple(table.aligns), divider=True, max_col=MAX_COLUMN)
    print(tell_delta_m(comparison))
    for sentence in tell_method(comparison):
        print(sentence)


def write(comparison: Comparison, output: Path) -> None:
    """Write a comparison as JSON, Markdown and HTML.

    comparison (Comparison): The comparison.
    output (Path): The folder.
    """
    write_report(output / NAME, comparison.to_dict(), render_markdown(comparison), render_comparison(comparison))
    keep_section(output)


def render_markdown(comparison: Comparison) -> str:
    """A comparison as Markdown.

    comparison (Comparison): The comparison.
    RETURNS (str): The text.
    """
    markdown = MarkdownRenderer()
    markdown.add(markdown.title(1, f"Joint training and single tasks: {comparison.config}"))
    markdown.add(markdown.bold(comparison.verdict))
    sections = [
        ("Scores", lay_out_scores(comparison)),
        ("Statistics", lay_out_statistics(comparison)),
        ("Costs", lay_out_costs(comparison)),
        ("Test corpora", lay_out_tests(comparison)),
    ]
    for title, table in sections:
        markdown.add(markdown.title(2, title))
        add_table(markdown, table)
        if title == "Scores" and (notes := tell_notes(comparison)):
            markdown.add(markdown.list(notes))
        if title == "Statistics":
            markdown.add(tell_delta_m(comparison))
    markdown.add(markdown.title(2, "How it was done"))
    markdown.add(markdown.list(tell_method(comparison)))
    markdown.add(markdown.title(2, "References"))
    markdown.add(markdown.list(REFERENCES))
    return f"{markdown.text}\n"
