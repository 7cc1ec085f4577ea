"""From the report's Markdown to a document tree, and from that to HTML, PDF and Markdown."""

from __future__ import annotations

import base64
import json
import shutil
import tempfile
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pypandoc
import typst

from helpers.reporting import fonts, shelf, tables
from helpers.reporting.tables import Node
from helpers.reporting.template import ReportError

READER = "markdown-raw_tex"  # which no output could show; values are no markup, see `disguise`


@dataclass(frozen=True)
class Document:
    """A report as pandoc's tree, its tables in place and its figures named `figures/NAME.svg`."""

    tree: dict[str, Any]

    @property
    def figures(self) -> list[str]:
        """Names of the figures, in order."""
        return _figures(self.tree)


def read(markdown: str, asked: list[tuple[pd.DataFrame, str]]) -> Document:
    """The document of this Markdown, with the tables that it asked for.

    A caption says so where its figure is the published one, for want of one made here.
    """
    text = pypandoc.convert_text(markdown, "json", format=READER)

    def change(node: Node) -> Node:
        if node["t"] == "Div":
            classes, pairs = tables.attributes(node)
            if classes == ["lab-table"]:
                return tables.table(*asked[int(pairs["number"])])
        if node["t"] == "Figure" and any(shelf.is_borrowed(_found(n)) for n in _figures(node)):
            node["c"][1][1][0]["c"] += [{"t": "Space"}, *tables.words("(Published figure.)")]
        return node

    return Document(tables.walk(json.loads(text), change))


def html(document: Document, template: Path, style: Path) -> str:
    """One self-contained page; figures and tables are numbered in their captions."""
    tree = _numbered(document.tree)
    pictures = {name: _picture(name) for name in document.figures}

    def embed(node: Node) -> Node:
        if node["t"] == "Image":
            node["c"][2][0] = pictures[_name(node)]
        return node

    page = _write(
        tables.walk(tree, embed), "html5", "--toc", "--toc-depth=3", "--section-divs", "--mathml",
        "--shift-heading-level-by=1", f"--template={template}",
    )  # fmt: skip
    look = fonts.faces() + style.read_text(encoding="utf-8")  # too long for pandoc's arguments
    return page.replace("/* style */", look, 1)


def pdf(document: Document, template: Path) -> bytes:
    """A4 pages; Typst numbers pages, figures and tables, and embeds its fonts and the figures.

    The same document gives the same bytes: the time in it is the date of the front matter.

    Raises:
        ReportError: Typst does not accept it.
    """
    source = _write(document.tree, "typst", f"--template={template}")
    with tempfile.TemporaryDirectory(prefix="report-") as work:
        folder = Path(work) / "figures"
        folder.mkdir()
        for name in document.figures:
            shutil.copy(_found(name), folder)
        (Path(work) / "report.typ").write_text(source)
        try:
            return typst.compile(
                str(Path(work) / "report.typ"),
                root=work,
                ignore_system_fonts=True,  # else it looks another way on every machine
                format="pdf",
                timestamp=_date(document.tree["meta"]),
                sys_inputs={"authors": json.dumps(_texts(document.tree["meta"].get("author")))},
            )
        except RuntimeError as error:
            raise ReportError(f"the PDF cannot be made: {error}") from error


def markdown(document: Document) -> str:
    """The report as a repository's web page shows it; its figures are PNG files beside it."""

    def plain(node: Node) -> Node:
        if node["t"] == "Image":
            node["c"][2][0] = f"figures/{_name(node)}.png"
        if node["t"] == "Div" and "table" in tables.attributes(node)[0]:
            return node["c"][1][0]  # no frame to scroll in
        return node

    tree = tables.walk(_numbered(document.tree), plain)
    title = {"t": "Header", "c": [1, ["", [], []], tree["meta"]["title"]["c"]]}
    tree |= {"meta": {}, "blocks": [title, *tree["blocks"]]}
    return _write(tree, "gfm")


def _write(tree: dict[str, Any], to: str, *options: str) -> str:
    return pypandoc.convert_text(
        json.dumps(tree), to, format="json", extra_args=["--wrap=none", *options]
    )


def _numbered(tree: dict[str, Any]) -> dict[str, Any]:
    """With 'Figure 1.' and 'Table 1.' before each caption."""
    counts = {"Figure": 0, "Table": 0}

    def number(node: Node) -> Node:
        if node["t"] in counts and node["c"][1][1]:
            counts[node["t"]] += 1
            prefix = {"t": "Strong", "c": tables.words(f"{node['t']} {counts[node['t']]}.")}
            node["c"][1][1][0]["c"][:0] = [prefix, {"t": "Space"}]
        return node

    return tables.walk(tree, number)


def _figures(tree: Node) -> list[str]:
    found: list[str] = []

    def note(node: Node) -> Node:
        if node["t"] == "Image":
            found.append(_name(node))
        return node

    tables.walk(tree, note)
    return found


def _name(image: Node) -> str:
    return Path(image["c"][2][0]).stem


def _found(name: str) -> Path:
    path = shelf.exported(name, ".svg")
    if path is None:
        raise ReportError(f"no figure {name} was exported; run the notebook that makes it")
    return path


def _picture(name: str) -> str:
    """The smaller of an exported figure's two files, as an address that holds it."""
    vector = _found(name)
    files = (vector, vector.with_suffix(".png"))
    smaller = min(filter(Path.is_file, files), key=lambda path: path.stat().st_size)
    kind = "svg+xml" if smaller == vector else "png"
    return f"data:image/{kind};base64,{base64.b64encode(smaller.read_bytes()).decode()}"


def _date(meta: dict[str, Any]) -> datetime:
    """Midnight of the front matter's date; where it has none, 1970, since now is no input.

    Raises:
        ReportError: it is no date.
    """
    text = "".join(_texts(meta.get("date")))
    try:
        day = date.fromisoformat(text or "1970-01-01")
    except ValueError as error:
        raise ReportError(
            f"report.md: the date is {text!r}; write it as 2026-01-31, or leave it empty"
        ) from error
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def _texts(value: Node | None) -> list[str]:
    """The plain text of each entry of a list in the front matter, or of the one that there is."""
    if value is None:
        return []
    if value["t"] == "MetaList":
        return [text for entry in value["c"] for text in _texts(entry)]
    return [value["c"]] if isinstance(value["c"], str) else [tables.plain(value["c"])]
