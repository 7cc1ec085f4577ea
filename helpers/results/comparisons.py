"""Two networks on the same images: which differences are there, and which may be chance."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from helpers import evidence
from helpers.evidence import FEWEST_SEEDS, Estimate
from helpers.records import Runs
from helpers.results.measures import At, common_seeds, of_all, on_the_same, right_in_validation
from helpers.results.readings import deciding, diagnose, still_learning

SIGNIFICANT = 0.05
# What each task compares, at the best and at the last epoch: one family of comparisons a task.
PAIRS = {
    "1": (
        ("task1a_plain", "task1a_dropout"),
        ("task1a_plain", "task1b_plain"),
        ("task1a_dropout", "task1b_dropout"),
        ("task1c_no_batch_norm", "task1c_batch_norm"),
        ("task1d_no_batch_norm", "task1d_batch_norm"),
    ),
    "2": (
        ("task2a_no_spatial_dropout", "task2a_spatial_dropout"),
        ("task2b_no_spatial_dropout", "task2b_spatial_dropout"),
    ),
    "4": (("task4_not_augmented", "task4_augmented"),),
    "5": (
        ("task5_no_batch_norm", "task5_skin"),
        ("task5_no_dropout", "task5_skin"),
        ("task5_not_augmented", "task5_skin"),
    ),
    "6": (("task7_skin", "task6_skin_imagenet"), ("task7_bone", "task6_bone_imagenet")),
    "7": (
        ("task5_skin", "task7_skin"),
        ("task5_bone", "task7_bone"),
        ("task7_skin_random", "task7_skin"),
        ("task7_bone_random", "task7_bone"),
        ("task7_skin", "task7_skin_thawed"),
        ("task7_bone", "task7_bone_thawed"),
    ),
    "8": (("task8", "task8_batch_norm"),),
}


@dataclass(frozen=True)
class Comparison:
    """Two runs, or the seeds of two runs, on the same validation images."""

    a: str  # name of the first
    b: str
    at: At  # the epoch that is compared
    accuracy_a: tuple[float, ...]  # validation accuracy of each seed, from 0 to 1
    accuracy_b: tuple[float, ...]
    difference: Estimate  # mean accuracy of the second minus that of the first, with 95 % interval
    mcnemar: tuple[float, ...]  # exact two-sided p of each pair of the same seed
    images: int  # number of validation images
    left_out: str = ""  # which seeds were left out, or, where too few would be left, decide nothing
    doubtful: bool = False  # whether these networks decide nothing
    unfinished: str = ""  # which seeds are still learning, so that more epochs may say otherwise
    family: int = 1  # how many comparisons it is one of, see `family`
    p: float = 1.0  # of no difference, corrected for the family

    @property
    def seeds(self) -> int:
        """Of the side that has fewer."""
        return min(len(self.accuracy_a), len(self.accuracy_b))

    @property
    def single(self) -> bool:
        """Whether it is of two trained networks alone."""
        return len(self.accuracy_a) == len(self.accuracy_b) == 1

    @property
    def decided(self) -> bool:
        """Whether it may be said which one is more accurate."""
        enough = self.seeds >= FEWEST_SEEDS and not self.doubtful
        return enough and self.difference.side() != 0 and self.p < SIGNIFICANT

    @property
    def verdict(self) -> str:
        """What may be said: which one is more accurate, or why this cannot be told."""
        without = f"left out: {self.left_out}" if self.left_out and not self.doubtful else ""
        notes = "; ".join(filter(None, (without, self.unfinished)))
        return self._verdict + f" ({notes})" * bool(notes)

    @property
    def _verdict(self) -> str:
        winner = self.b if self.difference.value > 0 else self.a
        if self.doubtful:
            return f"no verdict: {self.left_out}"
        if self.seeds < FEWEST_SEEDS:
            return f"{_count(self.seeds)}, no verdict{self._of_these(winner)}"
        if self.decided:
            return f"{winner} is more accurate"
        if self.difference.side() != 0:
            return (
                f"the interval leaves zero out, but as one of {self.family} comparisons that does "
                "not decide"
            )
        return "the interval contains zero: the two cannot be told apart"

    def _of_these(self, winner: str) -> str:
        """What may be said of the two trained networks alone."""
        if not self.single:
            return ""
        interval, test = self.difference.side() != 0, self.mcnemar[0] < SIGNIFICANT
        if interval and test:
            return f"; of these two trained networks {winner} is the more accurate"
        if interval != test:
            out = "leaves zero out" if interval else "contains zero"
            return f"; the interval {out}, and McNemar's test says p = {self.mcnemar[0]:.2g}"
        return "; these two trained networks cannot be told apart"

    def __str__(self) -> str:
        d = self.difference.points
        counts = len(self.accuracy_a), len(self.accuracy_b)
        seeds = (
            _count(counts[0]) if counts[0] == counts[1] else f"{counts[0]} and {counts[1]} seeds"
        )
        test = f"p = {self.p:.2g}"
        if self.single:
            test = f"exact McNemar p = {self.mcnemar[0]:.2g}"
        elif self.family > 1:
            test += f" after Holm's correction for {self.family} comparisons"
        chosen = " (an epoch picked on these same images)" if self.at == "best" else ""
        return (
            f"{self.b} minus {self.a}, {self.at} epoch{chosen}: {d.value:+.1f} points of "
            f"accuracy, 95 % interval {d.low:+.1f} to {d.high:+.1f} over {self.images} images and "
            f"{seeds}, {test}: {self.verdict}."
        )


def compare(a: Runs, b: Runs, at: At = "best") -> Comparison:
    """Validation accuracy of b against a on the same images.

    With several seeds, the interval covers other seeds and other images, and p is that of the
    interval; seeds that learned nothing or are unstable are left out. With one run each, it covers
    these two trained networks on other images like these, which is no verdict on the experiments.

    Args:
        a: a run, or its seeds.
        b: another, on the same validation images in the same order.
        at: 'best', the epoch of the lowest validation loss, which was picked on these images,
            or 'last'.

    Raises:
        ValueError: no runs, or their validation images differ.
    """
    (first, second), left_out = deciding(*on_the_same(a, b, "validation"))
    right_a, right_b = (of_all(runs, right_in_validation, at) for runs in (first, second))
    difference = evidence.seeds_difference(right_a, right_b)
    single = len(first) == len(second) == 1
    pairs = zip(*([first, second] if single else common_seeds(first, second)), strict=True)
    mcnemar = tuple(evidence.mcnemar(*(right_in_validation(run, at) for run in p)) for p in pairs)
    return Comparison(
        a=first[0].experiment.name,
        b=second[0].experiment.name,
        at=at,
        accuracy_a=tuple(right_a.mean(axis=1).tolist()),
        accuracy_b=tuple(right_b.mean(axis=1).tolist()),
        difference=difference,
        mcnemar=mcnemar,
        images=right_a.shape[1],
        left_out=left_out,
        doubtful=any(not diagnose(run).decides for run in (*first, *second)),
        unfinished="; ".join(filter(None, map(still_learning, (first, second)))),
        p=mcnemar[0] if single else difference.p(),
    )


def family(rows: Sequence[Comparison]) -> list[Comparison]:
    """The same comparisons as the family that they are: p corrected by Holm's method."""
    corrected = evidence.holm([row.p for row in rows])
    return [replace(row, family=len(rows), p=p) for row, p in zip(rows, corrected, strict=True)]


def _count(seeds: int) -> str:
    return f"{seeds} seed" + "s" * (seeds > 1)
