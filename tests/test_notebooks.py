"""What must hold of every committed notebook; that they run is nbval's part."""

import json
import re

import nbformat
import pytest

from helpers.settings import ROOT

NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))


@pytest.fixture(params=NOTEBOOKS, ids=lambda path: path.stem)
def notebook(request):
    return nbformat.read(request.param, as_version=4)


def code_cells(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def test_every_cell_was_run_in_order(notebook):
    counts = [cell.execution_count for cell in code_cells(notebook)]
    assert counts == list(range(1, len(counts) + 1))


def test_no_output_is_an_error_a_warning_or_of_this_machine_only(notebook):
    for cell in code_cells(notebook):
        for output in cell.outputs:
            assert output.output_type != "error"
            assert output.get("name") != "stderr", output
            text = json.dumps(output.get("data", {}) | {"text": output.get("text", "")})
            assert not re.search(r'"/?(home|root|tmp|work|Users)/|it/s\]|ms/step|Traceback', text)
        assert "execution" not in cell.metadata  # timestamps


def test_something_is_compared(notebook):
    compared = [
        cell
        for cell in code_cells(notebook)
        if "nbval-check-output" in cell.metadata.get("tags", [])
    ]
    assert compared
    assert all(cell.outputs for cell in compared)


def test_no_cell_is_exempt(notebook):
    for cell in code_cells(notebook):
        tags = set(cell.metadata.get("tags", []))
        assert tags <= {"nbval-check-output"}
        assert "NBVAL" not in cell.source


def test_notebooks_teach(notebook):
    assert notebook.cells[0].source.startswith("# Task")
    assert "## Setup" in "".join(cell.source for cell in notebook.cells)
    assert "## What we saw" in "".join(cell.source for cell in notebook.cells)
    for cell in code_cells(notebook):
        assert len(cell.source.splitlines()) <= 16
    before = notebook.cells[0]
    for cell in notebook.cells[1:]:  # a sentence before each
        assert "markdown" in (before.cell_type, cell.cell_type), cell.source
        before = cell


def test_no_function_is_defined_in_two_notebooks():
    source = "\n".join(
        cell.source for path in NOTEBOOKS for cell in code_cells(nbformat.read(path, as_version=4))
    )
    defined = re.findall(r"^def (\w+)", source, re.MULTILINE)
    assert len(defined) == len(set(defined))
