"""Work that is shared out to processes and takes up where it was stopped.

From outside: `annotate.annotate` and `annotate.annotate_files`.
"""
