"""What tests need of the system that they run on."""

import sys

import pytest

needs_signals = pytest.mark.skipif(
    sys.platform == "win32", reason="Windows knows neither signals nor sessions nor files that a process inherits"
)
