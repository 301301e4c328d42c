"""Which tasks read the decisions of which, as a user names them."""

from typing import Dict, Mapping

from ..errors import Errors
from ..name_lists import split_names

# Heads that decide on arcs, of which a token has no probabilities that others could read.
UNREADABLE = ("dependency", "parser")


def parse_feeds(text: str, tasks: Mapping[str, str]) -> Dict[str, str]:
    """Read who feeds whom as it is named on the command line.

    text (str): Pairs with commas between them, the task that is read first: "intent:slots,slots:topic".
    tasks (Mapping[str, str]): The kinds of the tasks by their names, in the order of the pipeline.
    RETURNS (Dict[str, str]): By the task that reads, the one that is read.
    RAISES (ValueError): E458 for another form, for names that are no tasks, for a task that reads one behind it or two,
        or one that cannot be read.
    """
    order = list(tasks)
    feeds: Dict[str, str] = {}
    for part in split_names(text):
        source, _, reader = part.partition(":")
        is_known = source in tasks and reader in tasks
        is_read = is_known and tasks[source] not in UNREADABLE and order.index(source) < order.index(reader)
        if not is_read or reader in feeds:
            readable = ", ".join(name for name, kind in tasks.items() if kind not in UNREADABLE)
            raise ValueError(Errors.E458.format(found=part, tasks=", ".join(tasks), readable=readable))
        feeds[reader] = source
    return feeds
