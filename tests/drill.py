"""Everything that the lab writes, killed, on a full disk and where nothing may be written.

    .venv/bin/python tests/drill.py [WRITER ...]

For each writer, ten times: a whole file is there, a process that writes it anew is killed within
the write, and the file must be whole still; the next write must succeed and leave nothing beside
it. Then the same on a disk that is full after 400 kB and on one that may not be written to, where
the process must end with one line. Prints tried and survived; the exit status is 1 where one was
not.

A full disk is a small tmpfs where this may mount one (as root), else a limit on the size of files;
a disk that may not be written to is that tmpfs mounted again, else a folder without permission.
"""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
MOMENTS = 10
SMALL = 400_000  # bytes of the full disk

BEGIN = """
import os, resource, sys
from pathlib import Path
from helpers import settings
here = Path(os.environ["DRILL"])

def write(action):
    if os.environ.get("DRILL_LIMIT"):
        resource.setrlimit(resource.RLIMIT_FSIZE, (int(os.environ["DRILL_LIMIT"]),) * 2)
    print("ready", flush=True)
    try:
        action()
    except (RuntimeError, ValueError) as error:
        print(f"one line: {error}", flush=True)
        sys.exit(1)
    print("done", flush=True)
"""


@dataclass(frozen=True)
class Writer:
    """Something that writes files below `here`."""

    code: str  # calls `write` with what writes them
    files: tuple[str, ...]  # that are there afterwards
    whole: Callable[[Path], object]  # raises where a file cannot be read to its end
    keeps: bool = True  # what cannot be written is an error; else it is done without, and said


def _picture(path: Path) -> None:
    sys.path.insert(0, str(ROOT))
    from report.builder.wholeness import checked

    checked(path)


def _page(path: Path) -> None:
    end = b"</html>\n" if path.suffix == ".html" else b"%%EOF"
    assert path.read_bytes().rstrip().endswith(end.strip()), f"{path} has no end"


def _notebook(path: Path) -> None:
    import nbformat

    nbformat.validate(nbformat.read(path, as_version=4))


def _images(path: Path) -> None:
    count = len(list(path.rglob("*.png")))
    assert count in (0, 240), f"{path} has {count} pictures and masks"


def _record(path: Path) -> None:
    from helpers import records

    assert records.read(path.resolve()) is not None, f"{path} is damaged"


WRITERS = {
    "figure": Writer(
        """
import numpy as np
from helpers import plotting
settings.use(figures=here)
noise = np.random.default_rng(0).random((3, 300, 300))
figure = plotting.panel({str(i): one for i, one in enumerate(noise)}, "noise", columns=3)
write(lambda: plotting.save_figure(figure, "noise"))
""",
        ("noise.png", "noise.svg"),
        _picture,
    ),
    "table": Writer(
        """
import pandas as pd
from helpers import results
settings.use(figures=here)
table = pd.DataFrame({"a": ["x" * 50] * 20_000}).rename_axis("row")
write(lambda: results.save_table(table, "long"))
""",
        ("long.csv",),
        _picture,
    ),
    "notebook": Writer(
        """
import nbformat
from helpers import notebooks
notebook = nbformat.v4.new_notebook()
notebook.cells = [nbformat.v4.new_markdown_cell("x" * 1000) for _ in range(2000)]
write(lambda: notebooks._write(notebook, here / "task.ipynb"))
""",
        ("task.ipynb",),
        _notebook,
    ),
    "report": Writer(
        """
from report import builder
settings.use(figures=here / "none", results=here / "none")
write(lambda: builder.build(output=here))
""",
        ("report.html", "report.pdf"),
        _page,
    ),
    "demo images": Writer(
        """
import shutil
from helpers.datasets import DatasetError, demo, phantoms
settings.use(build=here)
phantoms.COUNTS["bone"] = {s: dict.fromkeys(("AFF", "NFF"), 30) for s in ("train", "validation")}
shutil.rmtree(here / "demo" / "bone", ignore_errors=True)
write(lambda: demo.folder("bone"))
""",
        ("demo/bone",),
        _images,
    ),
    "record": Writer(
        """
from dataclasses import replace
from helpers import experiments, training
settings.use(results=here / "results", data="demo", profile="smoke", precision="float32")
row = replace(experiments.get("task1b_dropout", "smoke"), name="tiny", epochs=30, base=8)
training.run(replace(row, epochs=1, name="warm"))
write(lambda: training.run(replace(row, epochs=30)))
""",
        (),
        _record,
    ),
}


