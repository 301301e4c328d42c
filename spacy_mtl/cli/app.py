"""`spacy mtl ...`: spaCy imports this file for every command, so that it imports nothing but typer and spaCy."""

from pathlib import Path
from typing import Annotated, List, Optional

import typer
from spacy.cli._util import app as spacy_app

app = typer.Typer(name="mtl", help="Commands of spacy-mtl: multi-task pipelines.", no_args_is_help=True)


@app.callback()
def main() -> None:
    """Commands of spacy-mtl: multi-task pipelines."""


@app.command("show")
def show_command(
    pipeline: Annotated[str, typer.Argument(help="A trained pipeline: a folder or the name of a package")],
    texts: Annotated[
        Optional[List[str]], typer.Argument(help="Texts to read; '-' or none for one text a line from stdin")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object a text")] = False,
    html: Annotated[Optional[Path], typer.Option("--html", help="Write what is found to this page as well")] = None,
    min_probability: Annotated[
        float,
        typer.Option(
            "--min-probability",
            "-p",
            min=0.0,
            max=1.0,
            help="Leave out arguments below this probability (grey on the page; JSON has all)",
        ),
    ] = 0.0,
) -> None:
    """Show what a pipeline finds in texts: categories, entities and frames, with their probabilities."""
    from .show import show

    show(pipeline, texts or ["-"], as_json=as_json, html=html, min_probability=min_probability)


@app.command("evaluate")
def evaluate_command(
    pipeline: Annotated[str, typer.Argument(help="A trained pipeline: a folder or the name of a package")],
    corpora: Annotated[
        List[str], typer.Argument(help="A .spacy file or a folder with such files; name=path to give it a name")
    ],
    output: Annotated[Optional[Path], typer.Option("--output", "-o", help="Write all scores to this JSON file")] = None,
    own_tokens: Annotated[bool, typer.Option("--own-tokens", help="Let the pipeline tokenize the text")] = False,
    limit: Annotated[int, typer.Option("--limit", help="Read only the first Docs of each; 0 for all")] = 0,
    join: Annotated[
        int, typer.Option("--join", help="Join so many Docs, such as sentences, to one text; 0 for whole documents")
    ] = 1,
    gpu_id: Annotated[int, typer.Option("--gpu-id", "-g", help="GPU to use; -1 for the CPU")] = -1,
) -> None:
    """Score a pipeline on one corpus or several, by default on the corpora's own tokens.

    `spacy evaluate` gives the same scores for the pipeline's tokens; its --gold-preproc splits Docs into sentences and
    thereby loses frames and categories.
    """
    from spacy.cli._util import setup_gpu

    from .evaluate import evaluate

    setup_gpu(gpu_id, silent=True)
    evaluate(pipeline, corpora, gold_tokens=not own_tokens, limit=limit, join=join, output=output)


@app.command("calibrate")
def calibrate_command(
    pipeline: Annotated[str, typer.Argument(help="A trained pipeline: a folder or the name of a package")],
    corpus: Annotated[Path, typer.Argument(help="Held-out annotation: a .spacy file or a folder with such files")],
    output: Annotated[Path, typer.Argument(help="Folder for the calibrated pipeline; it must not exist")],
) -> None:
    """Make a pipeline's probabilities mean what they say: fit one temperature for each kind on held-out annotation."""
    from .calibrate import calibrate

    calibrate(pipeline, corpus, output)


@app.command("extract")
def extract_command(
    pipeline: Annotated[str, typer.Argument(help="A trained pipeline: a folder or the name of a package")],
    tasks: Annotated[str, typer.Option("--tasks", "-t", help="Names of the components to keep, with commas")],
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder for the new pipeline; it must not exist")],
    only: Annotated[
        bool, typer.Option("--only", help="Keep nothing beside them but their encoders, even if predictions change")
    ] = False,
) -> None:
    """Make a smaller pipeline of some of a pipeline's tasks, which predicts the same and can be trained further."""
    from .extract import extract

    extract(pipeline, tasks, output, only=only)


@app.command("settle", context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def settle_command(
    context: typer.Context,
    pipeline: Annotated[str, typer.Argument(help="A trained pipeline: a folder or the name of a package")],
    config: Annotated[Path, typer.Argument(help="The config that it was trained with, such as its own config.cfg")],
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder for the new pipeline; it must not exist")],
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
    gpu_id: Annotated[int, typer.Option("--gpu-id", "-g", help="GPU to use; -1 for the CPU")] = -1,
    code: Annotated[Optional[Path], typer.Option("--code", "-c", help="Python file with registered functions")] = None,
) -> None:
    """Train the heads of a pipeline on while its encoders stay, and keep each as it was at its own best step.

    Corpora, batches, dropout and optimizer are those of the config, whose settings are changed as for `spacy train`, as
    by --paths.dev dev.spacy. No head is worse on the development corpus than before.
    """
    from spacy.cli._util import import_code, parse_config_overrides, setup_gpu

    from .settle import settle

    overrides = parse_config_overrides(context.args)
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


@app.command("inspect")
def inspect_command(
    corpora: Annotated[
        List[str], typer.Argument(help="A .spacy file or a folder with such files; name=path to give it a name")
    ],
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of tables")] = False,
    spans_key: Annotated[str, typer.Option("--spans-key", help="The span group of the frames")] = "srl",
) -> None:
    """Show what corpora hold: what is annotated for which task, with which labels, and which texts they share."""
    from .inspect import inspect

    inspect(corpora, as_json=as_json, spans_key=spans_key)


@app.command("convert")
def convert_command(
    inputs: Annotated[List[Path], typer.Argument(help="Files, or folders with files of the format")],
    output: Annotated[Path, typer.Argument(help="The .spacy file to write")],
    format: Annotated[
        Optional[str], typer.Option("--format", "-f", help="Name of the format, if the files' ending does not tell it")
    ] = None,
    lang: Annotated[str, typer.Option("--lang", "-l", help="Language of the tokenizer")] = "en",
    labels: Annotated[
        Optional[str], typer.Option("--labels", help="All categories, with commas; by default those of the inputs")
    ] = None,
    label_names: Annotated[
        Optional[str], typer.Option("--label-names", help="csv, tsv: names of categories, as 0=negative,1=positive")
    ] = None,
    text_column: Annotated[
        Optional[str], typer.Option("--text-column", help="csv, tsv: name or index (from 0) of the text's column")
    ] = None,
    label_columns: Annotated[
        Optional[str], typer.Option("--label-columns", help="csv, tsv: names or indices of the categories' columns")
    ] = None,
    header: Annotated[
        Optional[bool], typer.Option("--header/--no-header", help="csv, tsv: whether the first row names the columns")
    ] = None,
    delimiter: Annotated[
        Optional[str], typer.Option("--delimiter", help="csv, tsv: what keeps columns apart; also 'tab'")
    ] = None,
    quotes: Annotated[
        Optional[bool], typer.Option("--quotes/--no-quotes", help="csv, tsv: whether quotes around cells are taken off")
    ] = None,
    separator: Annotated[
        Optional[str], typer.Option("--separator", help="csv, tsv, intents: what keeps several categories apart")
    ] = None,
    tokens: Annotated[
        Optional[bool], typer.Option("--tokens", help="csv, tsv, jsonl: the text is tokens with blanks between them")
    ] = None,
    word_column: Annotated[
        Optional[int], typer.Option("--word-column", help="iob2, conll2003: index of the tokens' column")
    ] = None,
    tag_column: Annotated[
        Optional[int], typer.Option("--tag-column", help="iob2, conll2003: index of the tags' column; -1 is the last")
    ] = None,
    repair: Annotated[
        Optional[bool],
        typer.Option("--repair", help="intents, iob2, conll2003: read an I- that continues nothing as B-"),
    ] = None,
    words: Annotated[
        Optional[Path],
        typer.Option("--words", help="conll2005, propositions, iob2, conll2003: the file with the words"),
    ] = None,
    surface: Annotated[
        Optional[bool],
        typer.Option("--surface", help="conllu, propositions, iob2, conll2003: 'do' is a token, not 'de' and 'o'"),
    ] = None,
    heads_only: Annotated[
        Optional[bool], typer.Option("--heads-only", help="propositions: an argument is the token of its head")
    ] = None,
    keep_roles: Annotated[
        Optional[bool], typer.Option("--keep-roles", help="conll2005, propositions: keep names such as A0 and AM-TMP")
    ] = None,
    dev: Annotated[
        Optional[str], typer.Option("--dev", help="Hold out a share of the documents for development, such as 10%")
    ] = None,
    dev_output: Annotated[
        Optional[Path], typer.Option("--dev-output", help="Its file; by default OUTPUT's with 'dev' for 'train'")
    ] = None,
    seed: Annotated[int, typer.Option("--seed", help="Of the choice for --dev")] = 0,
    skip_bad: Annotated[
        bool, typer.Option("--skip-bad", help="Leave out what cannot be read, and count it, instead of stopping")
    ] = False,
) -> None:
    """Convert a corpus to a .spacy file.

    Formats: markup, csv, tsv, jsonl, intents (SNIPS, ATIS), iob2, conllu, conll2003, conll2005, conll2012, propbank,
    propositions (Universal Propositions). Files may be compressed by gzip (.gz).
    """
    from .convert import convert

    convert(
        inputs,
        output,
        format,
        lang,
        dev=dev,
        dev_output=dev_output,
        seed=seed,
        skip_bad=skip_bad,
        labels=labels,
        label_names=label_names,
        text_column=text_column,
        label_columns=label_columns,
        header=header,
        delimiter=delimiter,
        quotes=quotes,
        separator=separator,
        split_words=tokens,
        word_column=word_column,
        tag_column=tag_column,
        repair=repair,
        words=words,
        surface=surface,
        heads_only=heads_only,
        keep_roles=keep_roles,
    )


@app.command("join")
def join_command(
    corpora: Annotated[
        List[str],
        typer.Argument(help=".spacy files or folders; the first gives texts and tokens; name=path to give a name"),
    ],
    output: Annotated[Path, typer.Option("--output", "-o", help="The .spacy file to write")],
    by: Annotated[str, typer.Option("--by", help="What tells that Docs belong together: 'text' or 'id'")] = "text",
    layers: Annotated[
        Optional[str], typer.Option("--layers", help="Layers to join to the first corpus, with commas; all by default")
    ] = None,
    sentences: Annotated[
        bool, typer.Option("--sentences", help="Make a Doc of each sentence first, where sentences are known")
    ] = False,
) -> None:
    """Put layers of annotation that several corpora have on the same texts together on the texts of the first.

    Layers: tags, pos, morphology, lemmas, parse, borders, entities, frames, spans, categories. Where two corpora have
    one, the earlier is kept; what disagrees or does not fit the tokens is counted.
    """
    from .join import join

    join(corpora, output, by=by, layers=layers, sentences=sentences)


@app.command("compare", context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def compare_command(
    context: typer.Context,
    config: Annotated[Path, typer.Argument(help="A joint config, as for `spacy train`")],
    test: Annotated[
        List[str],
        typer.Option("--test", "-t", help="Test corpus: a .spacy file or folder; task=path for one task, repeatable"),
    ],
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder for the trainings and the tables")],
    seeds: Annotated[str, typer.Option("--seeds", "-s", help="How many seeds, or which: 0,1,7")] = "3",
    budget: Annotated[
        str,
        typer.Option("--budget", "-b", help="A task alone has as many 'updates', or as many 'examples', as jointly"),
    ] = "updates",
    jobs: Annotated[int, typer.Option("--jobs", "-j", help="Trainings at once")] = 1,
    gpu_id: Annotated[int, typer.Option("--gpu-id", "-g", help="GPU to use; -1 for the CPU")] = -1,
    code: Annotated[Optional[Path], typer.Option("--code", "-c", help="Python file with registered functions")] = None,
) -> None:
    """Train a joint config and each of its tasks alone, with several seeds, and say what joint training gains.

    Settings of the config are changed as for `spacy train`, as by --paths.train train.spacy. Stop it when you like: the
    same command goes on with what is not finished.
    """
    from spacy.cli._util import import_code, parse_config_overrides, setup_gpu

    from .compare import compare

    overrides = parse_config_overrides(context.args)
    import_code(code)
    setup_gpu(gpu_id, silent=True)
    compare(
        config,
        test,
        output,
        seeds=seeds,
        budget=budget,
        jobs=jobs,
        gpu_id=gpu_id,
        code=code,
        overrides=overrides,
    )


@app.command("plot")
def plot_command(
    runs: Annotated[
        List[Path], typer.Argument(help="Trainings: balance logs (JSONL), or folders with a file balance.jsonl")
    ],
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder for the figures, as PNG and as SVG")],
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of tables")] = False,
) -> None:
    """Draw what balancers did in trainings: losses, weights, norms of gradients, and conflicts between tasks."""
    from .plot import plot

    plot(runs, output, as_json=as_json)


@app.command("affinity", context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def affinity_command(
    context: typer.Context,
    config: Annotated[Path, typer.Argument(help="A joint config, as for `spacy train`")],
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder for what is found")],
    every: Annotated[
        Optional[int], typer.Option("--every", "-e", help="Updates between measurements; by default about 50 in all")
    ] = None,
    examples: Annotated[int, typer.Option("--examples", "-n", help="Texts of each task for each measurement")] = 64,
    encoders: Annotated[
        Optional[int], typer.Option("--encoders", "-k", help="Encoders there may be; by default each number up to 4")
    ] = None,
    gpu_id: Annotated[int, typer.Option("--gpu-id", "-g", help="GPU to use; -1 for the CPU")] = -1,
    code: Annotated[Optional[Path], typer.Option("--code", "-c", help="Python file with registered functions")] = None,
) -> None:
    """Find out in one joint training which tasks help each other, and which to train together.

    Settings of the config are changed as for `spacy train`, as by --paths.train train.spacy.
    """
    from spacy.cli._util import import_code, parse_config_overrides, setup_gpu

    from .affinity import affinity

    overrides = parse_config_overrides(context.args)
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


@app.command("init-config", context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
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
    width: Annotated[Optional[int], typer.Option("--width", help="Width of the encoder's vectors")] = None,
    force: Annotated[bool, typer.Option("--force", "-F", help="Write over a config that is there")] = False,
) -> None:
    """Write a complete config with comments for your tasks, encoder and corpora.

    Corpora that are there are read: tasks, labels and sizes that you do not name come from them. Any other setting is
    given as for `spacy train`, as by --training.max_steps 500.
    """
    import sys

    from spacy.cli._util import parse_config_overrides

    from .init_config import init_config

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
        force=force,
        settings=parse_config_overrides(list(context.args)),
    )


@app.command("init-project")
def init_project_command(
    output: Annotated[Path, typer.Argument(help="The folder to write; it must not exist, or be empty")],
) -> None:
    """Write a folder to work in: the workflows, configs and scripts of the project, and the starter corpus.

    Then, in the folder: `spacy project run demo`.
    """
    from .init_project import init_project

    init_project(output)


spacy_app.add_typer(app)
