"""A figure for the tests of this folder."""

import pytest
from runs import made_up

from helpers import plotting


@pytest.fixture
def figure():
    runs = {
        "plain": [made_up(wrong=[range(9), range(5), range(7)], seed=s) for s in range(2)],
        "dropout": made_up("task1a_dropout", wrong=[range(12), range(8), range(4)]),
    }
    return plotting.learning_curves(runs, "Task 1a")
