"""`spacy mtl affinity`."""

from pathlib import Path
from typing import Annotated, Optional

import typer

from ..group import QUESTIONS, app
from ..options import SETTINGS, Code, GpuId, JointConfig, parse_settings

EXAMPLE = "Example: python -m spacy mtl affinity my.cfg --output affinity --paths.train train.spacy"


@app.command("affinity", epilog=EXAMPLE, rich_help_panel=QUESTIONS, context_settings=SETTINGS)
def affinity_command(
    context: typer.Context,
    config: JointConfig,
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder for what is found")],
    every: Annotated[
        Optional[int], typer.Option("--every", "-e", help="Updates between measurements; by default about 50 in all")
    ] = None,
    examples: Annotated[int, typer.Option("--examples", "-n", help="Texts of each task for each measurement")] = 64,
    encoders: Annotated[
        Optional[int], typer.Option("--encoders", "-k", help="Encoders there may be; by default each number up to 4")
    ] = None,
    gpu_id: GpuId = -1,
    code: Code = None,
) -> None:
    """Find out which tasks help each other, and which to join.

    Measures it in one joint training. Settings of the config are changed as for `spacy train`, as by --paths.train
    train.spacy.
    """
    from spacy.cli._util import import_code, setup_gpu

    from ..affinity import affinity

    overrides = parse_settings(context)
    import_code(code)
    setup_gpu(gpu_id, silent=True)
    affinity(
        config,
        output,
        every=every,
        examples=examples,
        encoders=encoders,
        gpu_id=gpu_id,
        code=code,
        overrides=overrides,
    )
