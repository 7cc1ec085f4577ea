"""Sentences of a report, worded by what was measured."""

from __future__ import annotations

from helpers import claims, experiments, results
from helpers.comparisons import At, Comparison
from helpers.reporting import shelf
from helpers.reporting.lookup import NOT_RUN, Lookup


class Sentences(Lookup):
    """What can be said of a run, of two, of a claim; of what was not run, that it was not."""

    def difference(self, a: str, b: str, at: At = "last", profile: str | None = None) -> str:
        """How much more accurate b is than a, with interval and p, or that it cannot be told."""
        found = self._comparison(a, b, at, profile)
        return str(found) if isinstance(found, Comparison) else f"{b} minus {a}: {found}."

    def gap(self, a: str, b: str, profile: str | None = None) -> str:
        """How much wider b's gap between training and validation accuracy is than a's."""
        pair = self._pair(a, b, profile)
        if isinstance(pair, str):
            return f"Gap of {b} against {a}: {pair}."
        try:
            d = results.compare_gaps(*pair)
        except ValueError as error:
            return f"Gap of {b} against {a}: {error}."
        verdict = "wider" if d.low > 0 else "narrower" if d.high < 0 else ""
        verdict = f"it is {verdict}" if verdict else "the interval contains zero: it cannot be told"
        return (
            f"From {a} to {b} the gap between training and validation accuracy at the last epoch "
            f"changes by {d.points.value:+.1f} points, 95 % interval {d.points.low:+.1f} to "
            f"{d.points.high:+.1f}: {verdict}."
        )

    def jumps(self, a: str, b: str, metric: str = "val_loss", profile: str | None = None) -> str:
        """How many times as much b's curve jumps from epoch to epoch as a's."""
        pair = self._pair(a, b, profile)
        name = metric.replace("val_", "validation ")
        if isinstance(pair, str):
            return f"Jumps of {b} against {a}: {pair}."
        try:
            ratio = results.in_words(results.compare_fluctuations(*pair, metric))
        except ValueError as error:
            return f"Jumps of {b} against {a}: {error}."
        return f"How much the {name} jumps from epoch to epoch, {b} against {a}: {ratio}."

    def accuracy(self, run: str, at: At = "last", profile: str | None = None) -> str:
        """Validation accuracy with its interval."""
        seeds = self._seeds(run, profile)
        return str(results.tabulate({run: seeds})["accuracy"][run, at]) if seeds else NOT_RUN

    def claim(self, number: int, profile: str | None = None) -> str:
        """What was claimed, the verdict, and the figures that decide it."""
        known = {claim.number: claim for claim in claims.CLAIMS}
        if number not in known:
            raise ValueError(f"there is no claim {number}; they are numbered 1 to {len(known)}")
        claim = known[number]
        found = claims.judge(claim, self._claimed(profile))
        return f"Claimed was that {claim.said}. Verdict: {found.verdict} ({found.figures})."

    def verdicts(self, profile: str | None = None) -> str:
        """How many of the claims are confirmed, contradicted, undecided, not run."""
        counts = claims.table(self._claimed(profile))["verdict"].value_counts()
        order = ("confirmed", "contradicted", "undecided", NOT_RUN)
        said = [f"{counts[verdict]} {verdict}" for verdict in order if counts.get(verdict)]
        return f"Of {len(claims.CLAIMS)} claims: {', '.join(said)}."

    def sources(self, profile: str | None = None) -> str:
        """How many runs were made here, how many come from the published record."""
        found = {name: self._seeds(name, profile) for name in experiments.EXPERIMENTS}
        made: dict[str, int] = {}
        for seeds in found.values():
            source = shelf.origin(seeds[0]) if seeds else NOT_RUN
            made[source] = made.get(source, 0) + 1
        return f"Of {len(found)} runs: " + "; ".join(f"{n} {source}" for source, n in made.items())
