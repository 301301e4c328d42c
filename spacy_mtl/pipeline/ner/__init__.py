"""`mtl_ner`: entities, in `doc.ents` or in a span group.

From outside: the factory, and `component.MultiTaskNER`.
"""
