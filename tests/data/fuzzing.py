"""Damaged inputs: mutations of good files, and a runner that lets no raw error, no hang and no partial output pass."""

import signal
import warnings
from pathlib import Path
from random import Random
from typing import Any, Callable, Dict, List, NamedTuple, Sequence

from spacy.language import Language

from spacy_mtl.data.formats.converting import convert

CODED = "[MTL-"
# what the converter says of errors that a reader lets through: a reader should not
UNFORESEEN = "[MTL-E183]"
SECONDS = 5
PIECES = [
    *(
        "",
        " ",
        "\t",
        "\n",
        "\n\n",
        "\r",
        "\r\n",
        "\0",
        "_",
        "-",
        "*",
        "#",
        '"',
        "'",
        ",",
        "|",
        "=",
        ":",
        "\\",
        "0",
        "-1",
    ),
    *("1-2", "2-1", "0-0", "1.1", "1e999", "NaN", "9" * 30, "9" * 5000, "٣", "²", "true", "null", "{", "}", "[", "]"),
    *("(", ")", "(V*)", "(A0*", "*)", "(A0(A1*", "V", "A0:1", "A0:9-1", "O", "B-", "B-X", "I-X", "L-X", "U-X", "E-X"),
    *("S-X", "Y", "a=b", "a=b=c", "a=|b", "x" * 3000, "\ufeff", "\u00a0", "\u0085", "\u2028", "\u3000", "e\u0301"),
    *(
        "# text = x",
        "# sent_id =",
        "# newdoc",
        "# global.columns = ID FORM",
        "-DOCSTART-",
        "#begin document (x);",
        "😀",
    ),
    *("SpaceAfter=No", "SpacesAfter=\\s\\n", "[WORD]", "word.01", "\x1a", "\x1b[31m"),
]
RAW_PIECES = [b"\xff", b"\xfe\xff", b"\xed\xa0\x80", b"\xc3", b"\xf4\x90\x80\x80", b"\x80", b"\x1f\x8b\x08"]


class Failure(NamedTuple):
    """An input that was not treated as it should be.

    name (str): The name of the seed.
    data (bytes): The input.
    problem (str): What went wrong.
    """

    name: str
    data: bytes
    problem: str


def mutate(data: bytes, random: Random, others: Sequence[bytes] = ()) -> bytes:
    """A damaged version of an input: one to four changes of bytes, cells, lines or blocks.

    data (bytes): The input.
    random (Random): Decides.
    others (Sequence[bytes]): Inputs of which parts may be mixed in.
    RETURNS (bytes): The damaged input.
    """
    for _ in range(random.choice([1, 1, 1, 2, 2, 4])):
        change = random.choice([_change_bytes, _change_cell, _change_cell, _change_lines])
        if others and random.random() < 0.05:
            other = random.choice(others)
            data = data[: random.randint(0, len(data))] + other[random.randint(0, len(other)) :]
        else:
            data = change(data, random)
    return data


def fuzz(
    seeds: Dict[str, bytes], read: Callable[[str, bytes], Any], count: int, seed: int = 0, seconds: int = SECONDS
) -> List[Failure]:
    """Read damaged inputs, one seed after the other in turn.

    seeds (Dict[str, bytes]): Good inputs by name; those of one reader, since parts of them are mixed.
    read (Callable[[str, bytes], Any]): Takes the name of the seed and an input; raises an AssertionError of its own
        for what must not be. It may refuse with a ValueError or OSError whose message has a code.
    count (int): How many inputs to read.
    seed (int): The first of the numbers that decide on the mutations, one an input.
    seconds (int): How long a reading may take.
    RETURNS (List[Failure]): Inputs that raised anything else, or took too long.
    """
    failures = []
    names, inputs = list(seeds), list(seeds.values())
    for number in range(seed, seed + count):
        name = names[number % len(names)]
        data = mutate(seeds[name], Random(number), inputs)
        problem = _try(read, name, data, seconds)
        if problem:
            failures.append(Failure(name, data, problem))
    return failures


def check_conversion(path: Path, data: bytes, format: str, nlp: Language, **options: Any) -> None:
    """Convert an input, and see that there is an output if and only if nothing was raised.

    path (Path): Where to write the input; the output is beside it.
    data (bytes): The input.
    format (str): The format.
    nlp (Language): As for `convert`.
    **options (Any): As for `convert`.
    """
    path.write_bytes(data)
    output = path.with_name("fuzzed.spacy")
    output.unlink(missing_ok=True)
    before = {file.name for file in path.parent.iterdir()}
    whole = False
    try:
        convert([path], output, format, nlp, **options)
        whole = True
    finally:
        left = {file.name for file in path.parent.iterdir()} - before
        assert left == ({output.name} if whole else set()), f"left behind: {left}"


class _TooLong(BaseException):
    """No Exception, so that nothing swallows it."""


def _try(read: Callable[[str, bytes], Any], name: str, data: bytes, seconds: int) -> str:
    def stop(*_: Any) -> None:
        raise _TooLong

    # Windows has no alarm: what hangs there hangs
    has_alarm = hasattr(signal, "SIGALRM")
    if has_alarm:
        previous = signal.signal(signal.SIGALRM, stop)
        signal.alarm(seconds)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            read(name, data)
    except (ValueError, OSError) as error:
        if not str(error).startswith(CODED) or UNFORESEEN in str(error):
            return f"{type(error).__name__}: {error}"
    except _TooLong:
        return f"more than {seconds} seconds"
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    finally:
        if has_alarm:
            signal.alarm(0)
            signal.signal(signal.SIGALRM, previous)
    return ""


def _pick_piece(random: Random) -> bytes:
    if random.random() < 0.1:
        return random.choice(RAW_PIECES)
    return random.choice(PIECES).encode("utf8")


def _change_bytes(data: bytes, random: Random) -> bytes:
    start = random.randint(0, len(data))
    end = min(len(data), start + random.choice([0, 1, 1, 2, 10, 100]))
    middle = random.choice([b"", bytes([random.randrange(256)]), data[start:end] * 2, _pick_piece(random)])
    if random.random() < 0.05:
        return data[:start]
    return data[:start] + middle + data[end:]


def _change_cell(data: bytes, random: Random) -> bytes:
    lines = data.split(b"\n")
    i = random.randrange(len(lines))
    separator = next((s for s in (b"\t", b",", b" ") if s in lines[i]), b" ")
    cells = lines[i].split(separator)
    j = random.randrange(len(cells))
    kind = random.randrange(5)
    if kind == 0:
        del cells[j]
    elif kind == 1:
        cells.insert(j, cells[random.randrange(len(cells))])
    elif kind == 2:
        k = random.randrange(len(cells))
        cells[j], cells[k] = cells[k], cells[j]
    else:
        cells[j] = _pick_piece(random)
    lines[i] = separator.join(cells)
    return b"\n".join(lines)


def _change_lines(data: bytes, random: Random) -> bytes:
    lines = data.split(b"\n")
    i, j = sorted(random.randrange(len(lines)) for _ in range(2))
    kind = random.randrange(6)
    if kind == 0:
        del lines[i : i + random.choice([1, 1, 5])]
    elif kind == 1:
        lines.insert(i, lines[j])
    elif kind == 2:
        lines[i], lines[j] = lines[j], lines[i]
    elif kind == 3:
        lines.insert(i, _pick_piece(random))
    elif kind == 4:
        lines[i : i + 2] = [b"".join(lines[i : i + 2])]
    else:
        lines = lines[:j] + lines[i:]
    return random.choice([b"\n"] * 8 + [b"\r\n", b"\r"]).join(lines)
