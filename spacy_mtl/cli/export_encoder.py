"""The pretrained encoder of a pipeline, written as a folder of transformers."""

from pathlib import Path
from typing import Optional

from wasabi import msg

from ..data.writing import check_folder
from ..errors import Errors
from ..pipeline.extraction import encoder
from ..pipeline.loading import load_pipeline


def export_encoder(pipeline: str, output: Path, component: Optional[str] = None) -> None:
    """Write a pipeline's pretrained encoder, and say how it is read.

    pipeline (str): A folder or the name of a package.
    output (Path): Folder for the encoder.
    component (Optional[str]): The component whose encoder it is; None for the only one that has one.
    """
    try:
        if output.exists():
            raise FileExistsError(Errors.E604.format(path=output))
        check_folder(output.parent)
        name = encoder.export_encoder(load_pipeline(pipeline), output, component)
    except (OSError, ValueError) as error:
        msg.fail(str(error), exits=1)
    msg.good(f"Saved the encoder of {name} to {output}", f'transformers.AutoModel.from_pretrained("{output}")')
