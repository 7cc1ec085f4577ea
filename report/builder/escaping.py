"""Values among markup: a class called `<b>|$x$` is that in the report, and nothing else.

Between Jinja2 and pandoc every character of a value that Markdown could read as markup is another
one, out of Unicode's private area; once pandoc has read the text it becomes itself again. That
holds in paragraphs, tables, captions, links and code alike, where no single escape would.
"""

import re
from string import punctuation

_FIRST = 0xE100
_ON = {ord(c): chr(_FIRST + ord(c)) for c in punctuation}
_OFF = {ord(hidden): chr(plain) for plain, hidden in _ON.items()}
_SPACE = re.compile(r"[ \t\r\n]+")  # begins a paragraph or, four of them, a block of code
_ON |= dict.fromkeys(range(_FIRST, _FIRST + 128), "\N{REPLACEMENT CHARACTER}")


class Markdown(str):
    """Text that is markup, and stays as it is."""


def on(value: object) -> str:
    """A value as text that no Markdown reader takes for markup; `Markdown` as it is."""
    if isinstance(value, Markdown):
        return value
    return _SPACE.sub(" ", str(value)).strip(" ").translate(_ON)


def off(text: str) -> str:
    """The text as it was before `on`."""
    return text.translate(_OFF)
