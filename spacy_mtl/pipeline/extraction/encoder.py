"""The pretrained encoder of a pipeline, as it was trained on, for programs that use transformers."""

from pathlib import Path
from typing import Optional, Union

from spacy.language import Language

from ...data.writing import whole_folder
from ...encoders.pretrained.export import find_transformer, write_transformer
from ...errors import Errors


def export_encoder(nlp: Language, output: Union[str, Path], component: Optional[str] = None) -> str:
    """Write a pipeline's pretrained encoder as a folder that `transformers.AutoModel.from_pretrained` and
    `AutoTokenizer.from_pretrained` read.

    In a text of one passage the pipeline's vector of a token is the mean of the last layer's vectors of its wordpieces.
    What a head has of its own, such as an adapter or a private path, is no part of the encoder.

    nlp (Language): The pipeline, initialized or loaded.
    output (Union[str, Path]): The folder to write, which must not exist. It is whole or absent.
    component (Optional[str]): The component whose encoder it is; None for the only one that has one.
    RETURNS (str): The name of the component.
    RAISES (OSError): E192 for a place that cannot be written to, E604 if the folder exists.
    RAISES (ValueError): E442 if there is no such encoder, E443 if there are several and none is named.
    """
    output = Path(output)
    if output.exists():
        raise FileExistsError(Errors.E604.format(path=output))
    pipes = [(name, pipe) for name, pipe in nlp.components if component in (None, name)]
    found = {name: find_transformer(getattr(pipe, "model", None)) for name, pipe in pipes}
    shims = {name: shim for name, shim in found.items() if shim is not None}
    if not shims:
        where = "no component" if component is None else f"no component '{component}'"
        raise ValueError(Errors.E442.format(where=where, found=", ".join(nlp.component_names) or "nothing"))
    if len(shims) > 1:
        raise ValueError(Errors.E443.format(names=", ".join(shims)))
    ((name, shim),) = shims.items()
    with whole_folder(output) as folder:
        write_transformer(shim, folder)
    return name
