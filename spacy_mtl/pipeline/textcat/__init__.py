"""`mtl_textcat`: categories of a text, in `doc.cats`.

From outside: `component.MultiTaskTextCategorizer`.
"""
