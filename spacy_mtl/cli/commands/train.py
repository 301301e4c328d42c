"""`spacy mtl train`."""

from pathlib import Path
from typing import Annotated, Optional

import typer

from ..group import TRAINING, app
from ..options import SETTINGS, Code, GpuId, parse_settings

EXAMPLE = "Example: python -m spacy mtl train my.cfg --output training --workers 2"


@app.command("train", epilog=EXAMPLE, rich_help_panel=TRAINING, context_settings=SETTINGS)
def train_command(
    context: typer.Context,
    config: Annotated[Path, typer.Argument(help="A config, as for `spacy train`")],
    output: Annotated[
        Optional[Path], typer.Option("--output", "-o", help="Folder for the pipelines and the checkpoint")
    ] = None,
    workers: Annotated[
        Optional[int], typer.Option("--workers", "-w", help="Processes that share out every batch; one without it")
    ] = None,
    resume: Annotated[
        bool, typer.Option("--resume/--no-resume", help="Go on with a training that was stopped, or begin anew")
    ] = True,
    gpu_id: GpuId = -1,
    code: Code = None,
) -> None:
    """Train by several processes, and go on after a stop.

    It is what `spacy train` does, and settings of the config are changed in the same way, as by --paths.train
    train.spacy. Several workers have a GPU each, from --gpu-id on. Under torchrun they are those that it has started.
    """
    from ..train import train

    train(config, output, workers=workers, resume=resume, gpu_id=gpu_id, code=code, overrides=parse_settings(context))
