"""Pictures that belong together: by a pattern in their paths, and joined with their copies."""

from pathlib import Path

import pytest

from helpers.datasets import DatasetError
from helpers.datasets.groups import by_pattern, joined

FILES = [Path("set") / name for name in ("a/p1_x.png", "a/p2_x.png", "b/p1_y.png")]


def test_by_pattern():
    root = Path("set")
    assert by_pattern(root, FILES, r"p\d+") == ["p1", "p2", "p1"]
    assert by_pattern(root, FILES, r"/p(\d+)_") == ["1", "2", "1"]
    assert by_pattern(root, FILES, r"z(\d)|p(\d)") == ["1", "2", "1"]
    assert by_pattern(root, FILES, "patient") == [None] * 3  # it is another set's
    with pytest.raises(DatasetError, match=r"not of 1 others: a/p2_x\.png; make it fit all"):
        by_pattern(root, FILES, r"p1")
    with pytest.raises(DatasetError, match=r"LAB_GROUPS: '\(' is no regular expression"):
        by_pattern(root, FILES, "(")


def test_joined_keeps_together_what_either_does():
    assert (
        joined(["a", "a", "b", None, None], [None, "1", "1", None, "2"]) == ["0"] * 3 + [None] * 2
    )
    assert joined([None, None], [None, None]) == [None, None]
    assert joined(["x", "y", "x"]) == ["0", None, "0"]
