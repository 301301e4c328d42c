"""Smaller pipelines out of larger ones, which predict the same.

From outside: `extraction.extract`, and `dependencies`.
"""

from .extraction import extract as extract
