"""What decides a run's numbers, and with that where it is recorded."""

from dataclasses import replace

import numpy as np
import pytest
from pictures import picture
from runs import BASE

from helpers import datasets, environment, networks, settings, training
from helpers.datasets import image_files
from helpers.training.job import CODE, Job, job_of


def test_changed_precision_threads_or_images_make_another_record(lab, images, tmp_path):
    job = {
        "experiment": BASE,
        "seed": 0,
        "precision": "float32",
        "threads": 1,
    }
    train, validation = datasets.load_pair("skin")
    first = Job(train=train, validation=validation, **job)
    for change in ({"precision": "mixed_bfloat16"}, {"threads": 2}):
        other = Job(train=train, validation=validation, **(job | change))
        assert other.record != first.record
    picture(images / "skin" / "train" / "Mel" / "Mel_0.png", seed=1)
    train, validation = datasets.load_pair("skin")
    assert Job(train=train, validation=validation, **job).record != first.record


def test_the_images_of_a_run(lab):
    train, validation = training.images_of(replace(BASE, images=4))
    assert train.counts() == {"Mel": 4, "Nev": 4} and validation.counts() == {"Mel": 2, "Nev": 2}
    train, validation = training.images_of(BASE)
    assert train.counts() == {"Mel": 8, "Nev": 8} and validation.counts() == {"Mel": 4, "Nev": 4}


def test_a_job_is_that_of_the_settings_and_is_named_without_decoding_an_image(lab, monkeypatch):
    monkeypatch.setattr(image_files, "read", lambda *_: pytest.fail("an image was decoded"))
    settings.use(seed=3, precision="mixed_bfloat16")
    job = job_of(replace(BASE, images=4))
    assert (job.seed, job.precision, job.threads) == (3, "mixed_bfloat16", 1)
    assert job_of(BASE, seed=5).seed == 5
    assert job_of(replace(BASE, threads=4)).threads == 4
    assert job.train.counts() == {"Mel": 4, "Nev": 4}
    assert job.validation.counts() == {"Mel": 2, "Nev": 2}
    assert job.record != job_of(BASE).record
    assert job.record == job_of(replace(BASE, images=4, epochs=9)).record  # it goes on there
    settings.use(threads=2)
    assert job_of(replace(BASE, threads=4)).threads == 2


def test_what_a_network_is_given_are_pixels_or_features(lab):
    job = job_of(BASE)
    assert job.inputs(job.train).shape == (16, 16, 16, 1)
    head = job_of(replace(BASE, size=32, network="dense_head", features="random", dense=(4,)))
    assert head.inputs(head.validation).shape == (8, 1, 1, 512)
    thawed = replace(head.experiment, network="thawed")
    assert job_of(thawed).inputs(head.validation).shape == (8, 2, 2, 512)


def test_the_time_of_the_features_is_that_of_both_splits(lab):
    assert job_of(BASE).features_seconds == 0
    job = job_of(replace(BASE, size=32, network="dense_head", features="random", dense=(4,)))
    job.inputs(job.train)
    assert job.features_seconds is None  # those of the validation images are not computed yet
    job.inputs(job.validation)
    how = {"size": 32, "base": "random", "precision": job.precision}
    splits = [networks.features_seconds(split, **how) for split in (job.train, job.validation)]
    assert job.features_seconds == sum(splits) > 0


def test_shuffled_labels_are_the_same_ones_in_an_order_that_the_seed_decides(lab):
    row = replace(BASE, labels="shuffled")
    one, again, other = (job_of(row, seed).labels for seed in (0, 0, 1))
    np.testing.assert_array_equal(np.sort(one), job_of(BASE).labels)
    np.testing.assert_array_equal(one, again)
    assert not np.array_equal(one, other) and not np.array_equal(one, job_of(BASE).labels)


def test_images_that_are_given_out_are_checked(lab):
    skin = lab.data / "skin"
    copied = (skin / "train" / "Mel" / "Mel_0.png").read_bytes()
    (skin / "validation" / "Mel" / "the_same.png").write_bytes(copied)
    with pytest.warns(datasets.DatasetWarning, match="validation pictures is also in train"):
        training.images_of(BASE)


# Modules that a training goes through and that decide none of its numbers, and why.
BESIDE = {
    "cache": "keeps arrays",
    "datasets.checks": "warns",
    "datasets.class_names": "names classes, which are part of the fingerprint",
    "datasets.demo": "makes files, known by their content",
    "datasets.entries": "finds files, known by their content",
    "datasets.errors": "says what is wrong",
    "datasets.folders": "finds files, known by their content",
    "datasets.groups": "divides files, known by their content",
    "datasets.image_set": "names files in an order that is part of their content's fingerprint",
    "datasets.label_tables": "names classes, which are part of the fingerprint",
    "datasets.layouts": "finds files, known by their content",
    "datasets.mask_files": "finds masks",
    "datasets.mask_names": "finds masks",
    "datasets.masks": "reads masks",
    "datasets.phantom_painting": "makes files",
    "datasets.phantoms": "makes files",
    "datasets.positive": "decides what is called sensitivity, which is told anew of a record",
    "datasets.splits": "divides files, known by their content",
    "datasets.table_labels": "names classes, which are part of the fingerprint",
    "environment": "describes",
    "networks.imagenet_weights": "checks that its weights are those published",
    "networks.inspection": "describes networks",
    "networks.passes": "serves heat maps",
    "networks.surgery": "serves heat maps",
    "runtime": "its precision and threads are part of the identity",
    "settings": "of these, what decides numbers is part of the identity",
    "training.cluster": "starts workers",
    "training.costs": "measures",
    "training.dispatch": "has others train",
    "training.lookup": "finds records",
    "training.order": "says who waits for whom",
    "training.scheduling": "has others train",
}


def test_the_code_of_a_record_is_all_that_decides_its_numbers():
    helpers = settings.ROOT / "helpers"
    rooms = ("cache", "datasets", "environment", "networks", "runtime", "settings", "training")
    modules = {
        ".".join(path.relative_to(helpers).with_suffix("").parts)
        for path in helpers.rglob("*.py")
        if path.relative_to(helpers).with_suffix("").parts[0] in rooms and "__" not in path.name
    }
    modules = {name for name in modules if not name.startswith("datasets.screening.")}  # warns
    assert set(CODE) - {"evidence.metrics"} | set(BESIDE) == modules
    assert not set(CODE) & set(BESIDE)


def test_changed_code_makes_another_record(lab, monkeypatch):
    record = job_of(BASE).record
    for module in CODE:
        with monkeypatch.context() as change:
            changed = environment._SOURCES[module] + b"\nCHANGED = True\n"
            change.setitem(environment._SOURCES, module, changed)
            environment._code.cache_clear()
            assert job_of(BASE).record != record
        environment._code.cache_clear()
    assert job_of(BASE).record == record
