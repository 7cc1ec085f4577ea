"""The original report's thirteen claims, each held against what was measured.

A claim is one or several findings. It is confirmed where all of them are, contradicted where one
is, and undecided otherwise.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import pandas as pd

from helpers import findings
from helpers.comparisons import common_seeds
from helpers.findings import Finding, Seeds, Verdict

SPLITS = ("train", "validation")


@dataclass(frozen=True)
class Claim:
    """What the original report said, and how it is decided.

    Attributes:
        number: of the claim.
        task: that it is about.
        said: what was claimed.
        runs: names of the runs that decide it.
        decide: from the same seeds of these runs, in order, to findings.
    """

    number: int
    task: str
    said: str
    runs: tuple[str, ...]
    decide: Callable[..., list[Finding]]


def judge(claim: Claim, runs: Mapping[str, Seeds]) -> Finding:
    """The claim as a whole: the verdict, and the figures of all its findings.

    Args:
        claim: one of `CLAIMS`.
        runs: by name the seeds of each run that was made; those that all runs of the claim have
            are used.
    """
    missing = [name for name in claim.runs if not runs.get(name)]
    if missing:
        return Finding("not run", f"{', '.join(missing)}: not run")
    seeds = common_seeds(*(runs[name] for name in claim.runs))
    if not seeds[0]:
        return Finding("not run", f"{', '.join(claim.runs)}: not run with the same seed")
    images = {run.info["identity"][split] for of_run in seeds for run in of_run for split in SPLITS}
    if len(images) > len(SPLITS):
        return Finding("not run", f"{', '.join(claim.runs)}: not run on the same images")
    found = claim.decide(*seeds)
    verdicts = {finding.verdict for finding in found}
    verdict: Verdict = "undecided"
    if "contradicted" in verdicts:
        verdict = "contradicted"
    elif verdicts == {"confirmed"}:
        verdict = "confirmed"
    return Finding(verdict, "; ".join(finding.figures for finding in found))


def table(runs: Mapping[str, Seeds]) -> pd.DataFrame:
    """All claims with their verdicts, by number; `runs` as for `judge`."""
    judged = {claim: judge(claim, runs) for claim in CLAIMS}
    return pd.DataFrame(
        {
            "claim": claim.number,
            "task": claim.task,
            "said": claim.said,
            "verdict": found.verdict,
            "figures": found.figures,
        }
        for claim, found in judged.items()
    ).set_index("claim")


def _better(a: Seeds, b: Seeds) -> list[Finding]:
    return [findings.lower_loss(a, b), findings.more_accurate(a, b)]


CLAIMS = (
    Claim(
        1,
        "1a",
        "without dropout the network overfits, dropout prevents it",
        ("task1a_plain", "task1a_dropout"),
        lambda plain, dropout: [
            findings.overfits(plain),
            findings.does_not_overfit(dropout),
            findings.narrower_gap(plain, dropout),
        ],
    ),
    Claim(
        2,
        "1b",
        "with batch norm and dropout, 1a's accuracy is reached in fewer epochs",
        ("task1a_dropout", "task1b_dropout"),
        lambda before, after: [findings.sooner_at_its_best(before, after)],
    ),
    Claim(
        3,
        "1b",
        "with batch norm and without dropout, 1a's accuracy is never reached",
        ("task1a_plain", "task1b_plain"),
        lambda before, after: [findings.never_reaches(before, after)],
    ),
    Claim(
        4,
        "1c",
        "batch norm gives the better loss and accuracy",
        ("task1c_no_batch_norm", "task1c_batch_norm"),
        _better,
    ),
    Claim(
        5,
        "1d",
        "batch norm gives the better accuracy, but overfits",
        ("task1d_no_batch_norm", "task1d_batch_norm"),
        lambda without, with_it: [
            findings.more_accurate(without, with_it),
            findings.overfits(with_it),
            findings.wider_gap(without, with_it),
        ],
    ),
    Claim(
        6,
        "2a",
        "without spatial dropout the network converges sooner",
        ("task2a_no_spatial_dropout", "task2a_spatial_dropout"),
        lambda without, with_it: [findings.sooner_in_training(with_it, without)],
    ),
    Claim(
        7,
        "2b",
        "spatial dropout prevents overfitting and converges later",
        ("task2b_no_spatial_dropout", "task2b_spatial_dropout"),
        lambda without, with_it: [
            findings.does_not_overfit(with_it),
            findings.narrower_gap(without, with_it),
            findings.sooner_in_training(with_it, without),
        ],
    ),
    Claim(
        8,
        "4",
        "with augmentation the curves fluctuate more and overfit less",
        ("task4_not_augmented", "task4_augmented"),
        lambda without, with_it: [
            findings.fluctuates_more(without, with_it, "val_loss"),
            findings.fluctuates_more(without, with_it, "val_accuracy"),
            findings.narrower_gap(without, with_it),
        ],
    ),
    Claim(
        9,
        "5",
        "the fluctuation shrinks with time, the result is better, training is slower",
        ("task4_not_augmented", "task4_augmented", "task5_skin"),
        lambda without, augmented, deeper: [
            findings.calms_down(deeper, "val_accuracy"),
            findings.more_accurate(without, deeper),
            findings.slower(augmented, deeper),
        ],
    ),
    Claim(
        10,
        "7",
        "on bone, transfer is better than training from scratch",
        ("task5_bone", "task7_bone"),
        _better,
    ),
    Claim(
        11,
        "7",
        "on skin, transfer is better than training from scratch, and overfits",
        ("task5_skin", "task7_skin"),
        lambda scratch, transfer: [*_better(scratch, transfer), findings.overfits(transfer)],
    ),
    Claim(
        12,
        "7",
        "training the head is many times faster than training the whole network",
        ("task5_skin", "task7_skin"),
        lambda scratch, transfer: [findings.many_times_faster(scratch, transfer)],
    ),
    Claim(
        13,
        "8",
        "the low accuracy is heavy overfitting",
        ("task8",),
        lambda runs: [findings.overfits(runs)],
    ),
)
RUNS = sorted({name for claim in CLAIMS for name in claim.runs})  # that decide a claim
