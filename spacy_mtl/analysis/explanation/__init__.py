"""What a prediction rests on: every word's part in it, through the encoder and through what a head has of its own.

`explain` in `explain.py` is the way in; what it gives is in `results.py`.
"""
