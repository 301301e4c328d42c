"""Which tasks help each other: measured while they train together, and turned into groups to train.

From outside: `measure_affinity` and what it finds, its tables and figures, `find_groupings`.
"""
