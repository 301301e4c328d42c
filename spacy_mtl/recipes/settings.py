"""Settings of a config that the user gives, looked at before anybody waits for a training."""

import warnings
from typing import Iterable

from catalogue import RegistryError
from spacy.util import load_model_from_config
from thinc.api import Config
from thinc.config import ConfigValidationError

from ..errors import Errors

BUILT = ("components.", "nlp.")
# spaCy's code for a factory that it does not know
UNKNOWN_FACTORY = "[E002]"


def check_settings(text: str, settings: Iterable[str]) -> None:
    """Refuse settings of components that these refuse, by making the pipeline of a config.

    What is not installed or not there is not missed here, nor functions and factories that are not known: training may
    be told of them by --code, on another machine.

    text (str): The config.
    settings (Iterable[str]): What the user has set, as "components.ner.scheme".
    RAISES (ValueError): E795 for a setting that is unknown or of the wrong type; otherwise what the component says.
    """
    if not any(setting.startswith(BUILT) for setting in settings):
        return
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            load_model_from_config(Config().from_str(text, interpolate=False), auto_fill=True)
    except ConfigValidationError as error:
        faults = (f"{'.'.join(map(str, fault.get('loc', ())))}: {fault.get('msg')}" for fault in error.errors or [{}])
        raise ValueError(Errors.E795.format(title=error.title, faults="; ".join(faults))) from error
    except (ImportError, OSError, RegistryError):
        return
    except ValueError as error:
        if UNKNOWN_FACTORY not in str(error):
            raise
