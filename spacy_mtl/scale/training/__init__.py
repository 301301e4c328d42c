"""Training by several processes that share out every batch, and that goes on where it was stopped.

From outside: `train.train`, and `launching.launch`, which starts the processes.
"""
