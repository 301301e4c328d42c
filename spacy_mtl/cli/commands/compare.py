"""`spacy mtl compare`."""

from pathlib import Path
from typing import Annotated, List

import typer

from ..group import QUESTIONS, app
from ..options import SETTINGS, Address, Code, Engine, GpuId, JointConfig, parse_settings

EXAMPLE = "Example: python -m spacy mtl compare my.cfg --test test.spacy --output comparison"


@app.command("compare", epilog=EXAMPLE, rich_help_panel=QUESTIONS, context_settings=SETTINGS)
def compare_command(
    context: typer.Context,
    config: JointConfig,
    test: Annotated[
        List[str],
        typer.Option("--test", "-t", help="Test corpus: a .spacy file or folder; task=path for one task, repeatable"),
    ],
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder for the trainings and the tables")],
    seeds: Annotated[str, typer.Option("--seeds", "-s", help="How many seeds, or which: 0,1,7")] = "3",
    budget: Annotated[
        str,
        typer.Option("--budget", "-b", help="The same 'updates', 'examples' of each task, or 'compute' in all"),
    ] = "updates",
    aids: Annotated[
        bool,
        typer.Option("--aids/--no-aids", help="Train tasks alone also with the config's private paths and scaffold"),
    ] = True,
    jobs: Annotated[int, typer.Option("--jobs", "-j", help="Trainings at once")] = 1,
    engine: Engine = "local",
    address: Address = None,
    gpu_id: GpuId = -1,
    code: Code = None,
) -> None:
    """Say what joint training gains over each task alone.

    Trains a joint config and each of its tasks alone, with several seeds. Settings of the config are changed as for
    `spacy train`, as by --paths.train train.spacy. Stop it when you like: the same command goes on with what is not
    finished.
    """
    from spacy.cli._util import import_code, setup_gpu

    from ..compare import compare

    overrides = parse_settings(context)
    import_code(code)
    setup_gpu(gpu_id, silent=True)
    compare(
        config,
        test,
        output,
        seeds=seeds,
        budget=budget,
        with_aids=aids,
        jobs=jobs,
        engine=engine,
        address=address,
        gpu_id=gpu_id,
        code=code,
        overrides=overrides,
    )
