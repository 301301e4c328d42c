"""Loading the tokenizer of a pretrained model."""

from typing import Any

from ...errors import Errors


def load_tokenizer(name: str) -> Any:
    """Load a tokenizer.

    name (str): The name of a pretrained model or the folder it lies in.
    RETURNS (transformers.PreTrainedTokenizerBase): The tokenizer.
    RAISES (ValueError): E414 if it cannot be loaded.
    """
    from transformers import AutoTokenizer

    try:
        return AutoTokenizer.from_pretrained(name)
    # the libraries that read the files have errors of their own
    except Exception as error:
        raise ValueError(Errors.E414.format(name=name, reason=first_line(error))) from error


def first_line(error: Exception) -> str:
    """RETURNS (str): What an error says, without what follows after it."""
    return str(error).strip().split("\n")[0]
