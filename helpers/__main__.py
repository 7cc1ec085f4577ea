"""The lab from a shell: `python -m helpers --help`."""

import argparse
import io
import os
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

from helpers import settings  # all else where it is needed: pandas and TensorFlow take long


def main(arguments: list[str] | None = None) -> int:
    """Do what the arguments say; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m helpers", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    commands.add_parser("list", help="every run of the current profile, with its settings")
    commands.add_parser("demo", help="make the demo images, where there are none yet")
    check = commands.add_parser(
        "check",
        help="how images are read, and what speaks against them",
        description="Say how sets of images are read, and look for what makes metrics wrong: "
        "copies, patients in two splits, files of unlike kinds, and whether something simple, "
        "such as a letter in a corner, predicts the class.",
        epilog="Exit status: 0 where nothing was found, 3 where there is something to look at, 1 "
        "where images cannot be read.",
    )
    check.add_argument("folder", nargs="?", metavar="FOLDER", help="default: the three sets in use")
    check.add_argument(
        "--as", dest="name", choices=settings.SETS, default="skin", metavar="SET",
        help="read FOLDER as skin (the default), bone or xray: its class names are looked for "
        "where the class is in file names",
    )  # fmt: skip
    commands.add_parser("weights", help="fetch the ImageNet weights, where they are not there yet")
    run = commands.add_parser("run", help="train runs, or all of a task, and print their metrics")
    run.add_argument("names", nargs="+", metavar="NAME", help="task1, or 1a, or task1a_plain")
    run.add_argument("--seeds", type=int, metavar="N", help="so many of each; default: its row's")
    run.add_argument("--workers", type=int, metavar="N", help="so many at once; default: by cores")
    run.add_argument("--scheduler", metavar="ADDRESS", help="of a Dask cluster that trains them")
    notebooks = commands.add_parser(
        "notebooks",
        help="execute notebooks into build/notebooks",
        description="Train what they need, several runs beside each other, and execute notebooks "
        "into build/notebooks.",
    )
    notebooks.add_argument("names", nargs="*", metavar="NAME", help="task1; default: all")
    notebooks.add_argument("--in-place", action="store_true", help="into the notebooks themselves")
    notebooks.add_argument("--report", action="store_true", help="build the report after them")
    commands.add_parser("claims", help="what the runs made so far say of the original report")
    report = commands.add_parser(
        "report",
        help="the report as HTML and PDF, from report/report.md, the records and the figures",
        description="Build report/build/report.html and report.pdf from report/report.md. Runs "
        "that were not made with the current settings are taken from report/published, and the "
        "report says so.",
        epilog="What may stand between {{ and }} in report.md are the public methods of "
        "report/builder/placeholders.py, such as {{ measured('1a') }}.",
    )
    report.add_argument("--watch", action="store_true", help="build again on every change")
    commands.add_parser(
        "publish", help="for maintainers: commit-ready records, without networks, and the report"
    )
    chosen = parser.parse_args(arguments)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal need not have every character
    actions: dict[str, Callable[[argparse.Namespace], int | None]]
    actions = {"list": _list, "demo": _demo, "weights": _weights, "run": _run, "check": _check}
    actions |= {"notebooks": _notebooks, "claims": _claims, "report": _report, "publish": _publish}
    try:
        from helpers.cache import scratch  # noqa: PLC0415

        with scratch():
            return actions[chosen.command](chosen) or 0
    except (ValueError, RuntimeError) as error:
        print(f"python -m helpers: {error}", file=sys.stderr)
        return 1
    except OSError as error:  # of the disk or of a path
        where = settings.quoted(Path(os.fsdecode(error.filename))) if error.filename else "the disk"
        said = error.strerror or error
        print(
            f"python -m helpers: {where}: {said}; see that there is space, that the folder exists "
            "and that you may write there (TMPDIR says where temporary files go)",
            file=sys.stderr,
        )
        return 1
    except KeyboardInterrupt:
        return 130  # as a shell has it


def _list(_: argparse.Namespace) -> None:
    from helpers import experiments  # noqa: PLC0415

    print(experiments.table(experiments.select()).to_string())


def _demo(_: argparse.Namespace) -> None:
    from helpers import datasets  # noqa: PLC0415

    print(f"The demo images are in {datasets.demo_images()}.")


def _check(chosen: argparse.Namespace) -> int:
    if chosen.folder is not None:
        folder = Path(chosen.folder).absolute()
        if not folder.is_dir():
            raise ValueError(
                f"there is no folder {settings.quoted(folder)}; give that of the images"
            )
        settings.use(**{chosen.name: folder})
    from helpers import datasets, plotting  # noqa: PLC0415

    status = 0
    for name in settings.SETS if chosen.folder is None else [chosen.name]:
        try:
            check = datasets.check(name)
        except datasets.DatasetError as error:  # the other sets are looked at all the same
            print(f"python -m helpers: {error}", file=sys.stderr)
            status = 1
            continue
        print(f"{check}\n")
        if check.copies or check.borders:
            pairs = check.side_by_side(8)
            title = f"{check.splits[0].root.name}: what speaks against these images"
            if len(pairs) < len(check.copies):
                title += f"\nthe first {len(pairs)} of {len(check.copies)} copies"
            figure = plotting.suspects(pairs, check.borders, title)
            print(f"{plotting.save_figure(figure, f'check_{name}')[0]}\n")
        status = status or 3 * bool(check.doubts)
    return status


def _weights(_: argparse.Namespace) -> None:
    from helpers import networks  # noqa: PLC0415

    networks.imagenet()
    print(f"The ImageNet weights are in {settings.current().cache}.")


def _run(chosen: argparse.Namespace) -> None:
    from helpers import experiments  # noqa: PLC0415

    # A wrong name is told at once, before TensorFlow is loaded.
    rows = {n: row for name in chosen.names for n, row in experiments.select(name).items()}
    given = {name: getattr(chosen, name) for name in ("seeds", "workers", "scheduler")}
    settings.use(**{name: value for name, value in given.items() if value is not None})
    from helpers import datasets, results, training  # noqa: PLC0415

    for data in dict.fromkeys(row.data for row in rows.values()):
        train, validation = datasets.list_pair(data)
        print(f"{train.description}; {validation.sizes}", flush=True)
    runs = training.run_all(rows)
    print(results.tabulate(runs).to_string())
    print(results.readings(runs).to_string())


def _notebooks(chosen: argparse.Namespace) -> None:
    from helpers import notebooks  # noqa: PLC0415

    folder = notebooks.FOLDER if chosen.in_place else settings.current().build / "notebooks"
    notebooks.execute(notebooks.chosen(chosen.names), folder, partial(print, flush=True))
    if chosen.report:
        _report(argparse.Namespace(watch=False))


def _claims(_: argparse.Namespace) -> None:
    from helpers import experiments, results, training  # noqa: PLC0415

    rows = {name: experiments.get(name) for name in results.RUNS}
    runs = {name: training.recorded_seeds(row) for name, row in rows.items()}
    print(results.claims_table(runs).to_string())


def _report(chosen: argparse.Namespace) -> None:
    from report import builder  # noqa: PLC0415

    if not chosen.watch:
        print("\n".join(map(str, builder.build())))
        return
    for said in builder.watch():
        print(said, flush=True)


def _publish(_: argparse.Namespace) -> None:
    from report import builder  # noqa: PLC0415

    print(f"{len(builder.publish())} runs were published in {builder.PUBLISHED}.")
    print(builder.publish_report())


if __name__ == "__main__":
    sys.exit(main())
