"""Which images are looked at, and what is said of them."""

from dataclasses import replace

import numpy as np
from runs import made_up

from helpers.results import examples


def test_right_ones_are_spread_and_wrong_ones_are_the_surest():
    run = made_up(wrong=[[3, 7, 50]])
    probabilities = run.probabilities.copy()
    probabilities[0, [3, 7, 50]] = 0.6, 0.9, 0.8  # of class 1, where 0 is right
    chosen = examples.picked(replace(run, probabilities=probabilities), right=3, wrong=2)
    assert list(chosen) == [0, 101, 199, 7, 50]  # of 197 right ones the first, the 99th, the last


def test_there_may_be_fewer_wrong_ones():
    assert len(examples.picked(made_up(wrong=[[5]]), right=2, wrong=4)) == 3
    assert len(examples.picked(made_up(wrong=[range(200)]), right=2, wrong=4)) == 4


def test_captions_say_truth_answer_and_how_sure():
    run = made_up(wrong=[[0]])
    right, wrong = examples.captions(run, np.array([1, 0]))
    assert right.startswith("Mel\nsays Mel\nright, ")
    assert wrong.startswith("Mel\nsays Nev\nWRONG, ")
    assert 0.5 <= float(right.split()[-1]) <= 1
