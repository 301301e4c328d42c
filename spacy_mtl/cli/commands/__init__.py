"""One file a command: its arguments, which register themselves with `group.app`, and a call of what does it.

`app.py` imports them all, for every command of spaCy: at import they need nothing but typer.
"""
