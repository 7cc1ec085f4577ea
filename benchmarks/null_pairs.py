"""Are two sides of one and the same experiment called different? On recorded runs.

`python benchmarks/null_pairs.py report/published/records/quick` takes every run in that folder of
records, puts two groups of its own seeds in the place of two experiments, and prints a table in
Markdown: for each kind of finding that compares two, how many of such pairs it tells apart. Nothing
but chance can, and 95 % intervals let it do so in one of twenty at most. Groups are drawn at
random, `--splits 100` times a run instead of 20, and the second is renumbered, so that seeds pair.

As in the lab's verdicts, seeds that learned nothing, or are unstable, are left out where a verdict
leaves them out. A run counts that has six seeds left, and ten for groups of five.
"""

from __future__ import annotations

import argparse
import functools
import os
from collections import defaultdict
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from multiprocessing import get_context
from pathlib import Path
from typing import NamedTuple

import numpy as np

from helpers import records, results
from helpers.records import Run

SIZES = (3, 5)  # of a group


class Kind(NamedTuple):
    """A way to compare two experiments, and when it calls them different."""

    different: Callable[[Sequence[Run], Sequence[Run]], bool]
    any_network: bool = False  # whether those that learned nothing or are unstable count too


def of_clause(number: str, at_least: bool = False) -> Kind:
    """How a clause of the claims is decided.

    With `at_least` its contrary, less than a certain ratio, is no difference.
    """
    clause = next(clause for clause in results.CLAIMS if clause.number == number)
    return Kind(
        lambda a, b: clause.decide(a, b).side in ((1,) if at_least else (1, -1)),
        clause.any_network,
    )


def by_accuracy(a: Sequence[Run], b: Sequence[Run], at: results.At) -> bool:
    """By the interval that `results.compare` decides by, where both sides have learned."""
    return results.compare_accuracies(a, b, at).side() != 0


KINDS = {
    "lower_loss": of_clause("3.1"),
    "more_accurate, and compare at best": of_clause("3.2"),
    "compare at last": Kind(functools.partial(by_accuracy, at="last")),
    "wider_gap": of_clause("5.3"),
    "fluctuates_more, val_loss": of_clause("8.1"),
    "fluctuates_more, val_accuracy": of_clause("8.2"),
    "sooner_to_accuracy": of_clause("2.1"),
    "sooner_to_loss": of_clause("6.1"),
    "much_slower": of_clause("9.4", at_least=True),
    "many_times_faster": of_clause("12.1", at_least=True),
}


def load(root: Path) -> dict[str, list[Run]]:
    """By name the seeds of every run in a folder of records, published or a student's own.

    Raises:
        ValueError: a run is there with several settings.
        records.RecordError: a record is damaged.
    """
    found: dict[str, list[Run]] = defaultdict(list)
    for path in sorted([*root.glob("*/seed*/run.json"), *root.glob("*/*/seed*/run.json")]):
        found[path.relative_to(root).parts[0]].append(records.numbers(path.parent))
    for name, runs in found.items():
        runs.sort(key=lambda run: run.seed)
        if len({run.folder.parent for run in runs}) > 1:
            raise ValueError(f"{root / name} has records of several settings; keep one")
    return dict(found)


def deciding(runs: Sequence[Run]) -> list[Run]:
    """Those that have learned something and are not unstable."""
    return [run for run in runs if results.diagnose(run).decides]


def told_apart(
    kind: Kind,
    runs: Sequence[Run],
    used: Sequence[Run],
    size: int,
    splits: int,
    seed: int = 0,
) -> list[bool]:
    """Whether pairs of groups are called different; none where there are too few seeds.

    Args:
        kind: how they are compared.
        runs: the seeds of one run.
        used: of these the `deciding` ones.
        size: of a group.
        splits: how many pairs are drawn.
        seed: of the drawing.
    """
    of, rng = runs if kind.any_network else used, np.random.default_rng(seed)
    if len(of) < 2 * size:
        return []
    return [kind.different(*groups(of, size, rng)) for _ in range(splits)]


def groups(runs: Sequence[Run], size: int, rng: np.random.Generator) -> list[list[Run]]:
    """Two groups without a run in common, with seeds from 0 in both."""
    drawn = rng.permutation(len(runs))[: 2 * size].reshape(2, size)
    return [[replace(runs[i], seed=seed) for seed, i in enumerate(group)] for group in drawn]


def of_run(runs: Sequence[Run], splits: int) -> dict[tuple[str, int], list[bool]]:
    """For each kind, and each size of a group."""
    used = deciding(runs)
    return {
        (name, size): told_apart(kind, runs, used, size, splits)
        for name, kind in KINDS.items()
        for size in SIZES
    }


def cell(of_runs: Sequence[Sequence[bool]]) -> str:
    """The share of all pairs, how many there are, and of how many runs."""
    pairs = [different for of_one in of_runs for different in of_one]
    return f"{np.mean(pairs):.1%} of {len(pairs)}, {sum(map(bool, of_runs))}" if pairs else "-"


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("records", type=Path, help="a folder of records")
    parser.add_argument("--splits", type=int, default=20, help="pairs of groups of each run")
    asked = parser.parse_args()
    recorded = load(asked.records)
    os.environ["OPENBLAS_NUM_THREADS"] = "1"  # of each process, which all have a core
    with ProcessPoolExecutor(mp_context=get_context("spawn")) as pool:
        found = list(pool.map(functools.partial(of_run, splits=asked.splits), recorded.values()))
    print(f"{len(recorded)} runs. Called different, of so many pairs, of so many runs:\n")
    print(f"| kind | {' | '.join(f'{n} against {n} seeds' for n in SIZES)} |")
    print(f"|---{'|---' * len(SIZES)}|")
    for name in KINDS:
        cells = [cell([of_one[name, size] for of_one in found]) for size in SIZES]
        print(f"| {name} | {' | '.join(cells)} |")
