"""What a pipeline does besides, when one of our components is in it: failed updates are dropped, processes share work.

From outside: `language.attend`.
"""
