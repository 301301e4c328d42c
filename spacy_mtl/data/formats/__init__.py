"""Corpora in other formats: read as Docs, and converted to DocBin.

From outside: `converting.convert` and `converting.read_docs`. `columns/` has the formats with a row for each token,
`texts/` those with a text a row; the rest is what they share.
"""
