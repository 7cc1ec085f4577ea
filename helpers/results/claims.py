"""The original report's thirteen claims, clause by clause, held against what was measured.

A clause is confirmed or contradicted where an interval over three seeds or more says so and Holm's
correction for all clauses of its task leaves it, and undecided otherwise. Where what it explains is
not there, its premise is not met. Networks that learned nothing, or are unstable, decide nothing.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import pandas as pd

from helpers import evidence
from helpers.evidence import FEWEST_SEEDS, Verdict
from helpers.records import Run
from helpers.results import findings, measures
from helpers.results.comparisons import SIGNIFICANT
from helpers.results.findings import Finding, Seeds, contrary
from helpers.results.readings import diagnose, doubts

SPLITS = ("train", "validation")
NOT_RUN, PREMISE = "not run", "premise not met"


@dataclass(frozen=True)
class Clause:
    """One thing that the original report said, and how it is decided."""

    number: str  # of the claim, and of the clause in it
    task: str
    said: str
    runs: tuple[str, ...]  # names of the runs that decide it
    # From the same seeds of these runs, in order, to what they say of the clause.
    decide: Callable[..., Finding]
    # From the same to what must hold for there to be something to decide.
    premise: Callable[..., Finding] | None = None
    any_network: bool = False  # whether those that learned nothing or are unstable count too

    @property
    def claim(self) -> int:
        """The number of the claim that it belongs to."""
        return int(self.number.split(".")[0])


def judge(clauses: Sequence[Clause], runs: Mapping[str, Seeds]) -> list[Verdict]:
    """The verdict on each of these clauses, and the numbers behind it.

    Args:
        clauses: those of `CLAIMS`, or all of one task; each task is one family for Holm's method.
        runs: by name the seeds of each run that was made; those that all runs of a clause have
            are used.
    """
    found = [_found(clause, runs) for clause in clauses]
    verdicts = [one if isinstance(one, Verdict) else _word(one, one.p, 1) for one in found]
    for task in {_task(clause) for clause in clauses}:
        family = {
            i: one
            for i, one in enumerate(found)
            if isinstance(one, Finding) and one.known and _task(clauses[i]) == task
        }
        corrected = evidence.holm([one.p for one in family.values()])
        for (i, one), p in zip(family.items(), corrected, strict=True):
            verdicts[i] = _word(one, p, len(family))
    return verdicts


def claims_table(runs: Mapping[str, Seeds]) -> pd.DataFrame:
    """All clauses with their verdicts; `runs` as for `judge`."""
    return pd.DataFrame(
        {
            "claim": clause.number,
            "task": clause.task,
            "said": clause.said,
            "verdict": verdict.word,
            "measured": verdict.reason,
        }
        for clause, verdict in zip(CLAIMS, judge(CLAIMS, runs), strict=True)
    ).set_index("claim")


def _task(clause: Clause) -> str:
    return clause.task.rstrip("abcd")


def _word(finding: Finding, p: float, family: int) -> Verdict:
    word = {1: "confirmed", 0: "undecided", -1: "contradicted"}[finding.side]
    if finding.side and p >= SIGNIFICANT:
        return Verdict(
            "undecided",
            f"{finding.reason}; as one of {family} findings of its task that does not decide "
            f"(p = {p:.2g} after Holm's correction)",
        )
    return Verdict(word, finding.reason)


def _found(clause: Clause, runs: Mapping[str, Seeds]) -> Verdict | Finding:
    """What the runs say of a clause, or why they say nothing."""
    if missing := _missing(clause, runs):
        return Verdict(NOT_RUN, missing)
    seeds = measures.common_seeds(*(runs[name] for name in clause.runs))
    note = ""
    if not clause.any_network:
        used = _that_decide(seeds)
        if len(used[0]) < len(seeds[0]):
            why = "; ".join(filter(None, map(doubts, seeds)))
            note = f"; {len(used[0])} of {len(seeds[0])} seeds used, since {why}"
        seeds = used
    if not seeds[0]:
        return Verdict("undecided", note.removeprefix("; "))
    premise = clause.premise and clause.premise(*seeds)
    if premise and premise.side < 0:
        return Verdict(PREMISE, f"there is nothing to explain: {premise.reason}{note}")
    if len(seeds[0]) < FEWEST_SEEDS:
        count = f"{len(seeds[0])} seed{'s' * (len(seeds[0]) > 1)}: no verdict"
        return Verdict("undecided", f"{count}; {clause.decide(*seeds).reason}{note}")
    if premise and premise.side == 0:
        why = f"it is not sure that there is anything to explain: {premise.reason}"
        return Verdict("undecided", why + note)
    finding = clause.decide(*seeds)
    return replace(finding, reason=finding.reason + note)


def _missing(clause: Clause, runs: Mapping[str, Seeds]) -> str:
    """Which runs a clause lacks, or what they do not have in common; empty: nothing."""
    missing = [name for name in clause.runs if not runs.get(name)]
    if missing:
        return f"{', '.join(missing)}: not run"
    seeds = measures.common_seeds(*(runs[name] for name in clause.runs))
    if not seeds[0]:
        return f"{', '.join(clause.runs)}: not run with the same seed"
    images = {run.info["identity"][split] for of_run in seeds for run in of_run for split in SPLITS}
    if len(images) > len(SPLITS):
        return f"{', '.join(clause.runs)}: not run on the same images"
    return ""


def _that_decide(runs: Sequence[Seeds]) -> list[list[Run]]:
    """The seeds with which every one of the runs has learned something, and is not unstable."""
    pairs = enumerate(zip(*runs, strict=True))
    kept = [i for i, pair in pairs if all(diagnose(run).decides for run in pair)]
    return [[of_run[i] for i in kept] for of_run in runs]


# fmt: off
CLAIMS = (
    Clause("1.1", "1a", "without dropout the network overfits",
           ("task1a_plain",), findings.overfits),
    Clause("1.2", "1a", "dropout prevents overfitting",
           ("task1a_plain", "task1a_dropout"),
           lambda _, dropout: contrary(findings.overfits(dropout)),
           lambda plain, _: findings.overfits(plain)),
    Clause("2.1", "1b", "with batch norm and dropout, 1a's accuracy is reached in fewer epochs",
           ("task1a_dropout", "task1b_dropout"), findings.sooner_to_accuracy),
    Clause("3.1", "1b", "with batch norm and without dropout, 1a's loss is never reached",
           ("task1b_plain", "task1a_plain"), findings.lower_loss),
    Clause("3.2", "1b", "with batch norm and without dropout, 1a's accuracy is never reached",
           ("task1b_plain", "task1a_plain"), findings.more_accurate),
    Clause("4.1", "1c", "batch norm gives the better loss",
           ("task1c_no_batch_norm", "task1c_batch_norm"), findings.lower_loss),
    Clause("4.2", "1c", "batch norm gives the better accuracy",
           ("task1c_no_batch_norm", "task1c_batch_norm"), findings.more_accurate),
    Clause("5.1", "1d", "batch norm gives slightly better values (the loss; accuracies were equal)",
           ("task1d_no_batch_norm", "task1d_batch_norm"), findings.lower_loss),
    Clause("5.2", "1d", "with batch norm the network overfits",
           ("task1d_batch_norm",), findings.overfits),
    Clause("5.3", "1d", "without batch norm it generalises better",
           ("task1d_no_batch_norm", "task1d_batch_norm"), findings.wider_gap),
    Clause("6.1", "2a", "without spatial dropout the network converges sooner",
           ("task2a_spatial_dropout", "task2a_no_spatial_dropout"), findings.sooner_to_loss),
    Clause("7.1", "2b", "spatial dropout prevents overfitting",
           ("task2b_no_spatial_dropout", "task2b_spatial_dropout"),
           lambda _, spatial: contrary(findings.overfits(spatial)),
           lambda without, _: findings.overfits(without)),
    Clause("7.2", "2b", "with spatial dropout the network converges later",
           ("task2b_spatial_dropout", "task2b_no_spatial_dropout"), findings.sooner_to_loss),
    Clause("8.1", "4", "with augmentation the loss fluctuates more",
           ("task4_not_augmented", "task4_augmented"),
           lambda a, b: findings.fluctuates_more(a, b, "val_loss")),
    Clause("8.2", "4", "with augmentation the accuracy fluctuates more",
           ("task4_not_augmented", "task4_augmented"),
           lambda a, b: findings.fluctuates_more(a, b, "val_accuracy")),
    Clause("8.3", "4", "with augmentation the network overfits less",
           ("task4_augmented", "task4_not_augmented"), findings.wider_gap),
    Clause("9.1", "5", "the fluctuation is larger in validation accuracy than in training",
           ("task5_skin",), findings.more_in_validation),
    Clause("9.2", "5", "the fluctuation of validation accuracy shrinks with time",
           ("task5_skin",), lambda runs: findings.calms_down(runs, "val_accuracy")),
    Clause("9.3", "5", "augmentation improves the result",
           ("task5_not_augmented", "task5_skin"), findings.more_accurate),
    Clause("9.4", "5", "training is much slower than in Task 4",
           ("task4_augmented", "task5_skin"), findings.much_slower, any_network=True),
    Clause("10.1", "7", "on bone, transfer is better than training from scratch (by loss; "
           "accuracies were equal)",
           ("task5_bone", "task7_bone"), findings.lower_loss),
    Clause("11.1", "7", "on skin, transfer has the better loss",
           ("task5_skin", "task7_skin"), findings.lower_loss),
    Clause("11.2", "7", "on skin, transfer has the better accuracy",
           ("task5_skin", "task7_skin"), findings.more_accurate),
    Clause("11.3", "7", "on skin, transfer overfits",
           ("task7_skin",), findings.overfits),
    Clause("12.1", "7", "training the head is many times faster than training the whole network",
           ("task5_skin", "task7_skin"), findings.many_times_faster, any_network=True),
    Clause("13.1", "8", "the heat map points to the corners instead of the bone",
           ("task8",), findings.maps_unknown, findings.has_learned, any_network=True),
    Clause("13.2", "8", "the low accuracy is heavy overfitting",
           ("task8",), findings.overfits_heavily, findings.low_accuracy, any_network=True),
)
# fmt: on
RUNS = sorted({name for clause in CLAIMS for name in clause.runs})  # that decide a clause
