"""What is committed of the runs at hand: numbers, curves, and the report for the web."""

import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from helpers import experiments, plotting, records, results, settings
from helpers.cache import replaced
from helpers.experiments import EXPERIMENTS
from helpers.records import Run
from report.builder import building, documents, sources

README = settings.ROOT / "README.md"
BEGIN, END = "<!-- verdicts -->\n", "\n<!-- /verdicts -->"
# The curves of the full study, by figure: its title, and what the legend calls each run. Of a run
# that was continued, the first epochs are the shorter run's.
CURVES = {
    "task1a": ("Task 1a", {"without dropout": "task1a_plain", "dropout": "task1a_dropout"}),
    "task1b": ("Task 1b", {"without dropout": "task1b_plain", "dropout": "task1b_dropout"}),
    "task1d": (
        "Tasks 1c and 1d",
        {"without batch norm": "task1d_no_batch_norm", "batch norm": "task1d_batch_norm"},
    ),
    "task2b": (
        "Tasks 2a and 2b",
        {"without": "task2b_no_spatial_dropout", "spatial dropout": "task2b_spatial_dropout"},
    ),
    "task4": ("Task 4", {"not augmented": "task4_not_augmented", "augmented": "task4_augmented"}),
    "task7_skin": ("Tasks 5 and 7, skin", {"from scratch": "task5_skin", "head": "task7_skin"}),
    "task8": ("Task 8", {"without batch norm": "task8", "batch norm": "task8_batch_norm"}),
}


def publish() -> list[str]:
    """Replace published records of the current profile by those of the runs at hand.

    What is not at hand stays as it was published. Records are published without their networks. In
    the profile `full` the learning curves are drawn as well, since no notebook was run for them.

    Returns:
        The names of the runs published.
    """
    profile = settings.current().profile
    found = {name: sources.made_here(experiments.get(name)) for name in EXPERIMENTS}
    found = {name: seeds for name, seeds in found.items() if seeds}
    for name, seeds in found.items():
        shutil.rmtree(sources.records_of(profile) / name, ignore_errors=True)
        for run in seeds:
            records.publish(run, sources.records_of(profile) / name / f"seed{run.seed}")
    if profile == "full":
        settings.use(figures=sources.PUBLISHED / "figures")
        for name, (title, rows) in CURVES.items():
            there = {label: found[run] for label, run in rows.items() if run in found}
            if there:
                figure = plotting.learning_curves(there, f"{title} at full scale")
                plotting.save_figure(figure, f"full_{name}_learning_curves")
    return list(found)


def publish_report() -> Path:
    """Write the report of the published record, as Markdown beside the figures that it shows.

    It is that of `quick`, which shows the full study too. README's verdicts are made anew with it.

    Returns:
        Where the report is.
    """
    settings.use(
        profile="quick",
        figures=sources.PUBLISHED / "figures",
        results=settings.current().build / "no-records",  # of the published record alone
    )
    sources.runs.cache_clear()
    path = sources.PUBLISHED / "report.md"
    before, _, rest = README.read_text(encoding="utf-8").partition(BEGIN)
    texts = {
        path: documents.markdown(building.document()),
        README: before + BEGIN + verdicts() + END + rest.partition(END)[2],
    }
    for written, text in texts.items():
        with replaced(written) as part:
            part.write_text(text, encoding="utf-8")
    return path


def verdicts() -> str:
    """Each claim of the original report, held against the published records: Markdown."""
    judged, lines = [], [""]
    for profile, images in (("quick", "Demo"), ("full", "Real")):
        runs = {name: sources.published(experiments.get(name, profile)) for name in results.RUNS}
        judged.append(results.claims_table(runs).itertuples())
        lines += [f"{images} images, `{profile}`: {_made_with(runs)}.", ""]
    lines += ["| task | the original report said | demo images, `quick` | real images, `full` |"]
    lines += ["|---|---|---|---|"]
    lines += [
        f"| {quick.task} | {quick.said} | {_verdict(quick)} | {_verdict(full)} |"
        for quick, full in zip(*judged, strict=True)
    ]
    return "\n".join([*lines, ""])


def _verdict(row: Any) -> str:
    """The verdict and its numbers; where nothing was run, the verdict alone."""
    return row.verdict if row.verdict == "not run" else f"*{row.verdict}*: {row.measured}"


def _made_with(runs: Mapping[str, Sequence[Run]]) -> str:
    """The images and the seeds of published runs."""
    made = {name: seeds for name, seeds in runs.items() if seeds}
    images = {seeds[0].experiment.data: seeds[0] for seeds in made.values()}
    parts = [
        f"{name} {results.counts(run, 'train')} to train, "
        f"{results.counts(run, 'validation')} to validate"
        for name, run in images.items()
    ]
    tasks: dict[int, dict[str, None]] = {}  # by number of seeds
    for name, seeds in made.items():
        tasks.setdefault(len(seeds), {})[EXPERIMENTS[name].task] = None
    numbers = ", ".join(f"{n} for {', '.join(tasks[n])}" for n in sorted(tasks))
    return "; ".join([*parts, f"seeds: {numbers}"])
