"""What the recorded runs say: tables, comparisons, and the originally reported values."""

from collections.abc import Callable, Iterable, Mapping

import numpy as np
import pandas as pd

from helpers import environment, evidence, settings
from helpers.cache import replaced
from helpers.evidence import METRICS
from helpers.records import Run, Runs, as_list
from helpers.results.comparisons import Comparison
from helpers.results.measures import At
from helpers.results.metrics import FEW_CLASSES, NO_BREAK, mean_and_spread, metrics

EPOCHS: tuple[At, At] = ("best", "last")

pd.set_option("display.max_colwidth", None)  # a sentence is no use cut off at 50 characters


def comparisons(rows: Iterable[Comparison]) -> pd.DataFrame:
    """Comparisons as a table, differences in points (hundredths).

    Those of a family (see `family`) have a verdict, and p corrected for the family; others have
    none, since what decides are all comparisons of a task together.
    """
    listed = list(rows)
    table = pd.DataFrame(
        {
            "compared": f"{c.b} minus {c.a}",
            "epoch": c.at,
            "accuracy": f"{mean_and_spread(c.accuracy_b)} minus {mean_and_spread(c.accuracy_a)}",
            "difference, points": f"{c.difference.points:+.1f}".replace(", ", f",{NO_BREAK}"),
            "p": f"{c.p:.2g}",
            "verdict": c.verdict,
        }
        for c in listed
    ).set_index("compared")
    return table if any(c.family > 1 for c in listed) else table.drop(columns="verdict")


def tabulate(rows: Mapping[str, Runs]) -> pd.DataFrame:
    """The metrics of runs, at the best and at the last epoch.

    Over several seeds each metric is their mean; an interval is then the mean of the seeds' own,
    which speaks of the images, and the number after ± is the standard deviation over the seeds.
    *picked* is by how many points the best epoch's accuracy is too high, being picked on the images
    that it is judged by, see `evidence.optimism`; *constant* is the accuracy of one answer for all.
    How well single classes are told is in the columns that `metrics` makes. What is wrong with the
    images of a run stands in a column *images*, where anything is.
    """
    table = []
    for name, runs in rows.items():
        for at in EPOCHS:
            row = {"run": name, "at": at} | metrics(as_list(runs), at)
            for column, about in (("machine", made_elsewhere), ("images", image_findings)):
                if said := dict.fromkeys(filter(None, map(about, as_list(runs)))):
                    row[column] = "; ".join(said)
            table.append(row)
    return pd.DataFrame(table).fillna("").set_index(["run", "at"])


def fluctuations(rows: Mapping[str, Runs]) -> pd.DataFrame:
    """How much each curve jumps from epoch to epoch: the standard deviation of its changes."""
    names = dict(
        zip(METRICS, ("training loss", "training accuracy", "loss", "accuracy"), strict=True)
    )
    table = [
        {"run": name}
        | {
            title: mean_and_spread(
                [evidence.fluctuation(run.history[metric]) for run in as_list(runs)]
            )
            for metric, title in names.items()
        }
        for name, runs in rows.items()
    ]
    return pd.DataFrame(table).set_index("run")


def reported() -> pd.DataFrame:
    """What the original report measured: columns run, at, epoch, loss, accuracy."""
    return pd.read_csv(settings.ROOT / "report" / "reference.csv")


def against_reported(
    rows: Mapping[str, Runs], origin: Callable[[Run], str] | None = None
) -> pd.DataFrame:
    """The reported metrics of these runs beside the measured ones, and where each comes from.

    A value reported for an epoch that reached another run's is set beside the best epoch.

    Args:
        rows: runs by name; of an empty list it is said that it was not run.
        origin: what is said of where a run comes from (None: `source`).
    """
    table = []
    for row in reported().itertuples():
        if row.run not in rows:
            continue
        runs = rows[row.run]
        measured = {"loss": "not run", "accuracy": "not run"}
        measured_on = ""
        if isinstance(runs, Run) or runs:
            measured = metrics(as_list(runs), "last" if row.at == "last" else "best")
            measured_on = (origin or source)(as_list(runs)[0])
        epoch = "" if np.isnan(row.epoch) else f" ({row.epoch:.0f})"
        table.append(
            {
                "run": row.run,
                "at (epoch)": f"{row.at}{epoch}",
                "reported loss": f"{row.loss:.4g}",
                "reported accuracy": f"{row.accuracy:.3f}",
                "measured loss": measured["loss"],
                "measured accuracy": measured["accuracy"],
                "reported on": "the course's images",
                "measured on": measured_on,
            }
        )
    return pd.DataFrame(table).set_index(["run", "at (epoch)"])


def save_table(table: pd.DataFrame, name: str) -> pd.DataFrame:
    """Write a table as `<name>.csv` into the folder of figures, for the report.

    Returns:
        The table, so that a notebook shows it.

    Raises:
        FileError: it cannot be written; what was there before is kept.
    """
    with replaced(settings.current().figures / f"{name}.csv", "LAB_FIGURES") as part:
        table.to_csv(part, encoding="utf-8")
    return table


def source(run: Run) -> str:
    """Whose images a run was made with, and at which scale: 'demo images, profile quick'.

    Where it was made on another kind of machine than this one, or on several, it says on which.
    """
    whose = "demo images" if run.info["data"]["demo"] else "own images"
    elsewhere = f", {made}" if (made := made_elsewhere(run)) else ""
    return f"{whose}, profile {run.experiment.profile}{elsewhere}"


def made_elsewhere(run: Run) -> str:
    """Where a run was made, if not here alone: 'made on Intel Xeon'; else empty.

    One that was continued on another machine has not the numbers of an unbroken run, and one made
    by a GPU may differ from all that processors make.
    """
    parts = [(environment.machine(part["hardware"]), part["epochs"]) for part in run.made]
    if len(parts) > 1:
        return "made on " + ", then ".join(f"{what} to epoch {n}" for what, n in parts)
    return "" if parts[0][0] == environment.processor()[0] else f"made on {parts[0][0]}"


def provenance(run: Run) -> str:
    """`source` with the number of images of each class, or, of many classes, of all together."""

    def size(split: str) -> str:
        of_class = run.info["data"][split]
        if len(of_class) <= FEW_CLASSES:
            return counts(run, split)
        return f"{sum(of_class.values())} of {len(of_class)} classes"

    return f"{source(run)}: train {size('train')}, validation {size('validation')}"


def counts(run: Run, split: str) -> str:
    """How many images of each class a split of a run has: '120 Mel + 120 Nev'."""
    return " + ".join(f"{count} {name}" for name, count in run.info["data"][split].items())


def image_findings(run: Run) -> str:
    """What was found to be wrong with a run's images when it was trained, one line; else empty.

    Older records do not say.
    """
    return run.info["data"].get("findings", "")
