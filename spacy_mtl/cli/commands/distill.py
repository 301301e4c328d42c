"""`spacy mtl distill`."""

from pathlib import Path
from typing import Annotated, List, Optional

import typer

from ..group import TRAINING, app
from ..options import SETTINGS, Code, GpuId, parse_settings

EXAMPLE = "Example: python -m spacy mtl distill student.cfg --teacher large --text texts.txt --output small"


@app.command("distill", epilog=EXAMPLE, rich_help_panel=TRAINING, context_settings=SETTINGS)
def distill_command(
    context: typer.Context,
    config: Annotated[Path, typer.Argument(help="Config of the student, as for `spacy train`")],
    teacher: Annotated[
        List[str], typer.Option("--teacher", "-t", help="A trained pipeline: a folder or a package; repeatable")
    ],
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder for all that is made")],
    text: Annotated[
        Optional[List[str]],
        typer.Option("--text", help="Texts without annotation: a file or folder, as for `annotate`; repeatable"),
    ] = None,
    temperature: Annotated[float, typer.Option("--temperature", help="What scores are divided by")] = 1.0,
    weight: Annotated[float, typer.Option("--weight", help="Weight of what teachers say")] = 1.0,
    gold_share: Annotated[float, typer.Option("--gold-share", help="Share of gold at the start; it rises to 1")] = 0.0,
    text_ratio: Annotated[
        Optional[float],
        typer.Option("--text-ratio", help="Texts for each annotated one; by default all, once an epoch"),
    ] = None,
    max_length: Annotated[int, typer.Option("--max-length", help="Tokens that a text may have; 0 for any")] = 0,
    top_k: Annotated[int, typer.Option("--top-k", help="Labels of a token that are kept")] = 8,
    gpu_id: GpuId = -1,
    code: Code = None,
) -> None:
    """Train a pipeline on what larger ones say.

    The teachers read the training corpus and the texts once; then the student learns from gold where there is some,
    and from the teachers' distributions. Stop it when you like: the same command goes on. Settings of the config are
    changed as for `spacy train`, as by --paths.train train.spacy.
    """
    from spacy.cli._util import import_code, setup_gpu

    from ...distillation.student import Lecture
    from ..distill import LESSONS, distill

    overrides = parse_settings(context)
    import_code(code)
    setup_gpu(gpu_id, silent=True)
    lecture = Lecture(
        list(teacher),
        list(text or []),
        output / LESSONS,
        temperature=temperature,
        top_k=top_k,
        max_length=max_length,
        text_ratio=text_ratio,
        weight=weight,
        gold_share=gold_share,
    )
    distill(config, output, lecture, gpu_id=gpu_id, code=code, overrides=overrides)
