"""Layers of annotation moved from one Doc to another with the same text.

From outside: `joining`.
"""
