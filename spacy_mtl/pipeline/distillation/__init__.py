"""What heads learn from teachers: the distributions of other pipelines over their labels.

A reference has them in its user data, as lessons: for each component a lesson of each teacher.
"""
