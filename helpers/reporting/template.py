"""From `report.md` to Markdown: placeholders filled in, and every mistake named by its line."""

from __future__ import annotations

import difflib
import re
import traceback
from collections.abc import Iterable, Mapping
from pathlib import Path

import jinja2

from helpers.reporting import disguise

_IMAGE = re.compile(r"!\[(?:[^\[\]]|\[[^\]]*\])*\]\((?P<path>[^)\s]*)\)(?P<attributes>\{[^}]*\})?")
_FIGURE = re.compile(r"figures/([\w-]+)\.svg")
_PLACEHOLDER = re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)
_RULE = re.compile(r"\|(\s*:?-+:?\s*\|)+\s*")


class ReportError(ValueError):
    """Something in the report's source, or that it asks for, is wrong."""


def render(path: Path, placeholders: Mapping[str, object], figures: Iterable[str]) -> str:
    """The Markdown of a report, its values in disguise (see `disguise`).

    Args:
        path: of report.md.
        placeholders: by name what the text may ask for: values, and functions that give them.
        figures: names of the figures that were exported.

    Raises:
        ReportError: the file cannot be read; or, with its line: an unknown placeholder, a figure
            that was not exported or has no alternative text, a table with a row too short or too
            long, or what a placeholder's function objects to.
    """
    try:
        source = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ReportError(f"{path}: cannot be read as text in UTF-8 ({error})") from error
    _check_figures(source, path, set(figures))
    _check_tables(source, path)
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(path.parent),
        undefined=jinja2.StrictUndefined,
        finalize=disguise.on,
        trim_blocks=True,
        lstrip_blocks=True,
        comment_start_string="<!--#",  # Jinja2's own is pandoc's for an identifier
        comment_end_string="#-->",
        keep_trailing_newline=True,
    )
    try:
        return environment.get_template(path.name).render(placeholders)
    except jinja2.TemplateSyntaxError as error:
        raise _error(
            path, error.lineno, f"{error.message}; placeholders are {{{{ name }}}}"
        ) from error
    except jinja2.UndefinedError as error:
        raise _error(path, _line(error, path), _unknown(str(error), placeholders)) from error
    except (ValueError, TypeError, LookupError, RuntimeError) as error:
        raise _error(path, _line(error, path), str(error)) from error


def _error(path: Path, line: int, what: str) -> ReportError:
    return ReportError(f"{path.name}, line {line}: {what}")


def _line(error: Exception, path: Path) -> int:
    """The last line of the template that was being rendered; Jinja2 puts it into the traceback."""
    frames = traceback.extract_tb(error.__traceback__)
    return next((f.lineno or 0 for f in reversed(frames) if f.filename == str(path)), 0)


def _unknown(message: str, placeholders: Mapping[str, object]) -> str:
    named = re.match(r"'(\w+)' is undefined", message)
    if not named:
        return message
    return f"there is no placeholder {named[1]!r}; {_instead(named[1], placeholders)}"


def _instead(name: str, names: Iterable[str]) -> str:
    """What may have been meant, or else all there is."""
    close = difflib.get_close_matches(name, names, n=3)
    return (
        f"did you mean {' or '.join(close)}?" if close else f"there are {', '.join(sorted(names))}"
    )


def _check_figures(source: str, path: Path, figures: set[str]) -> None:
    for image in _IMAGE.finditer(source):
        line = source.count("\n", 0, image.start()) + 1
        named = _FIGURE.fullmatch(image["path"])
        if not named:
            raise _error(
                path, line, f"{image['path']!r} is no figure; write figures/NAME.svg, for which "
                f"{_instead(image['path'], figures)}"
            )  # fmt: skip
        if named[1] not in figures:
            raise _error(
                path, line, f"no figure {named[1]} was exported; run the notebook that makes it, "
                f"or {_instead(named[1], figures)}"
            )  # fmt: skip
        if 'alt="' not in (image["attributes"] or ""):
            raise _error(
                path, line, f"figure {named[1]} has no alternative text for those who cannot see "
                'it; write {alt="..."} behind it'
            )  # fmt: skip


def _check_tables(source: str, path: Path) -> None:
    """Pandoc would drop the cells of a row that is too long, and show a broken table as text."""

    def blank(found: re.Match[str]) -> str:
        return "x" + "\n" * found[0].count("\n")

    lines = _PLACEHOLDER.sub(blank, source).replace(r"\|", "x").split("\n")
    fenced, columns, begin = False, 0, 0
    for number, line in enumerate(lines, start=1):
        fenced ^= line.startswith("```")
        if fenced or not line.lstrip().startswith("|"):
            if columns and begin == number - 1:
                raise _error(path, begin, "a table has a line |---|---| below its first line")
            columns = 0
            continue
        cells = line.strip().removeprefix("|").removesuffix("|").count("|") + 1
        if not columns:
            columns, begin = cells, number
        elif number == begin + 1 and not _RULE.fullmatch(line.strip()):
            raise _error(
                path, number, "the second line of a table must be |---|---|, a part a column"
            )
        if cells != columns:
            raise _error(
                path, number, f"this row of the table has {cells} cells, its first line {columns}"
            )
