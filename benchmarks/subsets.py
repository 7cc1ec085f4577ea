"""How much do the verdicts on the original report depend on which seeds were trained?

`python benchmarks/subsets.py report/published/records/quick` takes five of the seeds of a folder of
records in every possible way, the same for all runs, 252 ways of ten, and prints a table in
Markdown: each clause of the original report's claims, and how often each verdict was given to it.
Below it stand the clauses that some seeds confirm and others contradict; there should be none.
`--size 3` takes three, and `--every 10` only every tenth way.
"""

from __future__ import annotations

import argparse
import functools
import itertools
import os
from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

from null_pairs import load

from helpers import results
from helpers.records import Run


def words(runs: Mapping[str, Sequence[Run]], seeds: Sequence[int]) -> list[str]:
    """The verdict on each clause by these seeds alone."""
    chosen = {name: [run for run in of if run.seed in seeds] for name, of in runs.items()}
    return [verdict.word for verdict in results.judge(results.CLAIMS, chosen)]


def complete(runs: Mapping[str, Sequence[Run]]) -> dict[str, Sequence[Run]]:
    """The runs that decide a clause and have as many seeds as any of them."""
    needed = {name: of for name, of in runs.items() if name in results.RUNS}
    most = max(map(len, needed.values()), default=0)
    return {name: of for name, of in needed.items() if len(of) == most}


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("records", type=Path, help="a folder of records")
    parser.add_argument("--size", type=int, default=5, help="seeds that are taken")
    parser.add_argument("--every", type=int, default=1, help="take every so manieth way alone")
    asked = parser.parse_args()
    runs = complete(load(asked.records))
    seeds = sorted({run.seed for of in runs.values() for run in of})
    ways = list(itertools.combinations(seeds, asked.size))[:: asked.every]
    os.environ["OPENBLAS_NUM_THREADS"] = "1"  # of each process, which all have a core
    with ProcessPoolExecutor(mp_context=get_context("spawn")) as pool:
        found = list(pool.map(functools.partial(words, runs), ways, chunksize=8))
    of_clauses = [Counter(verdicts) for verdicts in zip(*found, strict=True)]
    heads = sorted({word for counted in of_clauses for word in counted})
    print(f"{len(runs)} runs, {asked.size} of {len(seeds)} seeds, {len(ways)} ways\n")
    print(f"| clause | said | {' | '.join(heads)} |\n|---|---{'|---' * len(heads)}|")
    for clause, counted in zip(results.CLAIMS, of_clauses, strict=True):
        cells = " | ".join(str(counted[word] or "") for word in heads)
        print(f"| {clause.number} | {clause.said} | {cells} |")
    torn = [
        clause.number
        for clause, counted in zip(results.CLAIMS, of_clauses, strict=True)
        if {"confirmed", "contradicted"} <= counted.keys()
    ]
    print(f"\nConfirmed by some seeds and contradicted by others: {', '.join(torn) or 'none'}.")
