"""Arguments that several commands have."""

from pathlib import Path
from typing import Annotated, Any, Dict, List, Optional, Sequence, Tuple

import typer

# For commands that take settings of a config, such as --training.max_steps 500.
SETTINGS = {"allow_extra_args": True, "ignore_unknown_options": True}

Pipeline = Annotated[str, typer.Argument(help="A trained pipeline: a folder or the name of a package")]
NewPipeline = Annotated[Path, typer.Option("--output", "-o", help="Folder for the new pipeline; it must not exist")]
Corpora = Annotated[
    List[str], typer.Argument(help="A .spacy file or a folder with such files; name=path to give it a name")
]
JointConfig = Annotated[Path, typer.Argument(help="A joint config, as for `spacy train`")]
GpuId = Annotated[int, typer.Option("--gpu-id", "-g", help="GPU to use; -1 for the CPU")]
Code = Annotated[Optional[Path], typer.Option("--code", "-c", help="Python file with registered functions")]

# How files are read, for `convert` and for what converts on the way.
Format = Annotated[
    Optional[str], typer.Option("--format", "-f", help="Name of the format, if the files' ending does not tell it")
]
Lang = Annotated[str, typer.Option("--lang", "-l", help="Language of the tokenizer")]
LabelNames = Annotated[
    Optional[str], typer.Option("--label-names", help="csv, tsv: names of categories, as 0=negative,1=positive")
]
TextColumn = Annotated[
    Optional[str], typer.Option("--text-column", help="csv, tsv: name or index (from 0) of the text's column")
]
LabelColumns = Annotated[
    Optional[str], typer.Option("--label-columns", help="csv, tsv: names or indices of the categories' columns")
]
Header = Annotated[
    Optional[bool], typer.Option("--header/--no-header", help="csv, tsv: whether the first row names the columns")
]
Delimiter = Annotated[Optional[str], typer.Option("--delimiter", help="csv, tsv: what keeps columns apart; also 'tab'")]
Separator = Annotated[
    Optional[str], typer.Option("--separator", help="csv, tsv, intents: what keeps several categories apart")
]
SkipBad = Annotated[
    bool, typer.Option("--skip-bad", help="Leave out what cannot be read, and count it, instead of stopping")
]


def split_settings(arguments: Sequence[str]) -> Tuple[List[str], Dict[str, Any]]:
    """Tell settings of a config from other arguments, for a command that takes any number of both.

    arguments (Sequence[str]): As they were typed.
    RETURNS (Tuple[List[str], Dict[str, Any]]): The other arguments, and the settings by section and name.
    """
    others: List[str] = []
    typed: List[str] = []
    waits = False
    for argument in arguments:
        is_setting = argument.startswith("--")
        (typed if is_setting or waits else others).append(argument)
        waits = is_setting and "=" not in argument
    return others, parse_settings(typed)


def parse_settings(arguments: Sequence[str]) -> Dict[str, Any]:
    """Read settings of a config; what is no setting is an option that does not exist, and ends the command.

    arguments (Sequence[str]): As they were typed.
    RETURNS (Dict[str, Any]): The settings by section and name.
    """
    from click import NoSuchOption
    from spacy.cli._util import parse_config_overrides
    from wasabi import msg

    from ..errors import Errors

    try:
        return parse_config_overrides(list(arguments))
    except NoSuchOption as error:
        msg.fail(Errors.E794.format(found=error.option_name), exits=1)
