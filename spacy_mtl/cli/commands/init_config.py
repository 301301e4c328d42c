"""`spacy mtl init-config`."""

from pathlib import Path
from typing import Annotated, List, Optional

import typer

from ..group import TRAINING, app
from ..options import SETTINGS, Languages, parse_settings

EXAMPLE = "Example: python -m spacy mtl init-config my.cfg --tasks textcat:intent,ner,srl --encoder cnn"


@app.command("init-config", epilog=EXAMPLE, rich_help_panel=TRAINING, context_settings=SETTINGS)
def init_config_command(
    context: typer.Context,
    output: Annotated[Path, typer.Argument(help="The config to write; '-' to print it")],
    tasks: Annotated[
        Optional[str], typer.Option("--tasks", "-t", help="Kinds with commas, with names: textcat:intent,ner,srl")
    ] = None,
    source: Annotated[
        Optional[List[str]],
        typer.Option("--source", "-s", help="A corpus and its tasks, name=train.spacy,dev.spacy:ner,srl; repeatable"),
    ] = None,
    lang: Annotated[str, typer.Option("--lang", "-l", help="Language of the tokenizer")] = "en",
    encoder: Annotated[
        Optional[str], typer.Option("--encoder", "-e", help="cnn, rnn, lstm, gru, transformer or pretrained")
    ] = None,
    optimize: Annotated[str, typer.Option("--optimize", "-o", help="efficiency or accuracy")] = "efficiency",
    gpu: Annotated[bool, typer.Option("--gpu", "-G", help="For training on a GPU")] = False,
    vectors: Annotated[
        Optional[str], typer.Option("--vectors", help="A folder with static vectors; '' to name it when training")
    ] = None,
    transformer: Annotated[
        Optional[str], typer.Option("--transformer", help="pretrained: a model on the hub, or its folder")
    ] = None,
    width: Annotated[Optional[int], typer.Option("--width", min=1, help="Width of the encoder's vectors")] = None,
    small: Annotated[
        bool, typer.Option("--small", help="For corpora of less than 60,000 words that are not there to be read")
    ] = False,
    private: Annotated[
        Optional[str], typer.Option("--private", help="Tasks with words of their own beside the shared encoder: ner")
    ] = None,
    scaffold: Annotated[
        Optional[str], typer.Option("--scaffold", help="Tasks to train and not to save: dependency")
    ] = None,
    feed: Annotated[
        Optional[str], typer.Option("--feed", help="Tasks that read the decisions of others: intent:slots")
    ] = None,
    weights: Annotated[
        Optional[str], typer.Option("--weights", help="What tasks have to say in the encoder, 1 unless named: ner=5")
    ] = None,
    sampling: Annotated[
        Optional[str], typer.Option("--sampling", help="How often the texts of each source come: few=0.3,much=0.7")
    ] = None,
    sharing: Annotated[
        str, typer.Option("--sharing", help="hard, or vectors for each task: cross-stitch, mmoe or cgc")
    ] = "hard",
    languages: Languages = None,
    force: Annotated[bool, typer.Option("--force", "-F", help="Write over a config that is there")] = False,
) -> None:
    """Write a config for your tasks, encoder and corpora.

    Corpora that are there are read: tasks, labels and sizes that you do not name come from them. Any other setting
    is given as for `spacy train`, as by --training.max_steps 500.
    """
    import sys

    from ..init_config import init_config

    command = sys.argv[sys.argv.index("init-config") + 1 :] if "init-config" in sys.argv else []
    init_config(
        output,
        command,
        tasks=tasks,
        sources=source,
        lang=lang,
        encoder=encoder,
        optimize=optimize,
        gpu=gpu,
        vectors=vectors,
        transformer=transformer,
        width=width,
        small=small,
        private=private,
        scaffold=scaffold,
        feed=feed,
        weights=weights,
        sampling=sampling,
        sharing=sharing,
        languages=languages,
        force=force,
        settings=parse_settings(context),
    )
