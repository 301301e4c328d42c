"""A pipeline whose component does what texts tell it to do."""

import os
import signal
import time
from pathlib import Path

import spacy
from spacy.language import Language
from spacy.tokens import Doc


@Language.factory("nasty", default_config={"folder": "", "seconds": 0.0})
def make_nasty(nlp, name, folder, seconds):
    def obey(doc: Doc) -> Doc:
        time.sleep(seconds)
        words = doc.text.split()
        if "fail" in words:
            raise KeyError("what it was told to")
        if "kill" in words or "once" in words and not (Path(folder) / words[0]).exists():
            (Path(folder) / words[0]).touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return doc

    return obey


def build(folder="", seconds=0.0):
    """A pipeline that finds Ada, and obeys."""
    nlp = spacy.blank("en")
    nlp.add_pipe("entity_ruler").add_patterns([{"label": "PERSON", "pattern": "Ada"}])
    nlp.add_pipe("nasty", config={"folder": str(folder), "seconds": seconds})
    return nlp


def read_folder(folder):
    """The files of a folder, without what tells who writes to it."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(Path(folder).rglob("*"))
        if path.is_file() and path.name != "run.lock"
    }
