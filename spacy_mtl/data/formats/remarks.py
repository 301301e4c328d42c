"""What readers have to say beside their Docs: how they understood a file, and what they left out."""

import warnings
from collections import Counter
from contextlib import contextmanager
from typing import Counter as CounterType
from typing import Dict, Iterator, List, Optional

from ...errors import Warnings

BAD = "bad"
"""Why a part is left out that cannot be read."""
_LISTED = 5


class Remarks:
    """Collects remarks while corpora are read."""

    def __init__(self, skip_bad: bool = False) -> None:
        """Begin without remarks.

        skip_bad (bool): Whether a sentence, a row or an object that cannot be read is left out, instead of ending the
            reading. What concerns a whole file, such as its encoding or its columns, ends it all the same.
        """
        self.skip_bad = skip_bad
        self.notes: List[str] = []
        self.left_out: CounterType[str] = Counter()
        self.first: Dict[str, List[str]] = {}
        self.counted: CounterType[str] = Counter()
        self.examples: Dict[str, str] = {}

    def note(self, text: str) -> None:
        """Say how a file was understood. What has been said is not said again.

        text (str): A sentence, without a full stop.
        """
        if text not in self.notes:
            self.notes.append(text)

    def leave_out(self, reason: str, place: str) -> None:
        """Count something that is left out.

        reason (str): Why, in words.
        place (str): File and line, or the message of an error; the first few are kept.
        """
        self.left_out[reason] += 1
        places = self.first.setdefault(reason, [])
        if len(places) < _LISTED:
            places.append(place)

    def count(self, warning: str, found: str, times: int = 1) -> None:
        """Count something that a warning says once, when all is read.

        warning (str): The message, with the fields "count" and "first".
        found (str): What was found, and where; the first is shown.
        times (int): How often.
        """
        if times:
            self.counted[warning] += times
            self.examples.setdefault(warning, found)

    @contextmanager
    def skipping(self) -> Iterator[None]:
        """Leave out what raises a ValueError in the block, if bad parts are to be skipped; else let it through.

        For the reading of one sentence, row or object; a `yield` may stand in the block.
        """
        try:
            yield
        except ValueError as error:
            if not self.skip_bad:
                raise
            self.leave_out(BAD, str(error))

    def describe_left_out(self) -> List[str]:
        """RETURNS (List[str]): For every reason a line with the count, followed by lines with the first places."""
        lines = []
        for reason, count in self.left_out.items():
            lines.append(f"Left out ({reason}): {count:,}")
            lines += [f"  {place}" for place in self.first[reason]]
            if count > len(self.first[reason]):
                lines.append(f"  ... and {count - len(self.first[reason]):,} more")
        return lines

    def warn_counted(self) -> None:
        """Warn of what was counted, once for each kind, and forget it."""
        for warning, count in self.counted.items():
            warnings.warn(warning.format(count=f"{count:,}", first=self.examples[warning]), stacklevel=3)
        self.counted, self.examples = Counter(), {}

    def warn(self) -> None:
        """Warn of what was left out (W111), if anything was."""
        if self.left_out:
            warnings.warn(Warnings.W111.format(parts="\n".join(self.describe_left_out())), stacklevel=3)


@contextmanager
def reporting(remarks: Optional[Remarks]) -> Iterator[Remarks]:
    """The remarks of a caller, who tells them, or others that are told when the block ends well.

    remarks (Optional[Remarks]): Those of the caller; None if it has none.
    YIELDS (Remarks): Those to use.
    """
    found = Remarks() if remarks is None else remarks
    yield found
    if remarks is None:
        found.warn_counted()
        found.warn()
