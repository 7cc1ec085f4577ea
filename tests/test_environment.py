"""What numbers depend on beside settings and images: what changes a fingerprint."""

import importlib.metadata

import pytest

from helpers import environment

SOURCE = '''
"""A module."""
from typing import Any

def area(side: float) -> float:
    """Of a square."""
    # by multiplication
    return side * side
'''


@pytest.fixture
def code(monkeypatch):
    """The fingerprint of a module with this source."""

    def code(source):
        monkeypatch.setitem(environment._SOURCES, "square", source.encode())
        environment._code.cache_clear()
        return environment.code(["square"])

    yield code
    environment._code.cache_clear()


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("# by multiplication", "# by hand"),
        ("Of a square.", "How large a square is."),
        ('    """Of a square."""\n', ""),
        ('"""A module."""', ""),
        ("side * side", "(\n        side\n        * side\n    )"),
    ],
)
def test_comments_docstrings_and_layout_change_nothing(code, old, new):
    assert old in SOURCE
    assert code(SOURCE.replace(old, new)) == code(SOURCE)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("side * side", "side * side * 1.0"),
        ("side * side", "side + side"),
        ("area", "volume"),
        ("side: float", "side: float = 1"),
        ("    return", "    if side: return"),
    ],
)
def test_whatever_a_module_does_changes_it(code, old, new):
    assert old in SOURCE
    assert code(SOURCE.replace(old, new)) != code(SOURCE)


def test_it_depends_on_which_modules_and_in_which_order():
    every = [["cache"], ["settings"], ["cache", "settings"], ["settings", "cache"]]
    assert len({environment.code(modules) for modules in every}) == 4
    assert environment.code(["networks.models"]) == environment.code(["networks.models"])
    with pytest.raises(KeyError, match=r"networks\.nowhere"):
        environment.code(["networks.nowhere"])


def test_versions_are_those_installed():
    versions = environment.versions()
    assert versions.keys() > {"python", "tensorflow", "keras", "numpy", "pillow"}
    assert versions["keras"] == importlib.metadata.version("keras")
