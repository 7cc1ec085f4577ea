"""The lab from a shell: `python -m helpers --help`."""

from __future__ import annotations

import argparse
import sys
from functools import partial
from typing import TYPE_CHECKING

from helpers import settings  # all else where it is needed: pandas and TensorFlow take long

if TYPE_CHECKING:
    from helpers.experiments import Experiment


def main(arguments: list[str] | None = None) -> int:
    """Do what the arguments say; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m helpers", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    commands.add_parser("list", help="every run that the profile in force makes, with its settings")
    commands.add_parser("demo", help="make the demo images, where there are none yet")
    commands.add_parser("weights", help="fetch the ImageNet weights, where they are not kept yet")
    run = commands.add_parser("run", help="train runs, or all of a task, and print their figures")
    run.add_argument("names", nargs="+", metavar="NAME", help="task1a_plain, or 1a, or 1")
    notebooks = commands.add_parser(
        "notebooks",
        help="execute notebooks into build/notebooks",
        description="Execute notebooks into build/notebooks: one after another where there is "
        "something to train, two beside each other where all is recorded.",
    )
    notebooks.add_argument("names", nargs="*", metavar="NAME", help="task1; default: all")
    notebooks.add_argument("--in-place", action="store_true", help="into the notebooks themselves")
    notebooks.add_argument("--report", action="store_true", help="build the report after them")
    commands.add_parser("claims", help="what the runs made so far say of the original report")
    report = commands.add_parser(
        "report",
        help="the report as HTML and PDF, from report/report.md, the records and the figures",
        description="Build report/build/report.html and report.pdf from report/report.md. Runs "
        "that were not made with the settings in force are taken from report/published, and the "
        "report says so.",
        epilog="What may stand between {{ and }} in report.md are the public methods of "
        "helpers/reporting/content.py, such as {{ measured('1a') }}.",
    )
    report.add_argument("--watch", action="store_true", help="build again on every change")
    commands.add_parser(
        "publish", help="for maintainers: commit-ready records, without networks, and the report"
    )
    chosen = parser.parse_args(arguments)
    actions = {"list": _list, "demo": _demo, "weights": _weights, "run": _run}
    actions |= {"notebooks": _notebooks, "claims": _claims, "report": _report, "publish": _publish}
    try:
        actions[chosen.command](chosen)
    except (ValueError, RuntimeError) as error:
        print(f"python -m helpers: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130  # as a shell has it
    return 0


def _list(_: argparse.Namespace) -> None:
    from helpers import experiments  # noqa: PLC0415

    profile = settings.current().profile
    rows = {n: e for n, e in experiments.EXPERIMENTS.items() if experiments.is_scaled(e, profile)}
    print(experiments.table({n: experiments.scaled(e) for n, e in rows.items()}).to_string())


def _demo(_: argparse.Namespace) -> None:
    from helpers import demo  # noqa: PLC0415

    print(f"The demo images are in {demo.images()}.")


def _weights(_: argparse.Namespace) -> None:
    from helpers import weights  # noqa: PLC0415

    weights.imagenet()
    print(f"The ImageNet weights are in {settings.current().cache}.")


def _run(chosen: argparse.Namespace) -> None:
    from helpers import experiments  # noqa: PLC0415

    rows: dict[str, Experiment] = {}
    for name in chosen.names:
        rows |= experiments.select(name)  # a wrong name is told at once
    from helpers import results, training  # noqa: PLC0415

    runs = {name: training.run_seeds(row) for name, row in rows.items()}
    print(results.tabulate(runs).to_string())
    print(results.readings(runs).to_string())


def _notebooks(chosen: argparse.Namespace) -> None:
    from helpers import execution  # noqa: PLC0415

    folder = execution.FOLDER if chosen.in_place else settings.current().build / "notebooks"
    execution.execute(execution.chosen(chosen.names), folder, partial(print, flush=True))
    if chosen.report:
        _report(argparse.Namespace(watch=False))


def _claims(_: argparse.Namespace) -> None:
    from helpers import claims, experiments, training  # noqa: PLC0415

    rows = {name: experiments.select(name)[name] for name in claims.RUNS}
    runs = {name: training.recorded_seeds(row) for name, row in rows.items()}
    print(claims.table(runs).to_string())


def _report(chosen: argparse.Namespace) -> None:
    from helpers import reporting  # noqa: PLC0415

    if not chosen.watch:
        print("\n".join(map(str, reporting.build())))
        return
    for said in reporting.watch():
        print(said, flush=True)


def _publish(_: argparse.Namespace) -> None:
    from helpers.reporting import publishing, shelf  # noqa: PLC0415

    print(f"{len(publishing.publish())} runs were published in {shelf.PUBLISHED}.")
    print(publishing.publish_report())


if __name__ == "__main__":
    sys.exit(main())
