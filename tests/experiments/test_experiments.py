from dataclasses import fields, replace

import pytest

from helpers import datasets, experiments, settings
from helpers.experiments import CHANGES, EXPERIMENTS, Experiment, at_profile, get, select

# network, dense, dropout, batch norm, spatial dropout, size, base, rate, epochs, data, augmented
ASSIGNMENT = {
    "task1a_plain": ("alexnet", (64, 64), 0, False, 0, 128, 8, 1e-4, 50, "skin", False),
    "task1a_dropout": ("alexnet", (64, 64), 0.4, False, 0, 128, 8, 1e-4, 50, "skin", False),
    "task1b_plain": ("alexnet", (64, 64), 0, True, 0, 128, 8, 1e-4, 50, "skin", False),
    "task1b_dropout": ("alexnet", (64, 64), 0.4, True, 0, 128, 8, 1e-4, 50, "skin", False),
    "task1c_no_batch_norm": ("alexnet", (64, 64), 0.4, False, 0, 128, 8, 1e-5, 80, "skin", False),
    "task1c_batch_norm": ("alexnet", (64, 64), 0.4, True, 0, 128, 8, 1e-5, 80, "skin", False),
    "task1d_no_batch_norm": ("alexnet", (64, 64), 0.4, False, 0, 128, 8, 1e-5, 150, "skin", False),
    "task1d_batch_norm": ("alexnet", (64, 64), 0.4, True, 0, 128, 8, 1e-5, 150, "skin", False),
    "task2a_no_spatial_dropout": (
        *("alexnet", (64, 64), 0.4, False, 0, 128, 32, 1e-5, 150, "skin", False),
    ),
    "task2a_spatial_dropout": (
        *("alexnet", (64, 64), 0.4, False, 0.1, 128, 32, 1e-5, 150, "skin", False),
    ),
    "task2b_no_spatial_dropout": (
        *("alexnet", (64, 64), 0.4, False, 0, 128, 32, 1e-5, 250, "skin", False),
    ),
    "task2b_spatial_dropout": (
        *("alexnet", (64, 64), 0.4, False, 0.1, 128, 32, 1e-5, 250, "skin", False),
    ),
    "task4_not_augmented": ("alexnet", (128, 64), 0.4, True, 0, 256, 64, 1e-5, 80, "skin", False),
    "task4_augmented": ("alexnet", (128, 64), 0.4, True, 0, 256, 64, 1e-5, 80, "skin", True),
    "task5_skin": ("vgg16", (64, 64, 64), 0.4, True, 0, 256, 64, 1e-5, 80, "skin", True),
    "task5_bone": ("vgg16", (64, 64, 64), 0.4, True, 0, 256, 64, 1e-5, 80, "bone", True),
    "task8": ("vgg16", (64, 64, 64), 0.4, False, 0, 128, 8, 1e-5, 80, "bone", True),
    "task8_batch_norm": ("vgg16", (64, 64, 64), 0.4, True, 0, 128, 8, 1e-5, 80, "bone", True),
}


def settings_of(e: Experiment) -> tuple:
    return (
        *(e.network, e.dense, e.dropout, e.batch_norm, e.spatial_dropout, e.size, e.base),
        *(e.learning_rate, e.epochs, e.data, e.augmented),
    )


def test_full_is_the_assignment_to_the_letter():
    for name, wanted in ASSIGNMENT.items():
        assert settings_of(at_profile(EXPERIMENTS[name], "full")) == wanted, name
        assert EXPERIMENTS[name].batch_size == 8
        assert EXPERIMENTS[name].softmax == name.startswith("task8")
    for data in ("skin", "bone"):
        row = EXPERIMENTS[f"task7_{data}"]
        assert (row.dense, row.dropout, row.size, row.learning_rate, row.epochs) == (
            *((128,), 0.5, 224, 1e-5, 150),
        )
        assert (row.network, row.data, row.features, row.scaled) == (
            *("dense_head", data, "imagenet", "unit"),
        )


def test_5b_is_5a_without_one_thing():
    lab, without = EXPERIMENTS["task5_skin"], select("5b", "full")
    changes = [{"batch_norm": False}, {"dropout": 0.0}, {"augmented": False}]
    for row, change in zip(without.values(), changes, strict=True):
        assert row.identity() == replace(lab, **change).identity()


