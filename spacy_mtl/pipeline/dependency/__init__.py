"""`mtl_dependency`: tags and dependency trees, as a scaffold for other tasks or for their own sake.

From outside: the factory, and `component.DependencyParser`.
"""
