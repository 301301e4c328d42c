"""`spacy mtl settle`."""

from pathlib import Path
from typing import Annotated, Optional

import typer

from ..group import TRAINING, app
from ..options import SETTINGS, Code, GpuId, NewPipeline, Pipeline, parse_settings

EXAMPLE = "Example: python -m spacy mtl settle out/model-best my.cfg --output out/settled"


@app.command("settle", epilog=EXAMPLE, rich_help_panel=TRAINING, context_settings=SETTINGS)
def settle_command(
    context: typer.Context,
    pipeline: Pipeline,
    config: Annotated[Path, typer.Argument(help="The config that it was trained with, such as its own config.cfg")],
    output: NewPipeline,
    tasks: Annotated[str, typer.Option("--tasks", "-t", help="Names of the heads, with commas; all by default")] = "",
    steps: Annotated[
        Optional[int], typer.Option("--steps", help="Updates; by default a tenth of the config's max_steps")
    ] = None,
    eval_every: Annotated[
        Optional[int], typer.Option("--eval-every", help="Updates between evaluations; by default a tenth of them")
    ] = None,
    learn_rate: Annotated[
        Optional[float], typer.Option("--learn-rate", help="Highest learning rate; by default a sixth of the config's")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of a table")] = False,
    gpu_id: GpuId = -1,
    code: Code = None,
) -> None:
    """Train a pipeline's heads on while its encoders stay.

    Each head is kept as it was at its own best step. Corpora, batches, dropout and optimizer are those of the
    config, whose settings are changed as for `spacy train`, as by --paths.dev dev.spacy. No head is worse on the
    development corpus than before.
    """
    from spacy.cli._util import import_code, setup_gpu

    from ..settle import settle

    overrides = parse_settings(context)
    import_code(code)
    setup_gpu(gpu_id, silent=True)
    settle(
        pipeline,
        config,
        output,
        tasks=tasks,
        steps=steps,
        eval_every=eval_every,
        learn_rate=learn_rate,
        as_json=as_json,
        overrides=overrides,
    )