@pytest.mark.parametrize("data", ["skin", "bone"])
def test_what_stands_beside_task_7_differs_in_one_thing(data):
    lab = EXPERIMENTS[f"task7_{data}"]
    changes = {
        "task6_{}_imagenet": {"scaled": "imagenet"},
        "task7_{}_random": {"features": "random"},
    }
    for name, change in changes.items():
        assert EXPERIMENTS[name.format(data)].identity() == replace(lab, **change).identity()
    thawed = EXPERIMENTS[f"task7_{data}_thawed"]
    assert (thawed.starts_from, thawed.data, thawed.features) == (lab, data, "imagenet")
    for profile in CHANGES:
        rows = select("7", profile)
        assert rows[f"task7_{data}_thawed"].starts_from == rows[f"task7_{data}"]


def test_names_of_rows_are_their_keys():
    assert all(name == row.name for name, row in EXPERIMENTS.items())


@pytest.mark.parametrize("profile", ["quick", "smoke"])
def test_profiles_scale_but_keep_what_is_compared(profile):
    rows = [row for task in "1245" for row in select(task, profile).items()]
    for name, row in rows:
        full = EXPERIMENTS[name]
        assert row.profile == profile
        for kept in ("network", "data", "dropout", "batch_norm", "spatial_dropout", "dense"):
            assert getattr(row, kept) == getattr(full, kept)
        assert row.augmented == full.augmented
        assert row.epochs <= full.epochs
        assert row.size < full.size


def test_quick_raises_learning_rates_as_readme_says_and_leaves_that_of_fine_tuning():
    for name, row in select(None, "quick").items():
        times = row.learning_rate / EXPERIMENTS[name].learning_rate
        assert times == 1 if row.task in ("7c", "8b") else 4.99 < times < 50.01


@pytest.mark.parametrize("profile", list(CHANGES))
def test_1d_goes_on_from_1c_and_2b_from_2a(profile):
    for shorter, longer in (("1c", "1d"), ("2a", "2b")):
        pairs = zip(
            select(shorter, profile).values(), select(longer, profile).values(), strict=True
        )
        for one, other in pairs:
            assert one.identity() == other.identity()
            assert one.epochs < other.epochs


@pytest.mark.parametrize("field", [f.name for f in fields(Experiment)])
def test_every_setting_but_names_and_length_is_part_of_the_identity(field):
    row = EXPERIMENTS["task1b_dropout"]
    value = getattr(row, field)
    other = not value if isinstance(value, bool) else "other" if isinstance(value, str) else 7
    other = EXPERIMENTS["task1a_plain"] if field == "starts_from" else other
    changed = replace(row, **{field: (7,) if field == "dense" else other})
    same = changed.identity() == row.identity()
    assert same == (field in ("name", "task", "epochs", "threads", "seeds"))


def test_momentum_is_part_of_the_identity_with_batch_norm_alone():
    with_it, without = EXPERIMENTS["task1b_dropout"], EXPERIMENTS["task1a_dropout"]
    assert replace(with_it, momentum=0.9).identity()["momentum"] == 0.9
    assert "momentum" not in with_it.identity()  # Keras's own, as in older records
    assert replace(without, momentum=0.9).identity() == without.identity()


def test_momentum_is_shown_where_there_is_batch_norm():
    assert "momentum" not in experiments.table(select("1a", "quick"))
    shown = experiments.table(select("1c", "quick"))["momentum"]
    assert (shown["task1c_batch_norm"], shown["task1c_no_batch_norm"]) == (0.9, "")
    assert "momentum" not in experiments.table(select("1c", "full"))


def test_the_seeds_of_a_run_are_its_rows_unless_the_settings_say(monkeypatch):
    row = replace(EXPERIMENTS["task1a_plain"], seeds=3)
    for lab, seeds in (
        ({}, [0, 1, 2]),
        ({"seed": 4}, [4, 5, 6]),
        ({"seed": 1, "seeds": 2}, [1, 2]),
    ):
        monkeypatch.setattr(settings, "_current", settings.Settings(profile="full", **lab))
        assert list(experiments.seeds_of(row)) == seeds
        assert experiments.table({"a": row})["seeds"].tolist() == [len(seeds)]
        monkeypatch.setattr(settings, "_current", settings.Settings(profile="quick", **lab))
        assert "seeds" not in experiments.table({"a": row})  # which is of another profile


