"""Arguments that several commands have."""

from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Dict, List, Optional, Sequence, Tuple

import typer

from ..errors import Errors

# the exit code that shells give for Ctrl-C
INTERRUPTED = 130
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
Engine = Annotated[str, typer.Option("--engine", help="local: processes of this machine; ray: those of a Ray cluster")]
Address = Annotated[
    Optional[str], typer.Option("--address", help="ray: the cluster, as 'auto'; none to start Ray here")
]

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
Votes = Annotated[
    Optional[bool], typer.Option("--votes", help="csv, tsv: cells are votes of annotators; labels get their shares")
]
TargetLang = Annotated[
    Optional[str], typer.Option("--target-lang", help="parallel, tmx: the language of the translations, such as de")
]
Targets = Annotated[
    Optional[Path], typer.Option("--targets", help="parallel: the file of translations; by default named as the texts'")
]
TargetColumn = Annotated[
    Optional[str], typer.Option("--target-column", help="parallel: name or index of the translations' column")
]
Languages = Annotated[Optional[str], typer.Option("--languages", help="What tasks translate into: german=de,french=fr")]
SkipBad = Annotated[
    bool, typer.Option("--skip-bad", help="Leave out what cannot be read, and count it, instead of stopping")
]


def parse_settings(context: typer.Context, arguments: Optional[Sequence[str]] = None) -> Dict[str, Any]:
    """Read settings of a config, such as --training.max_steps 500.

    context (typer.Context): Of the command, with all that is none of its options.
    arguments (Optional[Sequence[str]]): As they were typed; None for those of the context.
    RETURNS (Dict[str, Any]): By section and name.
    RAISES (typer.BadParameter): E794 for what is neither an option of the command nor a setting: the exit code is 2.
    """
    from spacy.cli._util import parse_config_overrides

    typed = list(context.args if arguments is None else arguments)
    is_value = False
    for argument in typed:
        name = argument.partition("=")[0]
        is_option = argument.startswith("--")
        if "." not in name if is_option else not is_value:
            known = [option for parameter in context.command.params for option in parameter.opts]
            close = get_close_matches(name, known, n=1)
            hint = f" (did you mean {close[0]}?)" if close else ""
            raise typer.BadParameter(Errors.E794.format(found=argument + hint))
        is_value = is_option and "=" not in argument
    return parse_config_overrides(typed)


def split_settings(context: typer.Context, arguments: Sequence[str]) -> Tuple[List[str], Dict[str, Any]]:
    """Tell settings of a config from other arguments, for a command that takes any number of both.

    context (typer.Context): Of the command.
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
    return others, parse_settings(context, typed)
