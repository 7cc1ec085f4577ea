"""What numbers depend on beside settings and images: code, versions of packages, processor."""

import ast
import functools
import hashlib
import importlib.metadata
import platform
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

PACKAGES = ("tensorflow", "keras", "numpy", "pillow", "scikit-image", "tifffile")
HELPERS = Path(__file__).parent

# As it was when this process began: a file edited later is not what runs here.
_SOURCES = {
    ".".join(path.relative_to(HELPERS).with_suffix("").parts): path.read_bytes()
    for path in sorted(HELPERS.rglob("*.py"))
}


def code(modules: Iterable[str]) -> str:
    """Sixteen hexadecimal digits that change with what these modules do.

    Comments, docstrings and layout are not in them.

    Args:
        modules: names within helpers: 'networks.models'.
    """
    whole = hashlib.sha256()
    for name in modules:
        whole.update(f"{name} {_code(name)};".encode())
    return whole.hexdigest()[:16]


@functools.cache
def versions() -> dict[str, str]:
    """The versions of what numbers depend on."""
    return {"python": platform.python_version()} | {
        package: importlib.metadata.version(package) for package in PACKAGES
    }


@functools.cache
def processor() -> tuple[str, frozenset[str]]:
    """Name and instruction sets of the processor, as far as the system tells."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:  # not Linux
        return platform.processor() or platform.machine(), frozenset()
    found = dict(line.split(":", 1) for line in reversed(lines) if ":" in line)
    values = {key.strip(): value.strip() for key, value in found.items()}
    return values.get("model name", platform.machine()), frozenset(values.get("flags", "").split())


def machine(hardware: Mapping[str, Any]) -> str:
    """The kind of machine, on which the last bits of numbers depend: processor and GPUs.

    Args:
        hardware: as `runtime.hardware` gives it and a record keeps it.
    """
    return " and ".join([hardware["processor"], *hardware["gpus"]])


@functools.cache
def _code(module: str) -> str:
    return hashlib.sha256(repr(_structure(ast.parse(_SOURCES[module]))).encode()).hexdigest()


def _structure(node: object) -> object:
    """A syntax tree as nested tuples, the same on every version of Python."""
    if isinstance(node, list):
        return tuple(_structure(part) for part in node)
    if not isinstance(node, ast.AST):
        return node
    fields = dict(ast.iter_fields(node))
    if _documented(node):
        fields["body"] = fields["body"][1:]
    found = ((name, _structure(value)) for name, value in fields.items())
    if not isinstance(node, ast.Constant):  # what is absent, which newer versions have more of
        found = ((name, value) for name, value in found if value not in (None, ()))
    return type(node).__name__, tuple(found)


def _documented(node: ast.AST) -> bool:
    kinds = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    return isinstance(node, kinds) and ast.get_docstring(node, clean=False) is not None
