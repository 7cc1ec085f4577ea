"""Images a second: the lab beside plain Keras and PyTorch, as a table in Markdown.

`make bench` calls it. All sides train the same networks on images in memory, batch size 8, or
compute features or heat maps with them, in processes of their own that are asked in turn, so that
a noisy machine hits all. The figures are medians over rounds, the ratios medians of each round's
ratio. Beside them GFLOP/s reached, and the machine's own limit for a product of large matrices in
either precision, in the same run. A second table has the peak of memory of the large networks'
training, each in a process of its own.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

from rows import LOOKED_AT, ROWS, TRAINED

from helpers import environment, experiments, runtime

HERE = Path(__file__).parent
PEERS = HERE.parent / "build" / "peers" / "bin" / "python"
ROUNDS = 5
LARGE = ("task4_not_augmented", "task5_skin")  # whose memory is looked at


class Worker:
    """A process that answers one question a line, see `rows.serve`."""

    def __init__(self, *command: str) -> None:
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def ask(self, question: str) -> str:
        """Its answer.

        Raises:
            RuntimeError: the process has ended.
        """
        assert self.process.stdin and self.process.stdout
        self.process.stdin.write(question + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline().strip()
        if not answer:
            raise RuntimeError(
                f"{Path(self.process.args[1]).name} ended at {question!r}; see above"
            )
        return answer


def tensorflow(side: str) -> Worker:
    """A process of `lab` or of `plain` Keras."""
    return Worker(sys.executable, str(HERE / "keras_worker.py"), side)


def workers() -> dict[str, Worker]:
    """One process a side."""
    names = [*TRAINED, LOOKED_AT]
    settings = json.dumps({name: asdict(experiments.EXPERIMENTS[name]) for name in names})
    torch_worker = str(HERE / "torch_worker.py")
    return {
        "lab": tensorflow("lab"),
        "plain": tensorflow("plain"),
        "float32": Worker(str(PEERS), torch_worker, "float32", settings),
        "bfloat16": Worker(str(PEERS), torch_worker, "bfloat16", settings),
    }


def measure(sides: dict[str, Worker], name: str) -> dict[str, list[float]]:
    """Images a second of each side, round by round; plain Keras has no heat maps of its own."""
    sides = {n: side for n, side in sides.items() if (n, name) != ("plain", "gradcam")}
    for side in sides.values():
        side.ask(name)  # built, compiled and warm
    rounds = [{n: float(side.ask(name)) for n, side in sides.items()} for _ in range(ROUNDS)]
    return {n: [found[n] for found in rounds] for n in sides}


def line(name: str, found: dict[str, list[float]], flops: float) -> str:
    """A row of the table."""
    middle = {n: statistics.median(values) for n, values in found.items()}
    best = max(("float32", "bfloat16"), key=lambda n: middle[n])

    def ratio(other: str) -> str:
        if other not in found:
            return "-"
        pairs = zip(found["lab"], found[other], strict=True)
        return f"{statistics.median(a / b for a, b in pairs):.2f}"

    cells = [ROWS[name].title, f"{middle['lab']:,.1f}"]
    cells.append(f"{middle['plain']:,.1f}" if "plain" in middle else "-")
    cells += [f"{middle[best]:,.1f} ({best})", ratio("plain"), ratio(best)]
    cells += [f"{middle['lab'] * flops / 1e9:,.0f}", f"{middle[best] * flops / 1e9:,.0f}"]
    return f"| {' | '.join(cells)} |"


def peak(side: str, name: str) -> float:
    """MB of memory that a process of its own needed at most, in which this row alone is trained."""
    worker = tensorflow(side)
    for _ in range(2):
        worker.ask(name)
    return float(worker.ask("peak"))


if __name__ == "__main__":
    sides = workers()
    limits = {d: float(sides["lab"].ask(f"limit {d}")) for d in ("float32", "bfloat16")}
    versions = environment.versions() | {"precision": sides["lab"].ask("precision")}
    print(f"{runtime.hardware()['processor']}, {runtime.hardware()['cores']} cores; ", end="")
    print(", ".join(f"{name} {version}" for name, version in versions.items()))
    print("Matrix product: " + ", ".join(f"{d} {v:,.0f} GFLOP/s" for d, v in limits.items()))
    columns = ["images/s", "lab", "plain Keras", "PyTorch", "against Keras", "against PyTorch"]
    columns += ["GFLOP/s, lab", "PyTorch"]
    print(f"\n| {' | '.join(columns)} |\n{'|---' * len(columns)}|")
    names = sys.argv[1:] or list(ROWS)
    for name in names:
        flops = float(sides["lab"].ask(f"flops {name}"))
        print(line(name, measure(sides, name), flops), flush=True)
    large = [name for name in LARGE if name in names]
    if large:
        print("\n| peak of memory, MB | lab | plain Keras |\n|---|---|---|")
    for name in large:
        used = " | ".join(f"{peak(side, name):,.0f}" for side in ("lab", "plain"))
        print(f"| {ROWS[name].title} | {used} |", flush=True)
