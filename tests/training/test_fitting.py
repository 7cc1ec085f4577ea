"""One function runs an experiment: the same numbers each time, resumed or not, recorded or not."""

import shutil
import warnings
from dataclasses import replace
from pathlib import Path

import keras
import numpy as np
import processes
import pytest
import tensorflow as tf
from pictures import swap_classes
from runs import BASE, STATEFUL, count_trainings, same

from helpers import datasets, records, settings, training
from helpers.datasets import ImageSet, image_files


def test_it_learns_what_can_be_learned(lab):
    run = training.run(replace(BASE, dropout=0.0, epochs=30))
    assert run.history["accuracy"][-1] == 1
    assert run.history["val_accuracy"][-1] == 1
    assert run.history["loss"][-1] < 0.7 * run.history["loss"][0]
    bright, dark = run.probabilities[-1][run.labels == 1], run.probabilities[-1][run.labels == 0]
    assert bright.min() > dark.max()


def test_a_training_step_is_traced_once(lab, monkeypatch):
    traced = []
    step = keras.Model.train_step
    monkeypatch.setattr(
        keras.Model, "train_step", lambda self, data: traced.append(data) or step(self, data)
    )
    training.run(BASE)
    training.run(replace(BASE, softmax=True))
    assert len(traced) == 2


def test_a_new_process_gives_the_same_bits(lab, tmp_path):
    code = """
from helpers import training
from runs import STATEFUL
print(training.run(STATEFUL, seed=3).folder)
"""
    environment = {
        "LAB_DATA": lab.data,
        "LAB_BUILD": lab.build,
        "LAB_RESULTS": tmp_path / "elsewhere",
        "LAB_PRECISION": "mixed_bfloat16",
    }
    (printed,) = processes.outputs(processes.start(code, **environment))
    settings.use(precision="mixed_bfloat16")
    one, other = training.run(STATEFUL, seed=3), records.read(Path(printed.split()[-1]))
    assert one.folder.parent != other.folder.parent
    assert (one.folder / "history.csv").read_bytes() == (other.folder / "history.csv").read_bytes()
    assert same(one, other)


def test_another_seed_gives_other_numbers(recorded):
    one, other = recorded, training.run(BASE, seed=1)
    assert not same(one, other)
    assert one.folder.parent == other.folder.parent


def test_a_finished_run_is_read_and_not_trained_again(recorded, monkeypatch):
    trained = count_trainings(monkeypatch)
    assert same(training.run(BASE), recorded)
    assert trained == []


def test_augmentation_is_of_the_training_images_alone_and_exact_on_resume(recorded, tmp_path):
    augmented = replace(BASE, augmented=True)
    unbroken, plain = training.run(augmented), recorded
    assert unbroken.folder.parent != plain.folder.parent
    assert not np.array_equal(unbroken.history["loss"], plain.history["loss"])
    _, validation = datasets.load_pair("skin")
    images, labels = validation.arrays(BASE.size)
    probabilities = unbroken.model("last").predict(images, verbose=0)[:, 0]
    np.testing.assert_allclose(probabilities, unbroken.probabilities[-1], atol=1e-6)
    assert np.array_equal(labels, unbroken.labels)
    settings.use(results=tmp_path / "elsewhere")
    training.run(replace(augmented, epochs=1))
    assert same(training.run(augmented), unbroken)


@pytest.mark.parametrize("precision", ["float32", "mixed_bfloat16", "mixed_float16"])
def test_more_epochs_go_on_and_end_as_an_unbroken_run(lab, monkeypatch, tmp_path, precision):
    settings.use(precision=precision)
    unbroken = training.run(replace(STATEFUL, epochs=5))
    settings.use(results=tmp_path / "elsewhere")
    training.run(replace(STATEFUL, epochs=2))
    trained = count_trainings(monkeypatch)
    with warnings.catch_warnings():
        warnings.filterwarnings("error", message="Skipping variable loading")
        assert same(training.run(replace(STATEFUL, epochs=5)), unbroken)
    assert [start.epochs for start in trained] == [2]


def test_another_name_for_the_same_settings_goes_on_from_its_record(recorded, monkeypatch):
    shorter = recorded
    trained = count_trainings(monkeypatch)
    longer = training.run(replace(BASE, name="tiny_longer", epochs=5))
    assert [start.epochs for start in trained] == [3]
    assert longer.folder != shorter.folder
    assert np.array_equal(longer.history["loss"][:3], shorter.history["loss"])


def test_another_name_for_the_same_run_has_a_record_of_its_own_with_the_same_numbers(recorded):
    run, again = recorded, training.run(replace(BASE, name="tiny_again"))
    assert again.folder.parents[1].name == "tiny_again"
    assert same(again, run)


def test_fewer_epochs_are_a_view_of_the_longer_record(lab, monkeypatch):
    longer = training.run(replace(BASE, epochs=5))
    trained = count_trainings(monkeypatch)
    shorter = training.run(replace(BASE, epochs=2))
    assert trained == []
    assert shorter.epochs == 2
    assert np.array_equal(shorter.probabilities, longer.probabilities[:2])
    with pytest.raises(records.RecordError, match="network of epoch 2 was not kept"):
        shorter.model("last")


@pytest.mark.parametrize("change", [{"dropout": 0.2}, {"batch_size": 4}, {"profile": "quick"}])
def test_changed_settings_make_a_record_beside_the_old_one(recorded, change):
    first = recorded
    before = (first.folder / "run.json").read_bytes()
    other = training.run(replace(BASE, **change))
    assert other.folder.parents[1] == first.folder.parents[1]
    assert other.folder.parent != first.folder.parent
    assert (first.folder / "run.json").read_bytes() == before


