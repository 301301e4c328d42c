"""Scores as counts of single Docs, so that they can be sampled again, for our components and spaCy's.

From outside: `find_metrics` and `Metric`.
"""
