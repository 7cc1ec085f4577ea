"""The house: which rooms there are, who imports whom, and that others use public faces only."""

import ast
import importlib
import re
import tomllib
from pathlib import Path

import nbformat
import pytest

from helpers.settings import ROOT

HELPERS = ROOT / "helpers"
ROOMS = sorted(
    path.stem
    for path in HELPERS.iterdir()
    if path.suffix == ".py" or (path / "__init__.py").is_file()
    if not path.name.startswith("_")
)
FOLDERS = [room for room in ROOMS if (HELPERS / room).is_dir()]


def documented() -> dict[str, list[str]]:
    """By room, in the order of CONTRIBUTING.md, the rooms that it imports."""
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(\w+)(?:/|\.py)` \|.*\| (.*) \|$", text, re.MULTILINE)
    return {room: [] if knows == "nobody" else knows.split(", ") for room, knows in rows}


def code_of(path: Path) -> str:
    if path.suffix == ".py":
        return path.read_text(encoding="utf-8")
    cells = nbformat.read(path, as_version=4).cells
    return "\n".join(cell.source for cell in cells if cell.cell_type == "code")


def imports_of(path: Path) -> list[tuple[str, list[str]]]:
    """Each import from helpers: the module, and the names taken from it."""
    found = []
    for node in ast.walk(ast.parse(code_of(path))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "helpers":
            found.append((node.module, [alias.name for alias in node.names]))
        if isinstance(node, ast.Import):
            found += [(a.name, []) for a in node.names if a.name.split(".")[0] == "helpers"]
    return found


def room_of(path: Path) -> str:
    return path.relative_to(HELPERS).parts[0].removesuffix(".py")


def rooms_known_to(room: str) -> set[str]:
    files = (HELPERS / room).rglob("*.py") if room in FOLDERS else [HELPERS / f"{room}.py"]
    known = set()
    for path in files:
        for module, names in imports_of(path):
            known |= set(names) if module == "helpers" else {module.split(".")[1]}
    return known - {room}


def not_public(path: Path, home: str | None = None) -> list[str]:
    """What a file takes from the folders of helpers, other than its own, past their faces."""
    taken: list[str] = []
    faces: dict[str, str] = {}
    for module, names in imports_of(path):
        parts = module.split(".")
        if len(parts) == 1:
            faces |= {name: name for name in names if name in FOLDERS}
            taken += [name for name in names if name not in ROOMS]
        elif parts[1] in FOLDERS and parts[1] != home:
            if len(parts) > 2:
                taken.append(module)
            face = importlib.import_module(module)
            taken += [f"{module}.{name}" for name in names if name not in face.__all__]
    for node in ast.walk(ast.parse(code_of(path))):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            face = faces.get(node.value.id)
            if face and node.attr not in importlib.import_module(f"helpers.{face}").__all__:
                taken.append(f"{face}.{node.attr}")
    return taken


def test_the_listing_is_short_and_the_map_names_all_of_it():
    assert len(ROOMS) <= 14
    assert sorted(documented()) == ROOMS


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_imports_what_the_map_says_and_only_rooms_above_it(room):
    order = list(documented())
    known = rooms_known_to(room)
    assert known == set(documented()[room])
    assert all(order.index(other) < order.index(room) for other in known)


def test_nothing_below_knows_the_report():
    for path in HELPERS.rglob("*.py"):
        if path.name != "__main__.py":
            assert not re.search(r"(from|import) report\b", code_of(path)), path


@pytest.mark.parametrize("folder", FOLDERS)
def test_a_face_names_what_it_offers(folder):
    face = importlib.import_module(f"helpers.{folder}")
    assert sorted(set(face.__all__)) == sorted(face.__all__)
    assert all(hasattr(face, name) for name in face.__all__)


def test_rooms_use_each_others_faces():
    for path in HELPERS.rglob("*.py"):
        assert not not_public(path, room_of(path)), path


@pytest.mark.parametrize("folder", ["notebooks", "benchmarks", "report"])
def test_others_use_faces(folder):
    for path in [*(ROOT / folder).rglob("*.py"), *(ROOT / folder).rglob("*.ipynb")]:
        assert not not_public(path), path


def test_every_folder_of_code_is_installed():
    listed = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]["packages"]
    folders = {
        path.parent for name in ("helpers", "report") for path in (ROOT / name).rglob("*.py")
    }
    assert sorted(listed) == sorted(".".join(folder.relative_to(ROOT).parts) for folder in folders)
