"""Readers of the CoNLL shared tasks' columns, for programs: what lives in `formats.columns`, under a short name."""

from .formats.columns.conll import read_conll2003, read_conll2005, read_conll2012

__all__ = ["read_conll2003", "read_conll2005", "read_conll2012"]
