"""Smaller pipelines out of larger ones, which predict the same.

From outside: `extraction.extract`, `dependencies`, and `encoder.export_encoder`.
"""

from .extraction import extract as extract
