import numpy as np
import pytest
from test_training import BASE

from helpers import checkpoints, datasets, training
from helpers.checkpoints import Job, dropout_states, predictor


def test_history_is_what_keras_would_measure(lab):
    run = training.run(BASE)
    _, validation = datasets.load_pair("skin")
    images, labels = validation.arrays(BASE.size)
    model = run.model("last")
    model.compile(loss="binary_crossentropy", metrics=["accuracy"])
    loss, accuracy = model.evaluate(images, labels, verbose=0)
    assert run.history["val_loss"][-1] == pytest.approx(loss, abs=1e-5)
    assert run.history["val_accuracy"][-1] == pytest.approx(accuracy)


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
    picture = images / "skin" / "train" / "Mel" / "Mel_0.png"
    picture.write_bytes((images / "skin" / "train" / "Nev" / "Nev_0.png").read_bytes())
    train, validation = datasets.load_pair("skin")
    assert Job(train=train, validation=validation, **job).record != first.record


def test_prediction_in_batches_of_either_kind_of_pixels_is_the_networks_own(lab, monkeypatch):
    model = training.build(BASE)
    train, _ = datasets.load_pair("skin")
    images, _ = train.arrays(BASE.size)
    whole = model(images, training=False).numpy()[:, 0]
    predict = predictor(model)
    assert predict(images).shape == (16,)
    np.testing.assert_allclose(predict(images), whole, atol=1e-6)
    np.testing.assert_allclose(predict(train.pixels(BASE.size)), whole, atol=1e-6)


def test_dropout_states_are_those_of_every_dropout_layer():
    from helpers import models

    model = models.alexnet((16, 16, 1), base=2, dropout=0.4, spatial_dropout=0.1)
    assert len(dropout_states(model)) == 5 + 2


def test_checkpoints_are_written_while_a_run_goes_on(lab, monkeypatch):
    written = []
    write = checkpoints.records.write
    monkeypatch.setattr(
        checkpoints.records, "write", lambda *a: written.append(a[1]["epochs"]) or write(*a)
    )
    training.run(BASE, seed=1)
    assert written == [3]  # seconds go by between two checkpoints
    monkeypatch.setattr(checkpoints, "SAVE_EVERY", 0.0)
    monkeypatch.setattr(checkpoints, "SAVE_SHARE", 1e9)
    training.run(BASE, seed=2)
    assert written == [3, 1, 2, 3]
