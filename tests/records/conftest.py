"""A trained run for tests that change its files."""

import shutil

import pytest
from runs import BASE

from helpers import training


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A folder of results that the first test of a file leaves to the others."""
    return tmp_path_factory.mktemp("trained") / "results"


@pytest.fixture
def recorded(lab, trained):
    """A run with its record, trained once for all tests that change its files."""
    if trained.is_dir():
        shutil.copytree(trained, lab.results)
    run = training.run(BASE)
    if not trained.is_dir():
        shutil.copytree(lab.results, trained)
    return run
