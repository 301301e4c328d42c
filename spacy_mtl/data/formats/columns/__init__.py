"""Formats with one row a token: CoNLL, CoNLL-U, IOB2, PropBank, Universal Propositions, intents with slots.

From outside: the readers of `columns`, which give Docs.
"""
