"""One call from `report.md` to the files of a report."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import watchfiles

from helpers import settings
from helpers.cache import replaced
from report.builder import documents, placeholders, sources, template
from report.builder.documents import Node

HERE = settings.ROOT / "report"
SOURCE = HERE / "report.md"
OUTPUT = HERE / "build"


def document(source: Path = SOURCE) -> Node:
    """The report as pandoc's tree.

    Raises:
        ReportError: something in its source is wrong; the message names the line.
    """
    return documents.read(template.render(source, placeholders.named(), sources.exported(".svg")))


def build(source: Path = SOURCE, output: Path = OUTPUT) -> list[Path]:
    """Make `report.html` and `report.pdf`.

    Args:
        source: the report's text.
        output: folder of the two.

    Returns:
        Their paths.

    Raises:
        ReportError: something in its source is wrong; what was built before is kept.
        FileError: it cannot be written; what was built before is kept.
    """
    tree = document(source)
    with ThreadPoolExecutor() as pool:  # both wait for other programs, most of the time
        printed = pool.submit(documents.pdf, tree, HERE / "template.typ")
        page = documents.html(tree, HERE / "template.html", HERE / "style.css")
        pages = printed.result()
    made = {output / "report.html": page.encode(), output / "report.pdf": pages}
    for path, content in made.items():
        with replaced(path) as part:
            part.write_bytes(content)
    return list(made)


def watch(source: Path = SOURCE, output: Path = OUTPUT) -> Iterator[str]:
    """Build, and build again whenever the text, a template, a figure or a record changes.

    Args:
        source: as for `build`.
        output: as for `build`.

    Yields:
        After each build what there is to say of it: the files made, or what is wrong.
    """

    def matters(_: watchfiles.Change, path: str) -> bool:
        return not (Path(path).is_relative_to(output) or Path(path).name.startswith("."))

    lab = settings.current()
    folders = [folder for folder in (source.parent, lab.figures, lab.results) if folder.is_dir()]
    changes = watchfiles.watch(*folders, watch_filter=matters)
    while True:
        try:
            yield ", ".join(map(str, build(source, output)))
        except template.ReportError as error:
            yield str(error)
        if next(changes, None) is None:  # interrupted
            return
        sources.runs.cache_clear()
