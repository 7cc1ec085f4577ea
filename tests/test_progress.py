import sys

import pytest

from helpers import progress, settings


@pytest.fixture
def watched(monkeypatch):
    monkeypatch.setattr(settings, "_current", settings.current())
    return lambda yes: settings.use(progress=yes)


def test_nothing_is_printed_when_nobody_watches(watched, capsys):
    watched(False)
    with progress.bar(3, "decoding", "image") as bar:
        bar.update(3)
    assert capsys.readouterr() == ("", "")


def test_whoever_watches_sees_what_is_done_and_how_far(watched, capsys):
    watched(True)
    with progress.bar(3, "decoding", "image") as bar:
        bar.update(2)
        bar.refresh()
    shown = capsys.readouterr().err
    assert "decoding" in shown
    assert "2/3" in shown
    assert shown.endswith("\r")  # it is wiped away at the end


def test_who_watches_is_seen_from_the_terminal_and_from_jupyter(monkeypatch):
    monkeypatch.delenv("VSCODE_PID", raising=False)
    monkeypatch.delenv("JPY_SESSION_NAME", raising=False)
    monkeypatch.setattr(sys.stderr, "isatty", lambda: False)
    assert not settings._somebody_watches()
    monkeypatch.setenv("JPY_SESSION_NAME", "notebook.ipynb")
    assert settings._somebody_watches()
