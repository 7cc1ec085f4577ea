"""Which split a name says, and how a set without splits is divided."""

import numpy as np
import pytest

from helpers.datasets.splits import in_validation, split_of


@pytest.mark.parametrize(
    ("split", "names"),
    [
        ("train", "train Training TR train_images images-train TrainSet training_data tr_set"),
        ("validation", "validation Valid val DEV eval validation_set val_images Data_Val"),
        ("test", "test Testing holdout hold_out hold-out test_data test-set"),
        (None, "trainee tr1 testis devil Mel part_1 images set devices evaluation_notes"),
    ],
)
def test_names_of_splits(split, names):
    assert {name: split_of(name) for name in names.split()} == dict.fromkeys(names.split(), split)


def test_a_fifth_of_each_class_is_drawn():
    labels = np.repeat([0, 1], [50, 20])
    chosen = in_validation(labels)
    assert np.bincount(labels[chosen]).tolist() == [10, 4]
    assert np.array_equal(chosen, in_validation(labels))


def test_groups_stay_whole_and_classes_keep_their_share():
    rng = np.random.default_rng(1)
    groups = [f"p{n:03}" for n in range(60) for _ in range(rng.integers(1, 7))]
    labels = np.array([int(group[1:]) % 3 == 0 for group in groups], int)
    chosen = in_validation(labels, groups)
    assert not set(np.array(groups)[chosen]) & set(np.array(groups)[~chosen])
    for label in (0, 1):
        assert 0.1 < chosen[labels == label].mean() < 0.3
    assert np.array_equal(chosen, in_validation(labels, groups))


def test_pictures_without_a_group_are_their_own():
    chosen = in_validation(np.repeat([0, 1], 10), ["a", "a", *[None] * 18])
    assert chosen[0] == chosen[1] and 2 <= chosen.sum() <= 6


def test_few_groups_are_divided_too():
    chosen = in_validation(np.repeat([0, 1], 6), [f"{i // 2}" for i in range(12)])
    assert [chosen[:6].sum(), chosen[6:].sum()] == [2, 2]


def test_a_class_of_one_patient_cannot_be_divided():
    with pytest.raises(ValueError, match="one patient alone"):
        in_validation(np.repeat([0, 1], 4), ["a"] * 4 + [None] * 4)
    with pytest.raises(ValueError, match="one image"):
        in_validation(np.array([0, 1, 1]))
