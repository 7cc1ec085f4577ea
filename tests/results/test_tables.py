"""What recorded runs say in tables, on made-up runs."""

from dataclasses import replace

import numpy as np
import pytest
from runs import HERE, IMAGES, good, made_up

from helpers import evidence, experiments, results, settings


def test_what_was_not_run_is_said_beside_the_reported_figures():
    table = results.against_reported({"task1a_plain": []})
    assert table["measured loss"].tolist() == ["not run"]


def test_tabulate_gives_both_epochs_and_the_clinical_figures():
    run = made_up(wrong=[range(10), range(30)])  # all wrong ones are Mel
    table = results.tabulate({"one": run})
    best, last = table.loc[("one", "best")], table.loc[("one", "last")]
    assert (best["epoch"], last["epoch"]) == ("1", "2")
    assert best["accuracy"].startswith("0.950 [")
    assert last["accuracy"].startswith("0.850 [")
    assert best["loss"] == f"{run.history['val_loss'][0]:.3f}"
    assert best["sensitivity (Mel)"].startswith("0.900 [")
    assert best["specificity"].startswith("1.000 [")
    assert best["AUC"].startswith("0.950 [")
    assert "machine" not in table


def told_apart(right, positive=None, images=20, seed=0, **data):
    """A run of one epoch that has so many of each class right, by class; the rest are the next."""
    labels = np.repeat(np.arange(len(right)), images)
    answers = np.concatenate(
        [
            np.where(np.arange(images) < n, k, (k + 1) % len(right))
            for k, n in enumerate(right.values())
        ]
    )
    probabilities = np.where(np.arange(len(right)) == answers[:, None], 0.9, 0.1 / (len(right) - 1))
    run = made_up(wrong=[()], seed=seed)
    about = {"classes": list(right), "positive": positive} | data
    return replace(
        run,
        labels=labels,
        training_labels=labels,
        probabilities=probabilities[None],
        training_probabilities={1: probabilities},
        info=run.info | {"data": run.info["data"] | about},
    )


def test_where_no_class_is_known_to_be_positive_each_has_its_recall():
    row = results.tabulate({"one": told_apart({"0": 10, "1": 18})}).loc[("one", "last")]
    assert row["recall of 0"].startswith("0.500 [0.2")
    assert row["recall of 1"].startswith("0.900 [0.6")
    assert row["AUC of 1"].startswith("0.700 [")
    assert not row.index.str.contains("sensitivity|specificity").any()


def test_the_area_does_not_depend_on_which_class_it_is_said_of():
    right = {"ill": 10, "well": 18}
    unknown = results.tabulate({"one": told_apart(right)})["AUC of well"]
    for positive in right:
        assert results.tabulate({"one": told_apart(right, positive)})["AUC"].equals(
            unknown.rename("AUC")
        )


def test_each_of_a_few_classes_has_its_recall():
    columns = results.tabulate({"one": told_apart({"a": 10, "b": 18, "c": 20})}).columns
    assert list(columns) == [
        *("epoch", "loss", "accuracy", "recall of a", "recall of b", "recall of c"),
        *("training accuracy", "constant", "picked"),
    ]


def test_many_classes_have_two_columns_for_all_of_them():
    right = {f"c{k}": 20 - k for k in range(9)}
    runs = [told_apart(right | {"c4": n}, seed=seed) for seed, n in enumerate((2, 4))]
    row = results.tabulate({"one": runs}).loc[("one", "last")]
    assert "recall of c0" not in row
    mean = np.mean([20, 19, 18, 17, 3, 15, 14, 13, 12]) / 20
    assert row["balanced accuracy"].startswith(f"{mean:.3f} ± 0.008 [")
    assert row["lowest recall"].startswith("0.150 ± 0.071 [")
    assert row["lowest recall"].endswith("] (c4)")


def test_classes_that_share_the_lowest_recall_are_counted():
    right = {f"c{k}": 20 for k in range(9)} | {"c2": 0, "c5": 0, "c7": 0}
    lowest = results.tabulate({"one": told_apart(right)})["lowest recall"].iloc[0]
    assert lowest.startswith("0.000 [") and lowest.endswith("] (c2 and 2 more)")


