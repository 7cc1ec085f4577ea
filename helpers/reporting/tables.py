"""Tables and figures of a report, in pandoc's document tree."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pandas as pd

from helpers.reporting import disguise

Node = dict[str, Any]
_NONE: list[Any] = ["", [], []]  # identifier, classes, attributes
_LEFT = {"t": "AlignLeft"}


def table(frame: pd.DataFrame, caption: str) -> Node:
    """A table whose index columns are row headers, in a frame that scrolls on a narrow screen.

    Every cell is text and nothing else, whatever is in it.
    """
    heads = frame.index.nlevels
    flat = frame.reset_index()
    columns = [[_LEFT, {"t": "ColWidthDefault"}] for _ in flat.columns]
    header = _row([_cell(name, "col") for name in flat.columns])
    body = [
        _row([_cell(value, "row" if i < heads else None) for i, value in enumerate(values)])
        for values in flat.itertuples(index=False)
    ]
    content = [
        _NONE,
        [None, [{"t": "Plain", "c": words(caption)}]],
        columns,
        [_NONE, [header]],
        [[_NONE, heads, [], body]],
        [_NONE, []],
    ]
    scrolls = ["", ["table"], [["tabindex", "0"], ["role", "region"], ["aria-label", caption]]]
    return {"t": "Div", "c": [scrolls, [{"t": "Table", "c": content}]]}


def words(text: object) -> list[Node]:
    """Text as words and the spaces between them."""
    nodes: list[Node] = []
    for word in str(text).split(" "):
        nodes += [{"t": "Space"}, {"t": "Str", "c": word}]
    return nodes[1:]


def plain(nodes: Sequence[Node]) -> str:
    """What can be read of inline nodes, whatever stands around it."""
    found: list[str] = []

    def note(node: Node) -> Node:
        text = node.get("c", " ")
        found.extend([text] if isinstance(text, str) else [])
        return node

    walk(nodes, note)
    return "".join(found)


def walk(node: Any, change: Callable[[Node], Node]) -> Any:
    """The tree with every node replaced, from the leaves up, and every disguise taken off."""
    if isinstance(node, str):
        return disguise.off(node)
    if isinstance(node, list):
        return [walk(child, change) for child in node]
    if isinstance(node, dict):
        node = {key: walk(child, change) for key, child in node.items()}
        return change(node) if "t" in node else node
    return node


def attributes(node: Node) -> tuple[list[str], dict[str, str]]:
    """Classes, and attributes by name, of a node that has them."""
    _, classes, pairs = node["c"][0]
    return classes, dict(pairs)


def _row(cells: Sequence[list[Any]]) -> list[Any]:
    return [_NONE, list(cells)]


def _cell(value: object, scope: str | None) -> list[Any]:
    length = len(str(value))
    wide = ["long"] if length > 60 else ["wide"] if length > 24 else []  # for the page's columns
    attribute = ["", wide, [["scope", scope]] if scope else []]
    return [attribute, _LEFT, 1, 1, [{"t": "Plain", "c": words(value)}]]