@pytest.mark.parametrize("task", ["1", "2", "4", "6", "7a", "8"])
def test_networks_that_are_compared_have_three_seeds_in_quick_and_all_as_many(task):
    assert {row.seeds for row in select(task, "quick").values()} == {3}


def test_threads_are_the_rows_own_and_several_for_the_large_ones_of_the_assignment_alone():
    large = {name for name, row in EXPERIMENTS.items() if row.threads > 1}
    assert large == {name for name, row in EXPERIMENTS.items() if row.task[0] in "45"}
    for profile in ("quick", "smoke"):
        assert {row.threads for row in select(None, profile).values()} == {1}


def test_unknown_tasks_and_profiles_are_named():
    with pytest.raises(ValueError, match="no run or task is called '9'; the tasks are 1a, 1b"):
        select("9")
    with pytest.raises(ValueError, match="no profile 'fast'; the profiles are full, quick, smoke"):
        at_profile(EXPERIMENTS["task1a_plain"], "fast")


def test_an_unknown_run_is_named():
    with pytest.raises(ValueError, match="no run is called 'task1a'; the runs are task1a_plain, t"):
        get("task1a")
    with pytest.raises(ValueError, match="no profile 'fast'; the profiles are full, quick, smoke"):
        get("task1a_plain", "fast")


def test_a_run_is_got_as_its_profile_runs_it():
    for profile in CHANGES:
        for name, row in EXPERIMENTS.items():
            assert get(name, profile) == at_profile(row, profile)
    assert get("task1a_plain") == get("task1a_plain", "smoke")  # that of the tests


def test_without_a_choice_every_run_is_selected():
    tried = (None, 0.5, 1.0)  # of doses those of the profile, which is that of the tests
    assert select() == {n: get(n) for n, row in EXPERIMENTS.items() if row.dose in tried}
    assert list(select(None, "full").values()) == list(EXPERIMENTS.values())


def test_runs_are_found_by_task_sub_task_and_name():
    assert len(select("1", "full")) == 8
    assert list(select("1a", "full")) == ["task1a_plain", "task1a_dropout"]
    assert list(select("task8", "full")) == ["task8"]  # a run of that name
    assert select("task1", "full") == select("1", "full")


def test_table_has_a_row_a_run():
    table = experiments.table(select("1a", "full"))
    assert list(table.index) == ["task1a_plain", "task1a_dropout"]
    assert table.loc["task1a_dropout", "dropout"] == 0.4
    assert table.loc["task1a_dropout", "learning rate"] == 1e-4
    heads = experiments.table(select("7a", "full"))
    assert heads.loc["task7_bone", "features"] == "imagenet"
    assert "base" not in heads.columns


def test_signs_are_tried_at_doses_from_one_half_to_all():
    base = EXPERIMENTS["task8_letter_50"]
    for sign in datasets.signs.SIGNS:
        for dose in (50, 60, 70, 80, 90, 100):
            row = EXPERIMENTS[f"task8_{sign}_{dose}"]
            assert row.identity() == replace(base, sign=sign, dose=dose / 100).identity()
    shuffled = replace(base, labels="shuffled").identity()
    assert EXPERIMENTS["task8_shuffled"].identity() == shuffled


@pytest.mark.parametrize(
    ("profile", "doses", "tried"),
    [
        ("full", 0, (50, 60, 70, 80, 90, 100)),
        ("quick", 0, (50, 90, 100)),
        ("smoke", 0, (50, 100)),
        ("smoke", 4, (50, 80, 90, 100)),
        ("full", 2, (50, 100)),
    ],
)
def test_a_profile_tries_as_many_doses_as_it_has_time_for(monkeypatch, profile, doses, tried):
    monkeypatch.setattr(settings, "_current", settings.Settings(doses=doses))
    rows = select("8b", profile)
    expected = [f"task8_{sign}_{dose}" for sign in datasets.signs.SIGNS for dose in tried]
    assert list(rows) == [*expected, "task8_shuffled"]
    assert list(select("task8_patch_60", profile)) == ["task8_patch_60"]  # asked for by name


def test_a_setting_that_few_have_is_shown_where_one_has_it():
    assert "labels" not in experiments.table(select("8a", "full"))
    labels = experiments.table(select("8", "full"))["labels"]
    assert (labels["task8_shuffled"], labels["task8"]) == ("shuffled", "")
