"""`spacy mtl quickstart`."""

from pathlib import Path
from typing import Annotated, List, Optional

import typer

from ..group import TRAINING, app
from ..options import (
    SETTINGS,
    Delimiter,
    Format,
    GpuId,
    Header,
    LabelColumns,
    LabelNames,
    Lang,
    Languages,
    Separator,
    SkipBad,
    TargetColumn,
    TargetLang,
    Targets,
    TextColumn,
    Votes,
)

EXAMPLE = "Example: python -m spacy mtl quickstart reviews.csv"


@app.command("quickstart", epilog=EXAMPLE, rich_help_panel=TRAINING, context_settings=SETTINGS)
def quickstart_command(
    context: typer.Context,
    corpora: Annotated[
        List[str],
        typer.Argument(help="Files or folders, of any format of `convert`; name=train,dev,test:task,task for more"),
    ],
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder for all that is made")] = Path("quickstart"),
    lang: Lang = "en",
    tasks: Annotated[
        str, typer.Option("--tasks", "-t", help="As for init-config; by default what the corpora are annotated for")
    ] = "",
    languages: Languages = None,
    encoder: Annotated[
        str, typer.Option("--encoder", "-e", help="cnn, rnn, lstm, gru, transformer or pretrained")
    ] = "cnn",
    max_minutes: Annotated[
        float, typer.Option("--max-minutes", "-m", min=0.01, help="How long to train at most")
    ] = 5.0,
    format: Format = None,
    text_column: TextColumn = None,
    label_columns: LabelColumns = None,
    label_names: LabelNames = None,
    header: Header = None,
    delimiter: Delimiter = None,
    separator: Separator = None,
    votes: Votes = None,
    target_lang: TargetLang = None,
    targets: Targets = None,
    target_column: TargetColumn = None,
    skip_bad: SkipBad = False,
    optimize: Annotated[str, typer.Option("--optimize", help="efficiency or accuracy")] = "efficiency",
    vectors: Annotated[Optional[str], typer.Option("--vectors", help="A folder with static vectors")] = None,
    transformer: Annotated[
        Optional[str], typer.Option("--transformer", help="pretrained: a model on the hub, or its folder")
    ] = None,
    seed: Annotated[int, typer.Option("--seed", help="Of what is held out, and of the training")] = 0,
    gpu_id: GpuId = -1,
    force: Annotated[bool, typer.Option("--force", "-F", help="Make anew what the folder has")] = False,
) -> None:
    """Make a trained pipeline of your files at once.

    It converts, inspects, writes a config, trains, evaluates and shows. Each step says what it decides, and the plain
    command that does the same. Parts for development and testing that are missing are held out of the training part.
    The same command again goes on where it was stopped. Settings of the config are given as for `spacy train`, as by
    --training.max_steps 500.
    """
    from spacy.cli._util import setup_gpu

    from ..options import split_settings
    from ..quickstart.commands import Wishes
    from ..quickstart.quickstart import quickstart

    given, settings = split_settings(context, corpora)
    options = {
        "text_column": text_column,
        "label_columns": label_columns,
        "label_names": label_names,
        "header": header,
        "delimiter": delimiter,
        "separator": separator,
        "votes": votes,
        "target_lang": target_lang,
        "targets": str(targets) if targets else None,
        "target_column": target_column,
    }
    wishes = Wishes(
        lang=lang,
        tasks=tasks,
        languages=languages or "",
        encoder=encoder,
        optimize=optimize,
        vectors=vectors,
        max_minutes=max_minutes,
        seed=seed,
        gpu_id=gpu_id,
        format=format,
        skip_bad=skip_bad,
        **({"transformer": transformer} if transformer else {}),
    )
    setup_gpu(gpu_id, silent=True)
    quickstart(given, output, wishes, options=options, settings=settings, force=force)
