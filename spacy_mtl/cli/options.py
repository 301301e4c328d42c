"""Arguments that several commands have."""

from pathlib import Path
from typing import Annotated, List, Optional

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
