"""Formats with a text a row or an object: CSV, TSV, JSONL, and the markup of the starter corpus.

From outside: the readers that the table of formats names, and `markup_writing`.
"""
