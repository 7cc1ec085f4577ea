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
    ("changes", "old", "new"),
    [
        (False, "# by multiplication", "# by hand"),
        (False, "Of a square.", "How large a square is."),
        (False, '    """Of a square."""\n', ""),
        (False, '"""A module."""', ""),
        (False, "side * side", "(\n        side\n        * side\n    )"),
        (True, "side * side", "side * side * 1.0"),
        (True, "side * side", "side + side"),
        (True, "area", "volume"),
        (True, "side: float", "side: float = 1"),
        (True, "    return", "    if side: return"),
    ],
)
def test_what_a_module_does_changes_it_and_nothing_else(code, changes, old, new):
    assert old in SOURCE
    assert (code(SOURCE.replace(old, new)) != code(SOURCE)) == changes


def test_constants_that_are_false_are_told_apart(code):
    values = ("0", "0.0", "False", "None", '""', 'b""', "()", "[]", "{}")
    assert len({code(f"padding = {value}") for value in values}) == len(values)


def test_a_machine_is_its_processor_and_its_gpus():
    hardware = {"processor": "a processor", "cores": 2, "gpus": []}
    assert environment.machine(hardware) == "a processor"
    assert environment.machine(hardware | {"cores": 16}) == "a processor"
    assert environment.machine(hardware | {"gpus": ["a GPU"]}) == "a processor and a GPU"


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
