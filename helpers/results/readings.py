"""What learning curves show: the reading of each run, and of all seeds of a run in words."""

from collections.abc import Mapping, Sequence

import pandas as pd

from helpers import evidence
from helpers.evidence import FEWEST_SEEDS, Reading
from helpers.records import Run, Runs, as_list


def diagnose(run: Run) -> Reading:
    """What the learning curve of a run shows; see `records.Run.reading`."""
    return run.reading


def reading(runs: Runs) -> str:
    """What the learning curves of all seeds of a run show, in words: 'overfits in 2 of 3 seeds'."""
    words = [diagnose(run).word for run in as_list(runs)]
    counted = {word: words.count(word) for word in dict.fromkeys(words)}
    if len(counted) == 1:
        return words[0]
    return ", ".join(f"{word} in {n} of {len(words)} seeds" for word, n in counted.items())


def doubts(runs: Sequence[Run]) -> str:
    """Which seeds of a run decide nothing: they learned nothing, or are unstable; empty: none."""
    return _counted(runs, [one.word for one in map(diagnose, runs) if not one.decides])


def still_learning(runs: Sequence[Run]) -> str:
    """In which seeds of a run validation loss falls to the end; empty: in none."""
    return _counted(runs, [one.word for one in map(diagnose, runs) if one.word == "still learning"])


def deciding(*runs: Sequence[Run]) -> tuple[list[list[Run]], str]:
    """The seeds of each of these runs that a comparison may rest on, and which were left out.

    Where that leaves fewer than three seeds of a run, all are kept: then nothing is decided.
    """
    used = [[run for run in of_run if diagnose(run).decides] for of_run in runs]
    why = "; ".join(filter(None, map(doubts, runs)))
    if why and min(map(len, used)) < FEWEST_SEEDS:
        return [list(of_run) for of_run in runs], why
    return used, why


def readings(rows: Mapping[str, Runs]) -> pd.DataFrame:
    """What the learning curves show: a row for each word, with its seeds and one's numbers."""
    table = []
    for name, runs in rows.items():
        found: dict[str, dict[int, Reading]] = {}
        for run in as_list(runs):
            read = diagnose(run)
            found.setdefault(str(read), {})[run.seed] = read
        for word, of_word in found.items():
            first, read = next(iter(of_word.items()))
            seeds = ", ".join(map(str, of_word))
            why = read.reason if len(of_word) == 1 else f"Seed {first}: {read.reason}"
            table.append({"run": name, "seeds": seeds, "curve": word, "because": why})
    columns = ["run", "seeds", "curve", "because"]
    return pd.DataFrame(table, columns=columns).set_index(["run", "seeds"])


def glossary() -> pd.DataFrame:
    """The words of a reading, and the rule behind each; the first that holds is said."""
    table = pd.DataFrame(evidence.WORDS.items(), columns=["word", "is said where"])
    return table.set_index("word")


def at_chance(run: Run) -> str | None:
    """A warning for heat maps of a network that does not learn; None for one that does.

    It does not where its curve says so, or where its accuracy at the best epoch may be that of a
    constant answer.
    """
    answered = evidence.accuracy(run.labels, run.probabilities[run.best_epoch - 1])
    constant, _ = evidence.constant_answer(run.labels)
    curve = diagnose(run)
    if curve.word != "learned nothing" and answered.low > constant:
        return None
    return (
        f"Accuracy {answered}, that of a constant answer {constant:.3f}, curve '{curve}': "
        "do not read these maps."
    )


def _counted(runs: Sequence[Run], words: Sequence[str]) -> str:
    """'task8 learned nothing in 2 of 3 seeds'; empty without any words."""
    if not words:
        return ""
    said = {"unstable": "is unstable", "still learning": "is still learning"}
    what = " or ".join(said.get(word, word) for word in dict.fromkeys(words))
    of = f" in {len(words)} of {len(runs)} seeds" if len(runs) > 1 else ""
    return f"{runs[0].experiment.name} {what}{of}"