def start(writer: Writer, here: Path, **more: str) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", BEGIN + writer.code],
        cwd=ROOT,
        env=os.environ | {"DRILL": str(here), "TF_CPP_MIN_LOG_LEVEL": "3"} | more,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout
    while (line := process.stdout.readline()) not in ("ready\n", ""):
        pass
    assert line, f"it did not begin: {process.communicate()[1][-2000:]}"
    return process


def finish(process: subprocess.Popen[str]) -> tuple[str, str]:
    """What a process still prints; `communicate` would lose what was read with its first line."""
    assert process.stdout and process.stderr
    said = process.stdout.read(), process.stderr.read()
    process.wait()
    return said


def check(writer: Writer, here: Path) -> str:
    """What is wrong with the files of a writer; empty where nothing is."""
    records = list(here.glob("results/tiny/*/seed0")) if not writer.files else []
    try:
        for path in (*(here / name for name in writer.files), *records):
            if path.exists():
                writer.whole(path)
    except Exception as error:  # whatever a damaged file raises
        return f"{type(error).__name__}: {error}"
    return ""


def leftovers(here: Path) -> list[str]:
    return [str(path) for path in here.rglob(".*") if "part" in path.name]


def killed(writer: Writer, here: Path) -> Iterator[str]:
    """For each of ten moments what was wrong."""
    began = time.monotonic()
    process = start(writer, here)
    ready = time.monotonic()
    finish(process)
    lasts = time.monotonic() - ready
    assert process.returncode == 0, f"it cannot be written at all, {ready - began:.1f} s"
    for moment in range(MOMENTS):
        if not writer.files:
            shutil.rmtree(here / "results", ignore_errors=True)
        process = start(writer, here)
        time.sleep(lasts * (moment + 0.5) / MOMENTS)
        process.send_signal(signal.SIGKILL)
        finish(process)
        wrong = check(writer, here)
        again = start(writer, here)
        said, errors = finish(again)
        if again.returncode:
            wrong += f"; the next failed: {said}{errors[-500:]}"
        yield wrong or check(writer, here) or " ".join(leftovers(here))


@contextlib.contextmanager
def small_disk(folder: Path) -> Iterator[bool]:
    """A tmpfs at the folder, and whether there is one."""
    folder.mkdir(parents=True, exist_ok=True)
    mount = ["mount", "-t", "tmpfs", "-o", f"size={SMALL}", "tmpfs", str(folder)]
    try:
        mounted = (
            os.name == "posix"
            and subprocess.run(mount, check=False, capture_output=True).returncode == 0
        )
    except FileNotFoundError:
        mounted = False
    try:
        yield mounted
    finally:
        if mounted:
            subprocess.run(["umount", str(folder)], check=False)


def faulty(writer: Writer, here: Path, may_write: bool) -> str:
    """What is wrong after a write that the disk does not allow."""
    with small_disk(here) as mounted:
        more: dict[str, str] = {}
        if not may_write and mounted:
            subprocess.run(["mount", "-o", "remount,ro", str(here)], check=True)
        elif not may_write:
            here.chmod(0o500)
        elif not mounted:
            more["DRILL_LIMIT"] = str(SMALL // 8)
        try:
            process = start(writer, here, **more)
            said, errors = finish(process)
        except AssertionError as error:  # it wrote before
            said, errors = f"one line: {str(error).splitlines()[-1]}", ""
        finally:
            here.chmod(0o700) if not mounted else None
        if "one line: " not in said:
            return f"it said {said!r} {errors[-500:]!r}"
        if said.count("\n") > said.count("done\n") + 1:
            return f"it said more than a line: {said!r}"
        return check(writer, here) or " ".join(leftovers(here))


def main(names: list[str]) -> int:
    failed = 0
    for name in names or list(WRITERS):
        writer = WRITERS[name]
        with tempfile.TemporaryDirectory() as work:
            wrong = list(killed(writer, Path(work, "killed")))
            faults = {
                "full disk": faulty(writer, Path(work, "full"), may_write=True),
                "read-only": faulty(writer, Path(work, "closed"), may_write=False),
            }
        survived = sum(not one for one in wrong)
        said = [f"killed {survived} of {len(wrong)} survived"]
        said += [
            f"{fault} {'not survived' if one else 'survived'}" for fault, one in faults.items()
        ]
        print(f"{name}: {', '.join(said)}", flush=True)
        for one in filter(None, [*wrong, *faults.values()]):
            print(f"  {one}", flush=True)
            failed += 1
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
