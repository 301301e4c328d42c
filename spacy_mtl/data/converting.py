"""Conversion of corpora, for programs: what lives in `formats`, under a short name."""

from .formats.converting import convert, read_docs

__all__ = ["convert", "read_docs"]