def test_sets_of_different_classes_stand_in_one_table():
    table = results.tabulate(
        {"known": made_up(wrong=[()]), "unknown": told_apart({"0": 10, "1": 18})}
    )
    assert table.loc[("known", "best"), "recall of 0"] == ""
    assert table.loc[("unknown", "best"), "sensitivity (Mel)"] == ""


def test_what_is_wrong_with_the_images_stands_beside_the_metrics():
    said = "12 of 76 validation pictures are in train"
    clean, copied = (told_apart({"a": 10, "b": 18}, findings=what) for what in ("", said))
    assert "images" not in results.tabulate({"old": made_up(), "clean": clean})
    table = results.tabulate({"old": made_up(), "seeds": [copied, clean, copied]})
    assert table["images"].tolist() == ["", "", said, said]


def test_training_accuracy_is_of_both_epochs_with_nothing_dropped():
    run = made_up(wrong=[range(10), range(30)], fitted_best=range(8), fitted_wrong=range(2))
    assert results.tabulate({"one": run})["training accuracy"].tolist() == ["0.960", "0.990"]


def test_training_accuracy_that_was_not_kept_is_not_made_up():
    run = made_up(wrong=[range(30), range(10), range(20)], fitted_wrong=range(2))
    assert results.tabulate({"one": run})["training accuracy"].tolist() == ["not kept", "0.990"]
    cut = results.tabulate({"one": run.until(2)})
    assert cut["training accuracy"].tolist() == ["not kept", "not kept"]
    kept = made_up(wrong=[range(30), range(10), range(20)], fitted_best=range(2))
    both = results.tabulate({"two": [kept, run]})
    assert both["training accuracy"].tolist() == ["not kept", "0.995 ± 0.007"]


def test_the_accuracy_of_one_answer_for_all_stands_beside():
    run = made_up()
    assert results.tabulate({"one": run})["constant"].tolist() == ["0.500", "0.500"]
    rare = replace(run, labels=np.repeat([0, 1], [150, 50]))
    assert results.tabulate({"one": rare})["constant"].tolist() == ["0.750", "0.750"]


def test_how_lucky_the_best_epoch_is_stands_beside_it_alone():
    rng = np.random.default_rng(0)
    waver = made_up(wrong=[rng.choice(IMAGES, 60, replace=False) for _ in range(30)])
    best, last = results.tabulate({"one": waver})["picked"]
    expected = evidence.optimism(waver.labels, waver.probabilities).points.value
    assert best == f"{expected:+.1f}" and expected > 1
    assert last == ""
    steady = results.tabulate({"one": good("task1a_plain")})["picked"]
    assert abs(float(steady["one", "best"])) < 1


def test_tabulate_over_seeds_gives_mean_and_spread():
    runs = [made_up(wrong=[range(10)]), made_up(wrong=[range(20)], seed=1)]
    cell = results.tabulate({"two": runs}).loc[("two", "best"), "accuracy"]
    assert cell.startswith("0.925 ± 0.035 [")


def test_the_best_epochs_of_a_few_seeds_are_listed_and_of_many_the_range():
    def table(*epochs):
        runs = [
            made_up(wrong=[range(9 if epoch == best else 20) for epoch in range(1, 10)], seed=seed)
            for seed, best in enumerate(epochs)
        ]
        return results.tabulate({"one": runs})["epoch"].tolist()

    assert table(4, 2, 7) == ["4, 2, 7", "9"]
    assert table(4, 4) == ["4", "9"]
    assert table(4, 2, 7, 5) == ["2 to 7", "9"]


def test_fluctuations_are_tabulated_with_their_spread():
    wrong = [range(n) for n in (5, 8, 4, 9)]
    a, b = made_up(wrong=wrong), made_up(wrong=[range(n) for n in (5, 20, 2, 9)], seed=1)
    table = results.fluctuations({"calm": a, "both": [a, b]})
    assert table.loc["calm", "accuracy"] == f"{np.diff([5, 8, 4, 9]).std(ddof=1) / IMAGES:.3f}"
    assert table.loc["calm", "training loss"] == "0.000"
    assert table.loc["both", "loss"].count(" ± ") == 1


