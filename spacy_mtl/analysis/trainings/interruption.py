"""Ctrl-C, and other signals that end a process, as KeyboardInterrupt at the right time."""

import contextlib
import signal
import threading
from types import FrameType
from typing import Any, Dict, Iterator, Optional

SIGNALS = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name))


class Interruption:
    """While it is entered, SIGINT, SIGTERM and SIGHUP raise KeyboardInterrupt, as SIGINT alone does otherwise.

    Signals that are ignored, as SIGHUP is under nohup, stay ignored. Outside the main thread, which alone can handle
    signals, nothing changes.
    """

    def __init__(self) -> None:
        self._before: Dict[int, Any] = {}
        self._is_deferring = False
        self._has_come = False

    def __enter__(self) -> "Interruption":
        if threading.current_thread() is threading.main_thread():
            for number in SIGNALS:
                handler = signal.getsignal(number)
                # None: set by what is not Python, and could not be set again
                if handler not in (None, signal.SIG_IGN):
                    self._before[number] = handler
                    signal.signal(number, self._handle)
        return self

    def __exit__(self, kind: Any, *error: Any) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)
        if kind is None and self._has_come:
            raise KeyboardInterrupt

    @property
    def has_come(self) -> bool:
        """RETURNS (bool): Whether a signal has come that has not been raised, since it is deferred or held."""
        return self._has_come

    @contextlib.contextmanager
    def deferred(self) -> Iterator[None]:
        """What is within is not interrupted; a signal that comes meanwhile is raised at its end."""
        self._is_deferring = True
        try:
            yield
        finally:
            self._is_deferring = False
        if self._has_come:
            self._has_come = False
            raise KeyboardInterrupt

    def hold(self) -> None:
        """From here on nothing is interrupted; `has_come` tells of signals from now on."""
        self._is_deferring, self._has_come = True, False

    def _handle(self, number: int, frame: Optional[FrameType]) -> None:
        if not self._is_deferring:
            raise KeyboardInterrupt
        self._has_come = True
