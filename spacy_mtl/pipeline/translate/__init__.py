"""`mtl_translate`: a translation of a text, in `doc._.translation`.

From outside: the factory, and `component.Translator`.
"""
