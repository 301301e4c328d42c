"""Static vectors from texts of one's own, written as a folder that `--paths.vectors` takes."""

from pathlib import Path
from typing import Iterator, Optional, Sequence

import spacy
from tqdm import tqdm
from wasabi import msg

from ..data.writing import whole_folder
from ..scale.inputs import FileReader, ReadSettings, find_files
from ..scale.records import Record
from ..scale.subword_vectors import TextCounts, VectorSettings, check_vector_settings, import_floret, learn_vectors


def pretrain_vectors(
    inputs: Sequence[Path],
    output: Path,
    settings: VectorSettings,
    *,
    lang: str = "en",
    text_column: str = "text",
    input_format: Optional[str] = None,
) -> TextCounts:
    """Learn vectors from the texts of files, and print what they were learned from.

    inputs (Sequence[Path]): Files and folders.
    output (Path): The folder to write, which must not exist.
    settings (VectorSettings): How the vectors are learned.
    lang (str): Language of the tokenizer.
    text_column (str): The field or column of the text.
    input_format (Optional[str]): The format of all files; None if their endings tell it.
    RETURNS (TextCounts): What they were learned from.
    """
    try:
        check_vector_settings(settings)
        import_floret()
        nlp = spacy.blank(lang)
        reader = FileReader(find_files(inputs, output, input_format), ReadSettings(text_column), nlp)
        with whole_folder(output) as temporary:
            counts = learn_vectors(nlp, _show_progress(reader), settings, text_column=text_column)
            nlp.to_disk(temporary)
    except (ImportError, OSError, ValueError) as error:
        msg.fail(str(error), exits=1)
    if counts.failed:
        msg.warn(f"Left out, as they cannot be read: {counts.failed:,} texts")
    learned = (
        f"{settings.rows:,} vectors of width {settings.width} from {counts.words:,} words in {counts.texts:,} texts"
    )
    msg.good(f"Learned {learned}: {output}", f"Train with them: --paths.vectors {output}")
    return counts


def _show_progress(reader: FileReader) -> Iterator[Record]:
    with tqdm(total=reader.total, unit="B", unit_scale=True, disable=None, leave=False) as bar:
        for record in reader:
            yield record
            bar.update(reader.position - bar.n)
