"""The runs that a report speaks of, by name, and pairs of them."""

from __future__ import annotations

from collections.abc import Iterable

from helpers import claims, experiments, results, settings
from helpers.comparisons import At, Comparison, common_seeds
from helpers.reporting import shelf
from helpers.runs import Run

NOT_RUN = "not run"


class Lookup:
    """Runs at a profile: the report's own, unless another one is named.

    Attributes:
        profile: whose runs the report is about.
    """

    def __init__(self, profile: str | None = None) -> None:
        self.profile = profile or settings.current().profile

    def _rows(self, task: str, profile: str | None) -> dict[str, experiments.Experiment]:
        return experiments.select(str(task), profile or self.profile)

    def _seeds(self, name: str, profile: str | None) -> list[Run]:
        return list(shelf.runs(name, profile or self.profile))

    def _all(self, profile: str | None) -> Iterable[Run]:
        return (run for name in experiments.EXPERIMENTS for run in self._seeds(name, profile))

    def _claimed(self, profile: str | None) -> dict[str, list[Run]]:
        return {name: self._seeds(name, profile) for name in claims.RUNS}

    def _pair(self, a: str, b: str, profile: str | None) -> tuple[list[Run], list[Run]] | str:
        """The seeds that both runs have; else why there are none."""
        first, second = self._seeds(a, profile), self._seeds(b, profile)
        missing = [name for name, seeds in ((a, first), (b, second)) if not seeds]
        if missing:
            return f"{', '.join(missing)} {NOT_RUN}"
        first, second = common_seeds(first, second)
        return (first, second) if first else "no seed in common"

    def _comparison(self, a: str, b: str, at: At, profile: str | None) -> Comparison | str:
        pair = self._pair(a, b, profile)
        if isinstance(pair, str):
            return pair
        try:
            return results.compare(*pair, at)
        except ValueError as error:  # one made here, the other published, on other images
            return str(error)
