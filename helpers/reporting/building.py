"""One call from `report.md` to the files of a report."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import watchfiles

from helpers import settings
from helpers.reporting import documents, shelf, template
from helpers.reporting.content import Content
from helpers.reporting.documents import Document

HERE = settings.ROOT / "report"
OUTPUT = HERE / "build"


def document(source: Path = HERE / "report.md") -> Document:
    """The report in pandoc's tree.

    Raises:
        ReportError: something in its source is wrong; the message names the line.
    """
    content = Content()
    text = template.render(source, content.placeholders(), shelf.names(".svg"))
    return documents.read(text, content.tables)


def build(source: Path = HERE / "report.md", output: Path = OUTPUT) -> list[Path]:
    """Make `report.html` and `report.pdf`.

    Args:
        source: the report's text.
        output: folder of the two.

    Returns:
        Their paths.

    Raises:
        ReportError: something in its source is wrong; what was built before is kept.
    """
    made = document(source)
    with ThreadPoolExecutor() as pool:  # both wait for other programs, most of the time
        printed = pool.submit(documents.pdf, made, HERE / "template.typ")
        page = documents.html(made, HERE / "template.html", HERE / "style.css")
        pages = printed.result()
    output.mkdir(parents=True, exist_ok=True)
    (output / "report.html").write_text(page, encoding="utf-8")
    (output / "report.pdf").write_bytes(pages)
    return [output / "report.html", output / "report.pdf"]


def watch(source: Path = HERE / "report.md", output: Path = OUTPUT) -> Iterator[str]:
    """Build, and build again whenever the text, a template, a figure or a record changes.

    Yields:
        After each build what there is to say of it: the files made, or what is wrong.
    """
    lab = settings.current()
    folders = [folder for folder in (source.parent, lab.figures, lab.results) if folder.is_dir()]
    changes = watchfiles.watch(*folders, watch_filter=lambda _, path: not _made(path, output))
    while True:
        try:
            yield ", ".join(map(str, build(source, output)))
        except template.ReportError as error:
            yield str(error)
        if next(changes, None) is None:  # interrupted
            return
        shelf.runs.cache_clear()


def _made(path: str, output: Path) -> bool:
    return Path(path).is_relative_to(output) or Path(path).name.startswith(".")
