"""Which runs wait for which, and which are begun first."""

from dataclasses import replace

from runs import BASE

from helpers import experiments
from helpers.training.order import predecessors, urgencies

LONGER = replace(BASE, epochs=9)
HEAD = replace(BASE, size=32, network="dense_head", features="random", dense=(4,))
OTHER = replace(HEAD, dropout=0.1)
STARTED = replace(HEAD, network="thawed", starts_from=HEAD)
TRIALS = [(row, seed) for row in (BASE, LONGER, HEAD, OTHER, STARTED) for seed in (0, 1)]


def test_a_run_waits_for_what_it_goes_on_from_and_for_features():
    before = predecessors(TRIALS)
    assert list(before) == TRIALS
    assert before[BASE, 1] == []
    assert before[LONGER, 1] == [(BASE, 1)]
    assert before[HEAD, 0] == []
    assert before[HEAD, 1] == before[OTHER, 0] == [(HEAD, 0)]
    assert before[STARTED, 0] == [(HEAD, 0)]
    assert before[STARTED, 1] == [(HEAD, 1), (STARTED, 0)]


def test_a_longer_run_that_is_named_first_waits_too():
    assert predecessors([(LONGER, 0), (BASE, 0)])[LONGER, 0] == [(BASE, 0)]


def test_who_is_waited_for_is_begun_first():
    urgency = urgencies(predecessors(TRIALS))
    work = {row: row.epochs * row.size**2 * row.base for row, _ in TRIALS}
    assert urgency[LONGER, 0] == work[LONGER]
    assert urgency[BASE, 0] == work[BASE] + work[LONGER]
    assert urgency[HEAD, 1] == work[HEAD] + work[STARTED]
    assert urgency[HEAD, 0] == work[HEAD] + urgency[HEAD, 1]


def test_nothing_waits_for_itself_in_the_whole_table():
    trials = [(row, seed) for row in experiments.select().values() for seed in range(3)]
    before = predecessors(trials)
    assert urgencies(before).keys() == set(trials)  # a circle would have no end
    assert all(trial not in others for trial, others in before.items())
