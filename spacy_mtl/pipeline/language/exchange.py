"""Docs to bytes and back, fast.

For each group of spans srsly asks its registries of encoders and decoders, which look through all entry points of all
installed packages and all registered functions. In the blocks and loops of this module they are asked once.
"""

import os
from threading import Lock, local
from typing import Any, Dict, Iterator, List

import srsly.msgpack

NAMES = ("msgpack_encoders", "msgpack_decoders")


class StandIn:
    """Stands in for one of srsly's registries while a thread is in a block of `KnownFunctions`. Other threads find what
    the registry has."""

    def __init__(self, name: str, registry: Any) -> None:
        """Stand in for a registry.

        name (str): What srsly calls it.
        registry (catalogue.Registry): The registry.
        """
        self.name = name
        self.registry = registry

    def get_all(self) -> Dict[str, Any]:
        """RETURNS (Dict[str, Any]): The functions by name: as they were known to the block the thread is in."""
        blocks = _find_blocks()
        return blocks[-1].known[self.name] if blocks else self.registry.get_all()

    def __getattr__(self, attribute: str) -> Any:
        return getattr(self.registry, attribute)


class KnownFunctions:
    """A block in which Docs are written and read fast. It may be entered again and again, by several threads."""

    def __init__(self) -> None:
        """Ask the registries."""
        self.known = {name: dict(getattr(srsly.msgpack, name).get_all()) for name in NAMES}

    def __enter__(self) -> "KnownFunctions":
        global _entered
        with _lock:
            if not _entered:
                for name in NAMES:
                    setattr(srsly.msgpack, name, StandIn(name, getattr(srsly.msgpack, name)))
            _entered += 1
        _find_blocks().append(self)
        return self

    def __exit__(self, *error: Any) -> None:
        global _entered
        _find_blocks().pop()
        with _lock:
            _entered -= 1
            if not _entered:
                for name in NAMES:
                    setattr(srsly.msgpack, name, getattr(srsly.msgpack, name).registry)


def is_inside() -> bool:
    """RETURNS (bool): Whether this thread is in a block of `KnownFunctions`."""
    return bool(_find_blocks())


def iterate_inside(items: Iterator[Any]) -> Iterator[Any]:
    """What an iterator gives, each item made in a block of `KnownFunctions`, and handed out outside of it.

    items (Iterator[Any]): A generator. It is closed with this one.
    YIELDS (Any): The items.
    """
    block = KnownFunctions()
    end = object()
    try:
        while True:
            with block:
                item = next(items, end)
            if item is end:
                return
            yield item
    finally:
        close = getattr(items, "close", None)
        if close is not None:
            close()


def _find_blocks() -> List[KnownFunctions]:
    if not hasattr(_threads, "blocks"):
        _threads.blocks = []
    return _threads.blocks


def _unlock() -> None:
    global _lock
    _lock = Lock()


_threads = local()
_lock = Lock()
_entered = 0
# a process that is forked while another thread holds the lock would wait for it for good
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_unlock)
