import pytest

from spacy_mtl.data.formats.remarks import BAD, Remarks


def read(numbers, remarks):
    for number in numbers:
        with remarks.skipping():
            if number % 2:
                raise ValueError(f"{number} is odd")
            yield number


def test_bad_parts_end_the_reading_or_are_counted():
    with pytest.raises(ValueError, match="3 is odd"):
        list(read([2, 3, 4], Remarks()))
    remarks = Remarks(skip_bad=True)
    assert list(read(range(20), remarks)) == list(range(0, 20, 2))
    assert remarks.left_out == {BAD: 10}
    lines = remarks.describe_left_out()
    assert lines[0] == "Left out (bad): 10" and lines[1] == "  1 is odd" and lines[-1] == "  ... and 5 more"


def test_other_errors_are_no_bad_parts():
    remarks = Remarks(skip_bad=True)
    with pytest.raises(FileNotFoundError), remarks.skipping():
        raise FileNotFoundError("gone")


def test_notes_are_said_once_and_a_warning_tells_what_is_left_out():
    remarks = Remarks()
    remarks.note("two columns")
    remarks.note("two columns")
    assert remarks.notes == ["two columns"]
    remarks.warn()
    remarks.leave_out("rejected", "a.jsonl, line 3")
    with pytest.warns(UserWarning, match=r"MTL-W111[^$]*rejected\): 1\n  a.jsonl, line 3"):
        remarks.warn()
