import os
import subprocess
import sys
import textwrap

import pytest

from helpers import __main__, datasets, results, settings


def test_help_needs_neither_tensorflow_nor_pandas():
    code = (
        "import sys\nfrom helpers.__main__ import main\n"
        "try: main(['--help'])\nfinally: print({'tensorflow', 'pandas', 'numpy'} & {*sys.modules})"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "train runs" in done.stdout
    assert done.stdout.endswith("set()\n")


def test_list_shows_the_runs_of_the_profile(capsys):
    assert __main__.main(["list"]) == 0
    assert "task1a_dropout" in capsys.readouterr().out


def test_run_prints_figures_and_readings(lab, capsys):
    assert __main__.main(["run", "task1a_plain"]) == 0
    printed = capsys.readouterr().out
    images = "skin, own images: train 8 Mel + 8 Nev; validation 4 Mel + 4 Nev"
    assert printed.startswith(images)
    assert "sensitivity (Mel)" in printed
    assert "because" in printed  # the column with what the curve was read by
    assert (lab.results / "task1a_plain").is_dir()


def test_an_error_is_one_line_and_a_status(lab, capsys):
    assert __main__.main(["run", "task99"]) == 1
    error = capsys.readouterr().err
    assert error.startswith("python -m helpers: no run or task is called 'task99'")
    assert error.count("\n") == 1


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (OSError(28, "No space left on device", "/a/b"), "'/a/b': No space left on device; see"),
        (OSError(28, "No space left on device"), "the disk: No space left on device; see"),
        (FileExistsError(17, "File exists", b"/a"), "'/a': File exists; see"),
        (OSError("of a kind of its own"), "the disk: of a kind of its own; see"),
    ],
)
def test_a_fault_of_the_disk_is_one_line(monkeypatch, capsys, error, said):
    def fail():
        raise error

    monkeypatch.setattr(datasets, "demo_images", fail)
    assert __main__.main(["demo"]) == 1
    printed = capsys.readouterr().err
    assert printed.startswith(f"python -m helpers: {said}") and printed.count("\n") == 1


def test_a_character_that_a_terminal_cannot_show_ends_nothing():
    code = """
        import pandas as pd
        from helpers import __main__, experiments
        experiments.table = lambda rows: pd.Series(["0.5 \u00b1 0.1 \u2264 1"])
        print(__main__.main(["list"]))
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)],
        capture_output=True,
        env=os.environ | {"PYTHONIOENCODING": "ascii"},
        check=True,
    )
    assert b"0.5 ? 0.1 ? 1" in done.stdout and done.stdout.endswith(b"0\n")


def test_notebooks_go_where_they_are_told_and_the_report_comes_after(lab, monkeypatch):
    from helpers import notebooks
    from report import builder

    done = []
    monkeypatch.setattr(notebooks, "execute", lambda *given: done.append(given[:2]))
    monkeypatch.setattr(builder, "build", lambda: done.append("report") or [])
    assert __main__.main(["notebooks", "task3", "--report"]) == 0
    path = notebooks.FOLDER / "task3_augmentation.ipynb"
    assert done == [([path], lab.build / "notebooks"), "report"]
    assert __main__.main(["notebooks", "--in-place", "task3"]) == 0
    assert done[2:] == [([path], notebooks.FOLDER)]


def test_a_wrong_notebook_is_one_line_and_a_status(capsys):
    assert __main__.main(["notebooks", "task3", "task99"]) == 1
    assert capsys.readouterr().err.startswith("python -m helpers: there is no notebook")


def test_it_can_be_called_from_anywhere(tmp_path):
    environment = os.environ | {"LAB_PROFILE": "wrong"}
    done = subprocess.run(
        [sys.executable, "-m", "helpers", "list"],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "LAB_PROFILE is 'wrong'" in done.stderr
    assert settings.ROOT.joinpath("helpers").is_dir()


def test_claims_that_no_run_decides_are_open(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(settings, "_current", settings.current())
    settings.use(results=tmp_path)
    assert __main__.main(["claims"]) == 0
    printed = capsys.readouterr().out
    assert printed.count(": not run") == len(results.CLAIMS) and "heavy overfitting" in printed
