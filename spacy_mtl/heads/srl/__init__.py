"""Semantic roles: predicates, their senses, and arguments as a chain of role tags."""
