"""Trainings made from a joint config: their configs, folders and processes, which can be stopped and taken up again.

From outside: anything; it knows nothing of what is asked.
"""
