"""`mtl_srl`: predicates, their rolesets and their arguments, in `doc.spans`.

From outside: the factory, and `component.SemanticRoleLabeller`.
"""
