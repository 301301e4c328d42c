"""How one gradient of the shared encoder is made of the tasks' gradients: a file for each method.

A method sees losses, targets and gradients by the task's name, and no pipeline.
"""
