"""Entities as labels of a chain."""
