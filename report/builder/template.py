"""From `report.md` to Markdown: placeholders filled in, and every mistake named by its line."""

import difflib
import re
import traceback
from collections.abc import Collection, Mapping
from pathlib import Path

import jinja2

from report.builder import escaping

_IMAGE = re.compile(r"!\[(?:[^\[\]]|\[[^\]]*\])*\]\((?P<path>[^)\s]*)\)(?P<attributes>\{[^}]*\})?")
_FIGURE = re.compile(r"figures/([\w-]+)\.svg")


class ReportError(ValueError):
    """Something in the report's source, or that it asks for, is wrong."""


def render(path: Path, placeholders: Mapping[str, object], figures: Collection[str]) -> str:
    """The Markdown of a report, its values in disguise (see `escaping`).

    Args:
        path: of report.md.
        placeholders: by name what the text may ask for: values, and functions that give them.
        figures: names of the figures that were exported.

    Raises:
        ReportError: the file cannot be read; or, with its line: an unknown placeholder, a figure
            that was not exported or has no alternative text, or what a placeholder's function
            objects to.
    """
    try:
        source = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ReportError(f"{path}: cannot be read as text in UTF-8 ({error})") from error
    for image in _IMAGE.finditer(source):
        if wrong := _objection(image, figures):
            line = source.count("\n", 0, image.start()) + 1
            raise ReportError(f"{path.name}, line {line}: {wrong}")
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(path.parent),
        undefined=jinja2.StrictUndefined,
        finalize=escaping.on,
        trim_blocks=True,
        lstrip_blocks=True,
        comment_start_string="<!--#",  # Jinja2's own is pandoc's for an identifier
        comment_end_string="#-->",
    )
    try:
        return environment.get_template(path.name).render(placeholders)
    except (jinja2.TemplateError, ValueError, TypeError, LookupError, RuntimeError) as error:
        wrong = _explained(error, placeholders)
        raise ReportError(f"{path.name}, line {_line(error, path)}: {wrong}") from error


def _objection(image: re.Match[str], figures: Collection[str]) -> str | None:
    """What is wrong with a figure of the source; None: nothing."""
    named = _FIGURE.fullmatch(image["path"])
    if not named:
        return (
            f"{image['path']!r} is no figure; write figures/NAME.svg, for which "
            f"{_instead(image['path'], figures)}"
        )
    if named[1] not in figures:
        return (
            f"no figure {named[1]} was exported; run the notebook that makes it, or "
            f"{_instead(named[1], figures)}"
        )
    if 'alt="' not in (image["attributes"] or ""):
        return (
            f"figure {named[1]} has no alternative text for those who cannot see it; write "
            '{alt="..."} behind it'
        )
    return None


def _line(error: Exception, path: Path) -> int:
    """The last line of the template that was being rendered; Jinja2 puts it into the traceback."""
    if isinstance(error, jinja2.TemplateSyntaxError):
        return error.lineno
    frames = traceback.extract_tb(error.__traceback__)
    return next((f.lineno or 0 for f in reversed(frames) if f.filename == str(path)), 0)


def _explained(error: Exception, placeholders: Mapping[str, object]) -> str:
    if isinstance(error, jinja2.TemplateSyntaxError):
        return f"{error.message}; placeholders are {{{{ name }}}}"
    named = re.match(r"'(\w+)' is undefined", str(error))
    if not named:
        return str(error)
    return f"there is no placeholder {named[1]!r}; {_instead(named[1], placeholders)}"


def _instead(name: str, names: Collection[str]) -> str:
    """What may have been meant, or else all there is."""
    close = difflib.get_close_matches(name, names, n=3)
    if close:
        return f"did you mean {' or '.join(close)}?"
    return f"there are {', '.join(sorted(names))}"
