"""What a config names for the time of training: the logger, what it records of the balancer, callbacks.

From outside: nothing but by their registered names.
"""
