"""A short second training of a pipeline's heads over its frozen encoders, printed and saved."""

from pathlib import Path
from typing import Any, Mapping, Optional

from spacy.training.loop import create_before_to_disk_callback
from spacy.util import registry
from tqdm import tqdm
from wasabi import msg

from ..analysis.settling.settling import Settlement
from ..analysis.settling.settling import settle as settle_heads
from ..analysis.trainings.derived_configs import read_config
from ..data.writing import check_folder, whole_folder
from ..errors import Errors
from ..json_files import to_json
from ..name_lists import split_names
from ..pipeline.loading import load_pipeline


def settle(
    pipeline: str,
    config: Path,
    output: Path,
    *,
    tasks: str = "",
    steps: Optional[int] = None,
    eval_every: Optional[int] = None,
    learn_rate: Optional[float] = None,
    as_json: bool = False,
    overrides: Optional[Mapping[str, Any]] = None,
) -> Settlement:
    """Settle the heads, save the pipeline, and print what became of each.

    pipeline (str): A folder or the name of a package.
    config (Path): The config that it was trained with.
    output (Path): Folder for the new pipeline.
    tasks (str): The names of the heads, with commas; "" for all.
    steps (Optional[int]): Updates; by default a tenth of the config's max_steps.
    eval_every (Optional[int]): Updates between evaluations; by default a tenth of the steps.
    learn_rate (Optional[float]): The highest learning rate; by default a sixth of the config's.
    as_json (bool): Whether to print JSON instead of a table.
    overrides (Optional[Mapping[str, Any]]): Settings of the config by their name with dots.
    RETURNS (Settlement): What became of each head.
    """
    names = split_names(tasks)
    try:
        if output.exists():
            raise FileExistsError(Errors.E604.format(path=output))
        check_folder(output.parent)
        loaded = read_config(config, overrides, interpolate=True)
        nlp = load_pipeline(pipeline)
        with tqdm(desc="Updates", disable=None, leave=False) as bar:

            def show(done: int, total: int) -> None:
                bar.total = total
                bar.update(done - bar.n)

            found = settle_heads(
                nlp,
                loaded,
                tasks=names,
                steps=steps,
                eval_every=eval_every,
                learn_rate=learn_rate,
                progress=show,
            )
        callback = registry.resolve({"found": loaded.get("training", {}).get("before_to_disk")})["found"]
        with whole_folder(output) as folder:
            create_before_to_disk_callback(callback)(nlp).to_disk(folder)
    except (ImportError, OSError, ValueError) as error:
        msg.fail(str(error), exits=1)
    if as_json:
        heads = [head._asdict() for head in found.heads]
        print(to_json({"settings": found.settings._asdict(), "heads": heads}))
        return found
    rows = [
        (
            head.task,
            ", ".join(head.scores),
            f"{100 * head.before:.2f}",
            f"{100 * head.after:.2f}",
            f"{100 * (head.after - head.before):+.2f}",
            str(head.step),
        )
        for head in found.heads
    ]
    header = ("Task", "Score", "Before", "Best", "Gain", "At step")
    msg.table(rows, header=header, aligns=("l", "l", "r", "r", "r", "r"), divider=True)
    msg.good(f"Saved to {output}")
    return found
