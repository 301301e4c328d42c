"""Scores of predicted against gold annotation, task by task, from Examples alone."""
