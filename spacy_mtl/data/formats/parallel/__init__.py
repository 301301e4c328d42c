"""Texts with translations: files of lines that go together, tables, JSONL, and TMX.

`pairs` makes Docs of what the readers give.
"""
