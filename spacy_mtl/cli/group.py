"""The group of commands `spacy mtl`, which each command registers itself with."""

from typing import Any, Dict, List, Tuple

import typer
from typer.core import TyperGroup

DATA, TRAINING, PIPELINES, QUESTIONS = PANELS = ("Data", "Training", "Pipelines", "Questions")


class Panels(TyperGroup):
    """Lists commands by panel, as rich does, without rich, and so that they fit a screen of 28 lines."""

    def format_help_text(self, ctx: Any, formatter: Any) -> None:
        """Write nothing: the list says what the commands are, and needs the lines.

        ctx (click.Context): The group's context.
        formatter (click.HelpFormatter): Where to.
        """

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Write the list of commands; the only option is the one that has brought it up.

        ctx (click.Context): The group's context.
        formatter (click.HelpFormatter): Where to.
        """
        panels: Dict[str, List[Tuple[str, Any]]] = {panel: [] for panel in PANELS}
        for name in self.list_commands(ctx):
            command: Any = self.get_command(ctx, name)
            panels[command.rich_help_panel].append((name, command))
        width = max(len(name) for rows in panels.values() for name, _ in rows)
        for panel, rows in panels.items():
            limit = formatter.width - 6 - width
            formatter.write_heading(panel)
            with formatter.indentation():
                formatter.write_dl([(name.ljust(width), command.get_short_help_str(limit)) for name, command in rows])


app = typer.Typer(name="mtl", cls=Panels, help="Commands of spacy-mtl: multi-task pipelines.", no_args_is_help=True)


@app.callback()
def main() -> None:
    """Commands of spacy-mtl: multi-task pipelines."""
