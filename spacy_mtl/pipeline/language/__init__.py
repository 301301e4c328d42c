"""What a pipeline does besides, when one of our components is in it: failed updates are dropped, Docs travel fast.

From outside: `language.attend`.
"""
