"""What may stand between `{{` and `}}` in `report.md`: tables, and sentences worded by numbers."""

from collections import Counter
from collections.abc import Callable, Iterable
from functools import partial
from itertools import product
from typing import TypeVar

import pandas as pd

from helpers import experiments, results, settings
from helpers.experiments import EXPERIMENTS
from helpers.records import Run
from helpers.results import At, Comparison
from report.builder import sources, tables
from report.builder.escaping import Markdown
from report.builder.wholeness import checked

T = TypeVar("T")
Family = dict[tuple[str, str, At], Comparison | str]  # a string says why there is none


class Placeholders:
    """The placeholders of a report: every public method, `profile` and `not_run`.

    A run is named as in `EXPERIMENTS`, a task as `1` or `1a`. Methods take a profile for runs of
    another one than the report's. What was not run says so, and nothing fails for it.

    Attributes:
        profile: whose runs the report is about.
        not_run: what is said of a run that was not made.
    """

    not_run = "not run"

    def __init__(self, profile: str | None = None) -> None:
        self.profile = profile or settings.current().profile
        self._judged: dict[str | None, pd.DataFrame] = {}
        self._families: dict[tuple[str, str | None], Family] = {}

    def runs(self, task: str, profile: str | None = None) -> Markdown:
        """The settings of a task's runs, and where the metrics of each come from."""
        rows = experiments.select(str(task), profile or self.profile)
        found = self._found(rows, profile).values()
        table = experiments.table(rows).map(tables.setting)
        table["seeds"] = [str(len(seeds) or "") for seeds in found]
        table["record"] = [self._origin(seeds) for seeds in found]
        return tables.markdown(table, f"Task {task}: the runs")

    def measured(self, task: str, profile: str | None = None) -> Markdown:
        """The metrics of a task's runs, a table for each set of images."""
        found = self._found(experiments.select(str(task)), profile)
        sets = dict.fromkeys(EXPERIMENTS[name].data for name in found)
        most = max(map(len, found.values()))
        spread = f"mean and spread over {most} seeds" if most > 1 else "with 95 % intervals"
        text = ""
        for data in sets:
            there, missing = self._parted(
                {name: seeds for name, seeds in found.items() if EXPERIMENTS[name].data == data}
            )
            table = results.tabulate(there) if there else pd.DataFrame()
            of_data = f" on {data}" if len(sets) > 1 else ""
            text += tables.markdown(
                tables.with_missing(table, missing, ["run", "at"], "epoch"),
                f"Task {task}: metrics{of_data}, {spread}",
            )
        return Markdown(text)

    def readings(self, task: str, profile: str | None = None) -> Markdown:
        """What the curve of each run shows, and by which numbers."""
        there, missing = self._parted(self._found(experiments.select(str(task)), profile))
        table = tables.with_missing(results.readings(there), missing, ["run", "seeds"], "curve")
        return tables.markdown(table, f"Task {task}: what each curve shows")

    def compared(self, *pairs: tuple[str, str], profile: str | None = None) -> Markdown:
        """Pairs of runs on the same images, at the best and at the last epoch.

        Verdicts are those of the whole task, whose comparisons are one family.
        """
        rows, missing = [], {}
        for (a, b), at in product(pairs, results.EPOCHS):
            row = self._of_family(a, b, at, profile)
            if isinstance(row, str):
                missing[f"{b} minus {a}"] = row
            else:
                rows.append(row)
        table = results.comparisons(rows) if rows else pd.DataFrame()
        return tables.markdown(
            tables.with_missing(table, missing, ["compared"], "verdict"),
            "Differences in validation accuracy with 95 % intervals; p by Holm's method",
        )

    def glossary(self) -> Markdown:
        """The words of a reading, and the rule behind each."""
        return tables.markdown(results.glossary(), "What the words for a curve mean")

    def reported(self, profile: str | None = None) -> Markdown:
        """The originally reported metrics of the whole lab beside the measured ones."""
        found = self._found(results.reported()["run"], profile)
        table = results.against_reported(found, sources.origin)
        return tables.markdown(table, "The originally reported metrics beside the measured ones")

    def claims(self, profile: str | None = None) -> Markdown:
        """The thirteen claims of the original report, each with its verdict."""
        return tables.markdown(
            self._claims(profile), "What the original report claimed, and what holds"
        )

    def images(self, profile: str | None = None) -> Markdown:
        """The images of all runs: counts, and fingerprints of their content."""
        return tables.markdown(tables.images(self._all(profile)), "The images")

    def versions(self, profile: str | None = None) -> Markdown:
        """Software, hardware and precision of all runs."""
        return tables.markdown(tables.versions(self._all(profile)), "What the runs were made with")

    def seconds(self, profile: str | None = None) -> Markdown:
        """What each run took."""
        rows = {
            name: tables.seconds(seeds) if seeds else {"epochs": self.not_run}
            for name, seeds in self._every(profile).items()
        }
        table = pd.DataFrame.from_dict(rows, orient="index").fillna("").rename_axis("run")
        return tables.markdown(table, "What each run took, by the clock")

    def exported(self, name: str, caption: str) -> Markdown:
        """A table that a notebook exported, see `results.save_table`."""
        paths = sources.exported(".csv")
        if name not in paths:
            raise ValueError(
                f"no table {name} was exported; run the notebook that makes it. "
                f"There are {', '.join(sorted(paths))}"
            )
        if sources.is_borrowed(paths[name]):
            caption += " (Published table.)"
        table = pd.read_csv(checked(paths[name]), dtype=str, keep_default_na=False)
        return tables.markdown(table.set_index(table.columns[0]), caption)

    def difference(self, a: str, b: str, at: At = "last", profile: str | None = None) -> str:
        """How much more accurate b is than a, with interval and p, or that it cannot be told."""
        found = self._of_family(a, b, at, profile)
        return f"{b} minus {a}: {found}." if isinstance(found, str) else str(found)

    def gap(self, a: str, b: str, profile: str | None = None) -> str:
        """How much wider b's gap between training and validation accuracy is than a's."""
        found = self._compared(results.gap_change, a, b, profile)
        return found if found.startswith("From") else f"Gap of {b} against {a}: {found}."

    def jumps(self, a: str, b: str, metric: str = "val_loss", profile: str | None = None) -> str:
        """How many times as much b's curve jumps from epoch to epoch as a's."""
        found = self._compared(partial(results.compare_fluctuations, metric=metric), a, b, profile)
        if isinstance(found, str):
            return f"Jumps of {b} against {a}: {found}."
        name, ratio = metric.replace("val_", "validation "), results.in_words(found)
        return f"How much the {name} jumps from epoch to epoch, {b} against {a}: {ratio}."

    def accuracy(self, run: str, at: At = "last", profile: str | None = None) -> str:
        """Validation accuracy with its interval."""
        found = self._found([run], profile)
        return str(results.tabulate(found)["accuracy"][run, at]) if found[run] else self.not_run

    def claim(self, number: int, profile: str | None = None) -> str:
        """What was claimed, clause by clause, with the verdicts and the numbers behind them."""
        numbers = list(dict.fromkeys(clause.claim for clause in results.CLAIMS))
        if number not in numbers:
            raise ValueError(f"there is no claim {number}; they are numbered 1 to {len(numbers)}")
        table = self._claims(profile)
        return "Claimed was that " + " And that ".join(
            f"{row.said}. Verdict: {row.verdict} ({row.measured})."
            for clause, row in zip(results.CLAIMS, table.itertuples(), strict=True)
            if clause.claim == number
        )

    def verdicts(self, profile: str | None = None) -> str:
        """How many clauses are confirmed, contradicted, undecided and so on."""
        verdicts = Counter(self._claims(profile)["verdict"])
        said = [f"{count} {verdict}" for verdict, count in sorted(verdicts.items())]
        return f"Of {verdicts.total()} clauses: {', '.join(said)}."

    def sources(self, profile: str | None = None) -> str:
        """How many runs were made here, how many come from the published record."""
        made = Counter(map(self._origin, self._every(profile).values()))
        said = [f"{count} {origin}" for origin, count in made.items()]
        return f"Of {made.total()} runs: {'; '.join(said)}"

    def _claims(self, profile: str | None) -> pd.DataFrame:
        if profile not in self._judged:
            self._judged[profile] = results.claims_table(self._found(results.RUNS, profile))
        return self._judged[profile]

    def _found(self, names: Iterable[str], profile: str | None) -> dict[str, list[Run]]:
        """The seeds of each of these runs."""
        return {name: list(sources.runs(name, profile or self.profile)) for name in names}

    def _every(self, profile: str | None) -> dict[str, list[Run]]:
        """The seeds of all runs of a profile."""
        return self._found(experiments.select(None, profile or self.profile), profile)

    def _all(self, profile: str | None) -> Iterable[Run]:
        return (run for seeds in self._every(profile).values() for run in seeds)

    def _parted(self, found: dict[str, list[Run]]) -> tuple[dict[str, list[Run]], dict[str, str]]:
        """The runs that were made; and the others, with what is said of them."""
        there = {name: seeds for name, seeds in found.items() if seeds}
        return there, {name: self.not_run for name in found if name not in there}

    def _origin(self, seeds: list[Run]) -> str:
        return sources.origin(seeds[0]) if seeds else self.not_run

    def _of_family(self, a: str, b: str, at: At, profile: str | None) -> Comparison | str:
        """A comparison, corrected for all of its task; or why there is none."""
        task = next((task for task, pairs in results.PAIRS.items() if (a, b) in pairs), None)
        if task is None:
            raise ValueError(f"{b} and {a} are no pair that a task compares")
        if (task, profile) not in self._families:
            self._families[task, profile] = self._family(task, profile)
        return self._families[task, profile][a, b, at]

    def _family(self, task: str, profile: str | None) -> Family:
        """All comparisons of a task, corrected for those that there are runs for."""
        rows = {
            (a, b, at): self._compared(partial(results.compare, at=at), a, b, profile)
            for (a, b), at in product(results.PAIRS[task], results.EPOCHS)
        }
        there = [row for row in rows.values() if not isinstance(row, str)]
        corrected = iter(results.family(there))
        return {key: row if isinstance(row, str) else next(corrected) for key, row in rows.items()}

    def _compared(
        self, compare: Callable[[list[Run], list[Run]], T], a: str, b: str, profile: str | None
    ) -> T | str:
        """A comparison of the seeds that both runs have, or why there is none."""
        found = self._found([a, b], profile)
        missing = [name for name, seeds in found.items() if not seeds]
        if missing:
            return f"{', '.join(missing)} {self.not_run}"
        first, second = results.common_seeds(found[a], found[b])
        if not first:
            return "no seed in common"
        try:
            return compare(first, second)
        except ValueError as error:  # one made here, the other published, on other images
            return str(error)


def named(profile: str | None = None) -> dict[str, object]:
    """By name what the text may ask for; `profile` is that of the report, default the current."""
    content = Placeholders(profile)
    return {name: getattr(content, name) for name in dir(content) if not name.startswith("_")}
