"""The original report's thirteen claims, each held against what was measured.

A claim is one or several hypotheses. It is confirmed where all of them are, contradicted where one
is, and undecided otherwise.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import pandas as pd

from helpers.evidence import Verdict
from helpers.results import hypotheses
from helpers.results.comparisons import common_seeds
from helpers.results.hypotheses import Seeds, contrary

SPLITS = ("train", "validation")


@dataclass(frozen=True)
class Claim:
    """What the original report said, and how it is decided."""

    number: int
    task: str
    said: str
    runs: tuple[str, ...]  # names of the runs that decide it
    # From the same seeds of these runs, in order, to the verdicts on the claim's hypotheses.
    decide: Callable[..., list[Verdict]]


def judge(claim: Claim, runs: Mapping[str, Seeds]) -> Verdict:
    """The claim as a whole: the verdict, and the numbers of all its hypotheses.

    Args:
        claim: one of `CLAIMS`.
        runs: by name the seeds of each run that was made; those that all runs of the claim have
            are used.
    """
    missing = [name for name in claim.runs if not runs.get(name)]
    if missing:
        return Verdict("not run", f"{', '.join(missing)}: not run")
    seeds = common_seeds(*(runs[name] for name in claim.runs))
    if not seeds[0]:
        return Verdict("not run", f"{', '.join(claim.runs)}: not run with the same seed")
    images = {run.info["identity"][split] for of_run in seeds for run in of_run for split in SPLITS}
    if len(images) > len(SPLITS):
        return Verdict("not run", f"{', '.join(claim.runs)}: not run on the same images")
    found = claim.decide(*seeds)
    words = {verdict.word for verdict in found}
    word = "undecided"
    if "contradicted" in words:
        word = "contradicted"
    elif words == {"confirmed"}:
        word = "confirmed"
    return Verdict(word, "; ".join(verdict.reason for verdict in found))


def claims_table(runs: Mapping[str, Seeds]) -> pd.DataFrame:
    """All claims with their verdicts, by number; `runs` as for `judge`."""
    judged = {claim: judge(claim, runs) for claim in CLAIMS}
    return pd.DataFrame(
        {
            "claim": claim.number,
            "task": claim.task,
            "said": claim.said,
            "verdict": found.word,
            "measured": found.reason,
        }
        for claim, found in judged.items()
    ).set_index("claim")


def _better(a: Seeds, b: Seeds) -> list[Verdict]:
    return [hypotheses.lower_loss(a, b), hypotheses.more_accurate(a, b)]


# fmt: off
CLAIMS = (
    Claim(1, "1a", "without dropout the network overfits, dropout prevents it",
          ("task1a_plain", "task1a_dropout"),
          lambda plain, dropout: [
              hypotheses.overfits(plain),
              contrary(hypotheses.overfits(dropout)),
              contrary(hypotheses.wider_gap(plain, dropout))]),
    Claim(2, "1b", "with batch norm and dropout, 1a's accuracy is reached in fewer epochs",
          ("task1a_dropout", "task1b_dropout"),
          lambda before, after: [hypotheses.sooner_at_its_best(before, after)]),
    Claim(3, "1b", "with batch norm and without dropout, 1a's accuracy is never reached",
          ("task1a_plain", "task1b_plain"),
          lambda before, after: [hypotheses.never_reaches(before, after)]),
    Claim(4, "1c", "batch norm gives the better loss and accuracy",
          ("task1c_no_batch_norm", "task1c_batch_norm"), _better),
    Claim(5, "1d", "batch norm gives the better accuracy, but overfits",
          ("task1d_no_batch_norm", "task1d_batch_norm"),
          lambda without, norm: [
              hypotheses.more_accurate(without, norm),
              hypotheses.overfits(norm),
              hypotheses.wider_gap(without, norm)]),
    Claim(6, "2a", "without spatial dropout the network converges sooner",
          ("task2a_no_spatial_dropout", "task2a_spatial_dropout"),
          lambda without, spatial: [hypotheses.sooner_in_training(spatial, without)]),
    Claim(7, "2b", "spatial dropout prevents overfitting and converges later",
          ("task2b_no_spatial_dropout", "task2b_spatial_dropout"),
          lambda without, spatial: [
              contrary(hypotheses.overfits(spatial)),
              contrary(hypotheses.wider_gap(without, spatial)),
              hypotheses.sooner_in_training(spatial, without)]),
    Claim(8, "4", "with augmentation the curves fluctuate more and overfit less",
          ("task4_not_augmented", "task4_augmented"),
          lambda without, augmented: [
              hypotheses.fluctuates_more(without, augmented, "val_loss"),
              hypotheses.fluctuates_more(without, augmented, "val_accuracy"),
              contrary(hypotheses.wider_gap(without, augmented))]),
    Claim(9, "5", "the fluctuation shrinks with time, the result is better, training is slower",
          ("task4_not_augmented", "task4_augmented", "task5_skin"),
          lambda without, augmented, deeper: [
              hypotheses.calms_down(deeper, "val_accuracy"),
              hypotheses.more_accurate(without, deeper),
              hypotheses.slower(augmented, deeper)]),
    Claim(10, "7", "on bone, transfer is better than training from scratch",
          ("task5_bone", "task7_bone"), _better),
    Claim(11, "7", "on skin, transfer is better than training from scratch, and overfits",
          ("task5_skin", "task7_skin"),
          lambda scratch, head: [*_better(scratch, head), hypotheses.overfits(head)]),
    Claim(12, "7", "training the head is many times faster than training the whole network",
          ("task5_skin", "task7_skin"),
          lambda scratch, head: [hypotheses.many_times_faster(scratch, head)]),
    Claim(13, "8", "the low accuracy is heavy overfitting",
          ("task8",), lambda runs: [hypotheses.overfits(runs)]),
)
# fmt: on
RUNS = sorted({name for claim in CLAIMS for name in claim.runs})  # that decide a claim
