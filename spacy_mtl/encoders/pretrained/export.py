"""A pretrained transformer, as it was trained on, written as a folder of transformers.

Importing this module does not need torch.
"""

from pathlib import Path
from typing import Any, Optional

from thinc.api import Model


def find_transformer(model: Any) -> Optional[Any]:
    """The transformer within a model.

    model (Any): The model of a component.
    RETURNS (Optional[HFShim]): What wraps it; None for a model that holds none, or none that is loaded.
    """
    shims = [shim for node in model.walk() for shim in node.shims] if isinstance(model, Model) else []
    return next((shim for shim in shims if getattr(getattr(shim, "_hfmodel", None), "transformer", None)), None)


def write_transformer(shim: Any, folder: Path) -> None:
    """Write a transformer as `transformers` reads it: its configuration, its weights in float32 and its tokenizer.

    shim (HFShim): What wraps it.
    folder (Path): The folder, which exists.
    RAISES (OSError): If it cannot be written to.
    """
    shim._model.save_pretrained(folder)
    tokenizer, vocabulary = shim._hfmodel.tokenizer, shim._hfmodel.vocab_file_contents
    if vocabulary is None or not hasattr(tokenizer, "vocab_file"):
        tokenizer.save_pretrained(folder)
        return
    # it copies its vocabulary from the place that it was loaded from, which may be gone
    place = tokenizer.vocab_file
    tokenizer.vocab_file = str(folder / tokenizer.vocab_files_names["vocab_file"])
    try:
        Path(tokenizer.vocab_file).write_bytes(vocabulary)
        tokenizer.save_pretrained(folder)
    finally:
        tokenizer.vocab_file = place
