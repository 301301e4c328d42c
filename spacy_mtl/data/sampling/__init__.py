"""Which text comes next where there are several corpora.

From outside: the samplers and batchers that configs name.
"""
