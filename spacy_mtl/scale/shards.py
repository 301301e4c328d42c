"""Texts in parts that are annotated one at a time, each by one process. Which texts are in which depends on nothing
but the texts and two numbers, so that any number of processes writes the same files."""

import hashlib
from dataclasses import dataclass
from typing import Iterable, Iterator, List

from .records import Record

# so that a batch of long texts fits the memory, as one of many short ones does
BATCH_BYTES = 1 << 18
SHARD_BYTES = 1 << 22


@dataclass
class Shard:
    """Texts that make a file.

    index (int): Its place.
    first (int): The number of its first text in the whole input, from 0.
    batches (List[List[Record]]): The texts, as they are annotated together.
    """

    index: int
    first: int
    batches: List[List[Record]]

    @property
    def name(self) -> str:
        """RETURNS (str): The name of its files, without endings."""
        return f"part-{self.index:05d}"

    def __len__(self) -> int:
        return sum(map(len, self.batches))

    def starts(self) -> List[int]:
        """RETURNS (List[int]): The number of the first text of each batch, in the whole input."""
        starts = [self.first]
        for batch in self.batches:
            starts.append(starts[-1] + len(batch))
        return starts[:-1]

    def fingerprint(self) -> str:
        """RETURNS (str): A hash of the texts."""
        digest = hashlib.blake2b(digest_size=16)
        for batch in self.batches:
            for record in batch:
                # with its length, or the end of one text could pass for the beginning of the next
                digest.update(f"{record.kind} {len(record.data)}\n".encode())
                digest.update(record.data)
        return digest.hexdigest()


def make_shards(records: Iterable[Record], shard_size: int, batch_size: int) -> Iterator[Shard]:
    """Divide texts.

    records (Iterable[Record]): The texts.
    shard_size (int): The number of texts in a shard; fewer where they are long.
    batch_size (int): The number of texts in a batch; fewer where they are long.
    YIELDS (Shard): The shards, which are read one at a time.
    """
    shard = Shard(0, 0, [])
    in_batch = in_shard = 0
    for number, record in enumerate(records):
        size = len(record.data)
        if shard.batches and (number - shard.first == shard_size or in_shard + size > SHARD_BYTES):
            yield shard
            shard, in_shard = Shard(shard.index + 1, number, []), 0
        if not shard.batches or len(shard.batches[-1]) == batch_size or in_batch + size > BATCH_BYTES:
            shard.batches.append([])
            in_batch = 0
        shard.batches[-1].append(record)
        in_batch += size
        in_shard += size
    if shard.batches:
        yield shard
