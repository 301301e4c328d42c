"""Corpora: reading, converting, joining, masking and sampling them.

Readers yield spaCy's Examples and know no pipeline but its vocabulary.
"""
