"""Layers that make vectors of texts, and what stands between them and a head.

Each is a thinc model; what needs torch or spacy-transformers is imported when such a layer is built.
"""
