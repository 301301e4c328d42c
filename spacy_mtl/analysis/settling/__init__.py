"""Heads that train on while the shared encoder stays as it is.

From outside: `settle`.
"""