def test_the_reported_values_are_those_of_the_original_report():
    reported = results.reported()
    assert set(reported["run"]) <= set(experiments.EXPERIMENTS)
    assert len(reported) == 20
    row = reported[(reported["run"] == "task1b_plain") & (reported["at"] == "best")].iloc[0]
    assert (row["epoch"], row["loss"], row["accuracy"]) == (10, 0.4905, 0.79)
    assert reported["accuracy"].between(0.5, 1).all()


def test_reported_stands_beside_measured_with_what_each_was_measured_on():
    run = made_up("task1b_plain", wrong=[range(2), range(20)])
    table = results.against_reported({"task1b_plain": run})
    assert list(table.index) == [("task1b_plain", "best (10)"), ("task1b_plain", "last")]
    row = table.loc[("task1b_plain", "last")]
    assert row["reported accuracy"] == "0.730"
    assert row["measured accuracy"].startswith("0.900 [")
    best = table.loc[("task1b_plain", "best (10)")]
    assert best["measured accuracy"].startswith("0.990 [")
    assert row["reported on"] == "the course's images"
    assert row["measured on"] == "demo images, profile quick"


def test_comparisons_are_tabulated_in_points():
    a, b = made_up(wrong=[range(40)]), made_up("task1a_dropout", wrong=[range(10)])
    table = results.comparisons([results.compare(a, b)])
    row = table.loc["task1a_dropout minus task1a_plain"]
    assert row["difference, points"].startswith("+15.0 [+")
    assert row["accuracy"] == "0.950 minus 0.800"
    assert row["epoch"] == "best"


def test_only_a_family_has_a_verdict_and_its_p_is_corrected():
    row = results.compare(good("task1a_plain", 12), good("task1a_dropout", 10))
    assert "verdict" not in results.comparisons([row, row])
    table = results.comparisons(results.family([row, row, row]))
    assert table["verdict"].str.contains("cannot be told apart").all()
    assert table["p"].tolist() == [f"{min(1, 3 * row.p):.2g}"] * 3


def test_a_table_is_saved_for_the_report(lab):
    table = results.tabulate({"one": made_up()})
    assert results.save_table(table, "mine") is table
    saved = (settings.current().figures / "mine.csv").read_text(encoding="utf-8")
    assert saved.splitlines()[0].startswith("run,at,epoch,loss,accuracy")


def test_where_images_are_from_is_said_with_their_number():
    run = made_up()
    assert results.counts(run, "train") == "100 Mel + 100 Nev"
    assert results.provenance(run) == (
        "demo images, profile quick: train 100 Mel + 100 Nev, validation 100 Mel + 100 Nev"
    )
    many = {f"c{k}": 20 for k in range(9)}
    of_nine = made_up(data={"demo": False, "train": many, "validation": many | {"c8": 4}})
    assert results.provenance(of_nine) == (
        "own images, profile quick: train 180 of 9 classes, validation 164 of 9 classes"
    )


def made_on(*machines, epochs=(1, 2)):
    """A run whose epochs were made on these, to the given ones."""
    parts = [
        {
            "epochs": end,
            "versions": {},
            "hardware": {"processor": p, "cores": 2, "gpus": list(gpus)},
        }
        for (p, *gpus), end in zip(machines, epochs[-len(machines) :], strict=True)
    ]
    return made_up(made=parts)


@pytest.mark.parametrize(
    ("machines", "said"),
    [
        ([(HERE,)], ""),
        ([("another kind",)], "made on another kind"),
        ([(HERE, "a GPU")], f"made on {HERE} and a GPU"),
        ([("another kind",), (HERE,)], f"made on another kind to epoch 1, then {HERE} to epoch 2"),
        (
            [(HERE,), (HERE, "a GPU")],
            f"made on {HERE} to epoch 1, then {HERE} and a GPU to epoch 2",
        ),
    ],
)
def test_where_a_run_was_made_is_said_if_not_here_alone(machines, said):
    run = made_on(*machines)
    assert results.source(run) == "demo images, profile quick" + (f", {said}" if said else "")
    table = results.tabulate({"a": [made_up()], "b": [run]})
    assert ("machine" in table) == bool(said)
    if said:
        assert table["machine"].tolist() == ["", "", said, said]
