"""The components, and what they do to the pipeline that they are in.

A room for each component, with `component.py` first; what heads share lies beside them. From outside: the components
and
`extraction`.
"""
