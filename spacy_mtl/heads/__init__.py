"""Models of the tasks, from the vectors of an encoder to scores, and what decodes them.

A folder for each task; they know neither components nor annotation on Docs.
"""
