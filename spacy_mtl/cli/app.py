"""`spacy mtl ...`: spaCy imports this file for every command, so that it imports only typer, spaCy and our messages."""

from importlib import import_module
from pkgutil import iter_modules

from spacy.cli._util import app as spacy_app

from . import commands
from .group import PANELS, app

for file in iter_modules(commands.__path__):
    import_module(f"{commands.__name__}.{file.name}")
app.registered_commands.sort(key=lambda command: PANELS.index(str(command.rich_help_panel)))
spacy_app.add_typer(app)
