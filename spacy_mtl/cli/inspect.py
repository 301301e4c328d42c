"""What corpora hold, as tables or as JSON."""

from dataclasses import asdict
from pathlib import Path
from typing import Dict, List, Mapping, Sequence, Tuple

from wasabi import msg

from ..analysis.tables import Table
from ..data.inspection import Inspection, SourceReport, inspect_corpora
from ..errors import Errors
from ..frames import SPANS_KEY
from ..json_files import to_json

# No name or label is so long that its column should be cut off.
MAX_COLUMN = 1000


def inspect(corpora: Sequence[str], *, as_json: bool = False, spans_key: str = SPANS_KEY) -> None:
    """Print what corpora hold.

    corpora (Sequence[str]): Paths, or names and paths as "name=path".
    as_json (bool): Whether to print JSON instead of tables.
    spans_key (str): The span group of the frames.
    """
    try:
        inspection = inspect_corpora(parse_sources(corpora), spans_key)
    except (OSError, ValueError) as error:
        msg.fail(str(error), exits=1)
    if as_json:
        print(to_json(asdict(inspection), indent=2))
        return
    for table in layout(inspection):
        msg.table(table.rows, header=table.header, aligns=tuple(table.aligns), divider=True, max_col=MAX_COLUMN)
    for source in inspection.sources:
        if source.faulty_frames:
            found = f"{source.faulty_frames:,} of {source.docs:,} Docs with frames that cannot be read"
            msg.warn(f"{source.name}: {found}", source.first_fault)
        if source.faulty_categories:
            found = f"{source.faulty_categories:,} of {source.docs:,} Docs with invalid categories"
            msg.warn(f"{source.name}: {found}", source.first_faulty_category)
        if source.faulty_trees:
            found = f"{source.faulty_trees:,} of {source.docs:,} Docs with trees that are none"
            msg.warn(f"{source.name}: {found}", source.first_faulty_tree)


def parse_sources(corpora: Sequence[str]) -> Dict[str, Path]:
    """Names and paths of corpora.

    corpora (Sequence[str]): Paths, or names and paths as "name=path". What exists as a path is one, whatever is in it.
    RETURNS (Dict[str, Path]): The path of each name. A path without a name is its own.
    RAISES (ValueError): E150, E151 for an empty name or path, and for two corpora of one name.
    """
    sources: Dict[str, Path] = {}
    for corpus in corpora:
        name, separator, path = corpus.partition("=")
        if not separator or Path(corpus).exists():
            name = path = corpus
        if not name or not path:
            raise ValueError(Errors.E150.format(found=corpus))
        if name in sources:
            raise ValueError(Errors.E151.format(name=name, path=path, other=sources[name]))
        sources[name] = Path(path)
    return sources


def layout(inspection: Inspection) -> List[Table]:
    """Lay out what corpora hold.

    inspection (Inspection): The numbers.
    RETURNS (List[Table]): Tables: sizes; coverage of the tasks; categories, entities, frames and roles, if there are
        any; overlaps, if there are several sources.
    """
    sources = inspection.sources
    tables = [_lay_out_sizes(sources), _lay_out_coverage(sources)]
    by_source: List[Tuple[str, Dict[str, Dict[str, str]]]] = [
        ("Category (value >= 0.5, of annotated)", {source.name: _show_categories(source) for source in sources}),
        ("Entities", {source.name: _show_counts(source.entities) for source in sources}),
        ("Frames", {source.name: _show_counts(_count_frames(source)) for source in sources}),
        ("Arguments by role", {source.name: _show_counts(source.roles) for source in sources}),
    ]
    tables += [_lay_out_labels(title, columns) for title, columns in by_source if any(columns.values())]
    rolesets = [
        (source.name, roleset, *_numbers(count))
        for source in sources
        for roleset, count in source.frequent_rolesets.items()
    ]
    if rolesets:
        tables.append(Table(("Corpus", "Frequent rolesets", "Predicates"), "llr", rolesets))
    return tables + (_lay_out_overlaps(inspection) if len(sources) > 1 else [])


def _lay_out_sizes(sources: Sequence[SourceReport]) -> Table:
    header = ("Corpus", "Files", "Docs", "Tokens", "Median", "Longest", "Duplicates", "Near-duplicates")
    rows = [
        (s.name, *_numbers(s.files, s.docs, s.tokens, s.median_length, s.longest, s.duplicates, s.near_duplicates))
        for s in sources
    ]
    return Table(header, "lrrrrrrr", rows)


def _lay_out_coverage(sources: Sequence[SourceReport]) -> Table:
    rows = [
        (source.name, task, *_numbers(coverage.whole, coverage.part, coverage.none))
        for source in sources
        for task, coverage in source.tasks.items()
    ]
    return Table(("Corpus", "Task", "Docs wholly", "In part", "Not"), "llrrr", rows)


def _count_frames(source: SourceReport) -> Dict[str, int]:
    if not source.frames:
        return {}
    return {
        "predicates": source.frames,
        "predicates without a roleset": source.without_roleset,
        "different rolesets": source.rolesets,
    }


def _lay_out_overlaps(inspection: Inspection) -> List[Table]:
    names = [source.name for source in inspection.sources]
    found = {(overlap.source, overlap.other): overlap for overlap in inspection.overlaps}
    matrix = []
    for source in names:
        overlaps = [found.get((source, other)) for other in names]
        matrix.append((source, *("" if o is None else f"{o.same:,} / {o.near:,}" for o in overlaps)))
    header = ("Docs with same / near text in", *names)
    tables = [Table(header, "l" + "r" * len(names), matrix)]
    common = [
        (overlap.source, overlap.other, task, f"{count:,}")
        for overlap in inspection.overlaps
        for task, count in overlap.in_common.items()
    ]
    if common:
        tables.append(Table(("Docs of", "With near text in", "Annotated in both", "Docs"), "lllr", common))
    return tables


def _lay_out_labels(title: str, columns: Mapping[str, Mapping[str, str]]) -> Table:
    """A row for each label, a column for each source; the labels in the order of the sources."""
    labels = dict.fromkeys(label for column in columns.values() for label in column)
    rows = [(label, *(column.get(label, "-") for column in columns.values())) for label in labels]
    return Table((title, *columns), "l" + "r" * len(columns), rows)


def _show_categories(source: SourceReport) -> Dict[str, str]:
    shown = {label: f"{count.positive:,} of {count.annotated:,}" for label, count in source.categories.items()}
    # no label can be empty
    soft = {"": f"between 0 and 1: {source.with_soft_categories:,} Docs"} if source.with_soft_categories else {}
    return {**shown, **soft}


def _show_counts(counts: Mapping[str, int]) -> Dict[str, str]:
    return {label: f"{count:,}" for label, count in counts.items()}


def _numbers(*numbers: float) -> Tuple[str, ...]:
    return tuple(f"{number:,}" for number in numbers)
