"""Records that were made before, and what is said of those made with something else."""

from dataclasses import replace

import pytest
from runs import BASE

from helpers import datasets, environment, settings, training
from helpers.records import RecordWarning


def test_a_record_of_other_versions_is_read_with_a_warning(recorded, monkeypatch):
    here = environment.versions()
    other = here | {"tensorflow": "9.9.9"}
    monkeypatch.setattr(environment, "versions", lambda: other)
    with pytest.warns(RecordWarning, match=rf"tensorflow {here['tensorflow']} \(here 9\.9\.9\)"):
        training.run(BASE)
    monkeypatch.setattr(environment, "versions", lambda: here | {"python": "3.99.0"})
    training.run(BASE)


def test_one_continued_elsewhere_says_so(recorded, monkeypatch):
    monkeypatch.setattr(environment, "processor", lambda: ("another kind", frozenset()))
    with pytest.warns(RecordWarning, match=r"goes on from epoch 3, .* not be those of an unbroken"):
        run = training.run(replace(BASE, epochs=5))
    assert [part["epochs"] for part in run.made] == [3, 5]
    assert run.made[1]["hardware"]["processor"] == "another kind"
    assert [part["epochs"] for part in run.until(3).made] == [3]
    run = training.run(replace(BASE, epochs=6))
    assert [part["epochs"] for part in run.made] == [3, 6]


def test_what_is_said_of_the_images_is_kept_and_told_as_it_is_now(lab, images):
    source = images / "skin/train/Mel/Mel_0.png"
    (images / "skin/validation/Mel/again.png").write_bytes(source.read_bytes())
    with pytest.warns(datasets.DatasetWarning, match="1 of 9 validation pictures is also in train"):
        made = training.run(BASE).info["data"]
    assert (made["positive"], made["findings"]) == ("Mel", "1 of 9 validation pictures is in train")
    settings.use(positive="Nev")
    for found in (training.run(BASE), training.recorded(BASE)):
        assert found.info["data"] == made | {"positive": "Nev"}
