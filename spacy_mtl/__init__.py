"""Multi-task learning for spaCy: one shared encoder, any number of task heads."""

__version__ = "0.1.0"
