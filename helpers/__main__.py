"""The lab from a shell: `python -m helpers --help`."""

from __future__ import annotations

import argparse
import sys

from helpers import experiments, settings


def main(arguments: list[str] | None = None) -> int:
    """Do what the arguments say; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m helpers", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    commands.add_parser("list", help="every run of the lab, as the profile in force makes it")
    commands.add_parser("demo", help="make the demo images, where there are none yet")
    one = commands.add_parser("run", help="train runs, or tasks, and print their figures")
    one.add_argument("names", nargs="+", metavar="NAME", help="task1a_plain, 1a, 1 ...")
    chosen = parser.parse_args(arguments)
    try:
        return {"list": _list, "demo": _demo, "run": _run}[chosen.command](chosen)
    except (ValueError, RuntimeError) as error:
        print(f"python -m helpers: {error}", file=sys.stderr)
        return 1


def _list(_: argparse.Namespace) -> int:
    profile = settings.current().profile
    known = {n: e for n, e in experiments.EXPERIMENTS.items() if experiments.is_scaled(e, profile)}
    print(experiments.table({n: experiments.scaled(e) for n, e in known.items()}).to_string())
    return 0


def _demo(_: argparse.Namespace) -> int:
    from helpers import datasets  # noqa: PLC0415 - what only this command needs

    print(f"demo images: {datasets.demo_images()}")
    return 0


def _run(chosen: argparse.Namespace) -> int:
    from helpers import results, training  # noqa: PLC0415 - TensorFlow takes seconds

    rows = {
        name: training.run_seeds(experiment)
        for given in chosen.names
        for name, experiment in experiments.select(given).items()
    }
    print(results.tabulate(rows).to_string())
    print(results.readings(rows).to_string())
    return 0


if __name__ == "__main__":
    sys.exit(main())
