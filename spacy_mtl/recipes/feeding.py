"""Which tasks read the decisions of which, as a user names them."""

from typing import Dict, Sequence

from ..errors import Errors


def parse_feeds(text: str, tasks: Sequence[str]) -> Dict[str, str]:
    """Read who feeds whom as it is named on the command line.

    text (str): Pairs with commas between them, the task that is read first: "intent:slots,slots:topic".
    tasks (Sequence[str]): The names of the tasks in the order of the pipeline.
    RETURNS (Dict[str, str]): By the task that reads, the one that is read.
    RAISES (ValueError): E458 for another form, for names that are no tasks, for a task that reads one behind it or two.
    """
    feeds: Dict[str, str] = {}
    for part in filter(None, (part.strip() for part in text.split(","))):
        source, _, reader = part.partition(":")
        is_known = source in tasks and reader in tasks
        if not is_known or reader in feeds or tasks.index(source) >= tasks.index(reader):
            raise ValueError(Errors.E458.format(found=part, tasks=", ".join(tasks)))
        feeds[reader] = source
    return feeds
