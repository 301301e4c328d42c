"""What a guarded device was asked for. See `tests.devices`."""

import traceback
from collections import Counter


class Ledger:
    """What was waited for, by the place in the package.

    reads (Counter): Values and arrays that the host read.
    writes (Counter): Arrays that went to the device.
    launches (Counter): Operations on arrays there. Those of torch are not seen.
    """

    def __init__(self):
        self.reads = Counter()
        self.writes = Counter()
        self.launches = Counter()

    def clear(self):
        for counter in (self.reads, self.writes, self.launches):
            counter.clear()

    def count(self, counter, what):
        counter[f"{find_place()}: {what}"] += 1


def find_place():
    """RETURNS (str): The line of the package that asked, or of whoever did."""
    frames = [frame for frame in traceback.extract_stack()[:-1] if "/tests/device" not in frame.filename]
    own = [frame for frame in frames if "spacy_mtl" in frame.filename and "/tests/" not in frame.filename]
    place = (own or frames)[-1]
    return f"{place.filename.rpartition('spacy_mtl/')[2]}:{place.lineno}"
