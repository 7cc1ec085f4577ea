"""Tables of a report: what is in them, and how they are written in Markdown."""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import pandas as pd

from helpers import results
from helpers.records import Run
from report.builder.escaping import Markdown, on


def markdown(table: pd.DataFrame, caption: str) -> Markdown:
    """A table in a frame that scrolls on a narrow screen; every cell is text and nothing else.

    Args:
        table: its index columns become row heads, see `documents.read`.
        caption: what stands above it, and what a screen reader calls the frame.
    """
    flat, name = table.reset_index(), on(caption)
    rows = [flat.columns, [Markdown(":--")] * len(flat.columns), *flat.itertuples(index=False)]
    return Markdown(
        f'\n\n::: {{.table tabindex=0 role=region aria-label="{name}" heads={table.index.nlevels}}}'
        + "".join("\n|" + "|".join(map(on, row)) + "|" for row in rows)
        + f"\n\n: {name}\n:::\n\n"
    )


def with_missing(
    table: pd.DataFrame, missing: Mapping[str, str], heads: list[str], column: str
) -> pd.DataFrame:
    """The table, which may be empty, and a row for each run or pair of runs that it lacks.

    Args:
        table: what there is.
        missing: for each that it lacks, the reason.
        heads: names of the index columns.
        column: where the reason stands.
    """
    rows = table.reset_index().to_dict("records") if len(table) else []
    for name, reason in missing.items():
        rows.append(dict.fromkeys(heads, "") | {heads[0]: name, column: reason})
    return pd.DataFrame(rows).fillna("").set_index(heads)


def setting(value: object) -> object:
    """A setting as a reader would write it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ", ".join(map(str, value)) if isinstance(value, tuple) else value


def images(runs: Iterable[Run]) -> pd.DataFrame:
    """The images of runs, each set once: counts, fingerprints of their content, and what is wrong.

    The last is a column only where there is anything wrong.
    """
    rows = [
        (
            run.experiment.data,
            "demo" if run.info["data"]["demo"] else "real",
            results.counts(run, "train"),
            results.counts(run, "validation"),
            "{train} {validation}".format(**run.info["identity"]),
            results.image_findings(run),
        )
        for run in runs
    ]
    columns = ["set", "images", "train", "validation", "fingerprints", "wrong with them"]
    table = pd.DataFrame(list(dict.fromkeys(rows)), columns=columns).set_index("set")
    return table if table[columns[-1]].any() else table.drop(columns=columns[-1])


def versions(runs: Iterable[Run]) -> pd.DataFrame:
    """Hardware, precision and software of runs; where they differ, all there are."""
    values: dict[str, dict[str, None]] = {}
    for run in runs:
        identity = run.info["identity"]
        for part in run.made:
            hardware = part["hardware"]
            made_with = {
                "processor": f"{hardware['processor']}, {hardware['cores']} cores",
                "GPU": ", ".join(hardware["gpus"]) or "none",
                "precision": str(identity["precision"]),
                "threads": str(identity["threads"]),
            }
            for what, value in (made_with | part["versions"]).items():
                values.setdefault(what, {})[value] = None
    rows = [(what, "; ".join(seen)) for what, seen in values.items()]
    return pd.DataFrame(rows, columns=["what", "value"]).set_index("what")


def seconds(seeds: Sequence[Run]) -> dict[str, str]:
    """What the seeds of a run took, by the clock."""
    times = np.concatenate([run.epoch_seconds for run in seeds])
    return {
        "epochs": str(seeds[0].epochs),
        "seeds": str(len(seeds)),
        "seconds an epoch": f"{np.median(times):.2f}",
        "seconds in all": f"{times.sum():,.0f}",
    }