def test_softmax_of_two_classes(lab):
    run = training.run(replace(BASE, softmax=True))
    assert run.probabilities.shape == (3, 8, 2)
    np.testing.assert_allclose(run.probabilities.sum(axis=2), 1, atol=1e-5)


@pytest.mark.parametrize("error", [MemoryError(), tf.errors.ResourceExhaustedError(None, None, "")])
def test_where_memory_does_not_suffice_the_run_its_batch_and_what_to_lower_are_named(
    lab, monkeypatch, error
):
    def stream(*_, **__):
        raise error

    monkeypatch.setattr(datasets, "stream", stream)
    message = "tiny, seed 0: .*batches of 8 images of 16 x 16.*LAB_WORKERS=1.*batch_size, size or b"
    with pytest.raises(training.TrainingError, match=message):
        training.run(BASE)


def test_a_loss_that_becomes_nan_stops_the_run_and_says_so(lab):
    with pytest.raises(training.TrainingError, match=r"NaN or infinite in epoch \d+.*than 1e\+38"):
        training.run(replace(BASE, learning_rate=1e38))
    assert not list(lab.results.glob("tiny/*/seed0/run.json"))


def test_a_student_can_change_a_row_without_touching_the_helpers(lab):
    mine = replace(BASE, name="mine", dropout=0.1)
    assert training.run(mine).experiment == mine


def test_training_images_are_shuffled_anew_every_epoch_and_labels_stay_with_them(lab):
    train, _ = datasets.load_pair("skin")
    images, labels = train.arrays(16)
    batches = list(datasets.stream(images, labels, 8, seed=0).take(4).as_numpy_iterator())
    epochs = [np.concatenate([batches[i][1], batches[i + 1][1]]) for i in (0, 2)]
    assert not np.array_equal(*epochs)
    for pictures, of_pictures in batches:
        assert ((pictures.mean(axis=(1, 2, 3)) > 0.5) == (of_pictures == 1)).all()


@pytest.fixture
def undecoded(monkeypatch):
    """From when it is called, no image may be decoded, nor taken from the cache."""

    def forbid():
        monkeypatch.setattr(image_files, "read", lambda *_: pytest.fail("an image was decoded"))
        monkeypatch.setattr(ImageSet, "pixels", lambda *_: pytest.fail("pixels were asked for"))

    return forbid


def test_a_record_is_read_without_decoding_an_image(lab, recorded, undecoded):
    run = recorded
    shutil.rmtree(lab.build / "cache")
    undecoded()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert same(training.recorded(BASE), run)
        assert same(training.run(BASE), run)
        assert training.recorded(replace(BASE, epochs=4)) is None
        assert training.recorded_seeds(BASE)[0].folder == run.folder
    assert not (lab.build / "cache").exists()


def test_a_training_that_begins_warns_of_the_images_and_a_record_does_not(lab):
    skin = lab.data / "skin"
    picture = skin / "train" / "Mel" / "Mel_0.png"
    shutil.copy(picture, skin / "validation" / "Mel" / "the_same.png")
    with pytest.warns(datasets.DatasetWarning, match="validation pictures is also in train"):
        run = training.run(BASE)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert same(training.run(BASE), run)
        assert same(training.recorded(BASE), run)
    with pytest.warns(datasets.DatasetWarning, match="validation pictures is also in train"):
        training.run(replace(BASE, epochs=4))


def test_recorded_gives_what_was_trained_and_trains_nothing(lab, monkeypatch):
    trained = count_trainings(monkeypatch)
    assert training.recorded(BASE) is None
    assert trained == []
    run = training.run(BASE)
    assert same(training.recorded(BASE), run)
    assert training.recorded(replace(BASE, epochs=2)).epochs == 2
    assert training.recorded(replace(BASE, epochs=4)) is None
    assert training.recorded(BASE, seed=1) is None
    assert len(trained) == 1


def test_training_answers_of_the_best_epoch_are_kept_when_training_goes_on(lab):
    swap_classes(lab.data / "skin" / "validation")  # it is worse the more it learns
    shorter, longer = (training.run(replace(BASE, epochs=epochs), seed=1) for epochs in (6, 8))
    assert longer.best_epoch == shorter.best_epoch < 6
    assert sorted(longer.training_probabilities) == [longer.best_epoch, 8]
    np.testing.assert_array_equal(longer.fitted("best"), shorter.fitted("best"))


def test_the_record_of_a_head_says_how_long_its_features_took(lab):
    head = replace(BASE, size=32, network="dense_head", features="random", epochs=1)
    run = training.run(head)
    assert run.info["features_seconds"] > 0
    assert run.seconds_to_best == run.info["features_seconds"] + run.epoch_seconds[0]
    again = training.run(replace(head, dropout=0.1))  # which reads them
    assert again.info["features_seconds"] == run.info["features_seconds"]
    assert training.run(BASE).info["features_seconds"] == 0


def test_shuffled_labels_are_those_of_training_alone_and_follow_the_seed(recorded):
    row = replace(BASE, labels="shuffled", epochs=1)
    shuffled, again = training.run(row, seed=0), training.run(replace(row, name="again"), seed=0)
    other, plain = training.run(row, seed=1), training.run(replace(row, labels=None))
    assert not np.array_equal(shuffled.training_labels, plain.training_labels)
    np.testing.assert_array_equal(sorted(shuffled.training_labels), plain.training_labels)
    np.testing.assert_array_equal(shuffled.training_labels, again.training_labels)
    assert not np.array_equal(shuffled.training_labels, other.training_labels)
    np.testing.assert_array_equal(shuffled.labels, plain.labels)
    assert not np.array_equal(shuffled.probabilities, plain.probabilities)
