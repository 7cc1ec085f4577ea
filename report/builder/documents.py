"""From the report's Markdown to pandoc's tree, and from that to HTML, PDF and Markdown."""

import json
import os
from collections.abc import Callable
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

import matplotlib as mpl
import pypandoc
import typst

from report.builder import escaping, sources
from report.builder.template import ReportError
from report.builder.wholeness import checked

Node = dict[str, Any]
READER = "markdown-raw_tex"  # which no output could show; values are no markup, see `escaping`
COLUMNS = "--columns=1000000"  # of a table with a longer line pandoc would fix the widths
FONTS = Path(mpl.get_data_path()) / "fonts" / "ttf"


def read(markdown: str) -> Node:
    """The document of this Markdown, its figures named `figures/NAME.svg`.

    A caption says so where its figure is the published one, for want of one made here.

    Raises:
        ReportError: a figure was not exported, or is not whole.
    """

    def change(node: Node) -> None:
        if node["t"] == "Div":
            _mark_table(node)
        if node["t"] == "Figure" and any(map(sources.is_borrowed, _figures(node).values())):
            node["c"][1][1][0]["c"] += [{"t": "Space"}, {"t": "Str", "c": "(Published figure.)"}]

    text = pypandoc.convert_text(markdown, "json", format=READER, extra_args=[COLUMNS])
    return walk(json.loads(text), change)


def html(tree: Node, template: Path, style: Path) -> str:
    """One page that needs no other file; figures and tables are numbered in their captions."""
    figures = _figures(tree)

    def smaller(name: str) -> str:
        files = (figures[name], figures[name].with_suffix(".png"))
        whole = map(checked, filter(Path.is_file, files))
        return str(min(whole, key=lambda path: path.stat().st_size))

    return _write(
        _numbered(tree, smaller), "html5", "--standalone", "--embed-resources", "--section-divs",
        "--toc", "--toc-depth=3", "--mathml", "--shift-heading-level-by=1",
        f"--template={template}", f"--css={style.name}",
        f"--resource-path={style.parent}{os.pathsep}{FONTS}",
    )  # fmt: skip


def pdf(tree: Node, template: Path) -> bytes:
    """A4 pages; Typst numbers pages, figures and tables, and embeds its fonts and the figures.

    The same document gives the same bytes: the time in it is the date of the front matter.

    Raises:
        ReportError: Typst does not accept it.
    """
    source = _write(tree, "typst", f"--template={template}").encode()
    figures = {f"figures/{name}.svg": path for name, path in _figures(tree).items()}
    try:
        return typst.compile(
            {"main.typ": source} | figures,  # type: ignore[call-overload] # its stubs lack it
            ignore_system_fonts=True,  # else it looks another way on every machine
            format="pdf",
            timestamp=_date(tree["meta"]),
            sys_inputs={"authors": json.dumps(_texts(tree["meta"], "author"))},
        )
    except RuntimeError as error:
        raise ReportError(f"the PDF cannot be made: {error}") from error


def markdown(tree: Node) -> str:
    """The report as a repository's web page shows it; its figures are PNG files beside it."""

    def unframe(node: Node) -> None:
        if node["t"] == "Div" and "table" in node["c"][0][1]:
            node |= node["c"][1][0]

    title = {"t": "Header", "c": [1, ["", [], []], tree["meta"]["title"]["c"]]}
    tree = walk(_numbered(tree, "figures/{}.png".format), unframe)
    return _write(tree | {"meta": {}, "blocks": [title, *tree["blocks"]]}, "gfm")


def walk(tree: Any, change: Callable[[Node], object]) -> Any:
    """A copy with each node changed, from the leaves up, and every disguise taken off."""
    if isinstance(tree, str):
        return escaping.off(tree)
    if isinstance(tree, list):
        return [walk(child, change) for child in tree]
    if isinstance(tree, dict):
        tree = {key: walk(child, change) for key, child in tree.items()}
        if "t" in tree:
            change(tree)
    return tree


def _write(tree: Node, to: str, *options: str) -> str:
    return pypandoc.convert_text(
        json.dumps(tree), to, format="json", extra_args=["--wrap=none", *options]
    )


def _mark_table(frame: Node) -> None:
    """Give a table of `tables.markdown` what Markdown cannot say: row heads and broad columns."""
    (_, _, pairs), blocks = frame["c"]
    heads = dict(pairs).get("heads")
    if heads is None:
        return
    pairs.remove(["heads", heads])
    *_, (_, header), (body,), _ = blocks[0]["c"]
    body[1] = int(heads)
    for rows, scope, count in ((header, "col", None), (body[3], "row", int(heads))):
        for _, cells in rows:
            for cell in cells:
                length = len(_plain(cell[4]))
                cell[0][1] = ["long"] if length > 60 else ["wide"] if length > 24 else []
            for cell in cells[:count]:
                cell[0][2] = [["scope", scope]]


def _numbered(tree: Node, address: Callable[[str], str]) -> Node:
    """With 'Figure 1.' and 'Table 1.' before each caption, and each figure at its address."""
    counts = {"Figure": 0, "Table": 0}

    def change(node: Node) -> None:
        if node["t"] == "Image":
            node["c"][2][0] = address(_name(node))
        if node["t"] in counts and node["c"][1][1]:
            counts[node["t"]] += 1
            number = {"t": "Str", "c": f"{node['t']} {counts[node['t']]}."}
            node["c"][1][1][0]["c"][:0] = [{"t": "Strong", "c": [number]}, {"t": "Space"}]

    return walk(tree, change)


def _figures(tree: Any) -> dict[str, Path]:
    """The files of the figures by name, in order.

    Raises:
        ReportError: there is none of this name, or it is not whole.
    """
    names: list[str] = []
    walk(tree, lambda node: names.append(_name(node)) if node["t"] == "Image" else None)
    exported = sources.exported(".svg")
    for name in names:
        if name not in exported:
            raise ReportError(f"no figure {name} was exported; run the notebook that makes it")
    return {name: checked(exported[name]) for name in names}


def _name(image: Node) -> str:
    return Path(image["c"][2][0]).stem


def _plain(tree: Any) -> str:
    """What can be read of inline nodes, whatever stands around it."""
    found: list[Any] = []
    walk(tree, lambda node: found.append(node.get("c", " ")))
    return "".join(text for text in found if isinstance(text, str))


def _date(meta: Node) -> datetime:
    """Midnight of the front matter's date; where it has none, 1970, since now is no input.

    Raises:
        ReportError: it is no date.
    """
    text = "".join(_texts(meta, "date"))
    try:
        return datetime.combine(date.fromisoformat(text or "1970-01-01"), time(), UTC)
    except ValueError as error:
        raise ReportError(
            f"report.md: the date is {text!r}; write it as 2026-01-31, or leave it empty"
        ) from error


def _texts(meta: Node, key: str) -> list[str]:
    """The plain text of an entry of the front matter, or of each in a list; [] without one."""
    value = meta.get(key, {"t": "MetaList", "c": []})
    return [_plain(entry) for entry in (value["c"] if value["t"] == "MetaList" else [value])]
