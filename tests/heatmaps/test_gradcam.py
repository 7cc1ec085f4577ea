"""Heat maps against maps written down by hand, and against each other."""

import gc
import json

import keras
import numpy as np
import pytest

from helpers import runtime
from helpers.heatmaps import faithfulness, gradcam
from helpers.networks import inference, models, passes, pretrained

RNG = np.random.default_rng(0)
IMAGES = RNG.random((3, 4, 4, 1)).astype(np.float32)


def network(outputs=2, end="layer", dense=None, size=4):
    """Two feature maps, the image and its negative plus one; a dense layer on top.

    The weights of the dense layer are `dense`, (16 * 2, outputs). `end`: whether what squashes is
    a layer of its own, the dense layer's activation, or not there.
    """
    inputs = keras.Input((size, size, 1))
    x = keras.layers.Conv2D(2, 1, name="Last_ConvLayer")(inputs)
    x = keras.layers.Flatten()(x)
    squash = "sigmoid" if outputs == 1 else "softmax"
    x = keras.layers.Dense(outputs, activation=squash if end == "dense" else None, name="top")(x)
    x = keras.layers.Activation(squash)(x) if end == "layer" else x
    model = keras.Model(inputs, x)
    model.get_layer("Last_ConvLayer").set_weights(
        [np.array([[[[1.0, -1.0]]]]), np.array([0.0, 1.0])]
    )
    if dense is None:
        dense = np.random.default_rng(1).normal(size=(size * size * 2, outputs))
    model.get_layer("top").set_weights([dense, np.zeros(outputs)])
    return model, dense.reshape(size, size, 2, outputs)


def by_hand(dense, chosen, averaged, images=IMAGES):
    """The definition; the gradient of a feature map are the dense layer's weights."""
    maps = np.concatenate([images, 1 - images], axis=-1)
    gradient = np.stack([dense[..., c] for c in chosen])
    if averaged:
        gradient = gradient.mean(axis=(1, 2), keepdims=True)
    raw = np.maximum((maps * gradient).sum(-1), 0)
    largest = raw.max(axis=(1, 2), keepdims=True)
    return np.divide(raw, largest, out=np.zeros_like(raw), where=largest > 0)


@pytest.mark.parametrize("end", ["layer", "dense", "none"])
@pytest.mark.parametrize("averaged", [True, False])
def test_the_map_is_the_one_written_down_by_hand(averaged, end):
    method = gradcam.grad_cam if averaged else gradcam.hires_cam
    model, dense = network(end=end)
    for c in (0, 1):
        found = method(model, IMAGES, class_index=c)
        assert found.dtype == np.float32 and found.shape == (3, 4, 4)
        np.testing.assert_allclose(found, by_hand(dense, [c] * 3, averaged), atol=1e-5)
    predicted = np.asarray(model(IMAGES)).argmax(1)
    np.testing.assert_allclose(
        method(model, IMAGES), by_hand(dense, predicted, averaged), atol=1e-5
    )
    each = [0, 1, 1]
    np.testing.assert_allclose(
        method(model, IMAGES, each), by_hand(dense, each, averaged), atol=1e-5
    )


@pytest.mark.parametrize("end", ["layer", "dense", "none"])
def test_one_sigmoid_has_two_sides(end):
    model, dense = network(outputs=1, end=end)
    sides = np.concatenate([-dense, dense], axis=-1)
    for c in (0, 1):
        found = gradcam.hires_cam(model, IMAGES, class_index=c)
        np.testing.assert_allclose(found, by_hand(sides, [c] * 3, False), atol=1e-5)
    answers = np.asarray(model(IMAGES))[:, 0]
    predicted = (answers > (0 if end == "none" else 0.5)).astype(int)
    found = gradcam.hires_cam(model, IMAGES)
    np.testing.assert_allclose(found, by_hand(sides, predicted, False), atol=1e-5)


def test_the_gradient_is_the_logits_and_not_the_softmaxes():
    """A softmax that is sure has no gradient; its logit has."""
    model, dense = network(dense=np.random.default_rng(1).normal(size=(32, 2)) * 500)
    assert np.asarray(model(IMAGES)).max(1).tolist() == [1, 1, 1]
    found = gradcam.hires_cam(model, IMAGES, class_index=0)
    np.testing.assert_allclose(found, by_hand(dense, [0] * 3, False), atol=1e-4)


def test_occlusion_is_the_fall_of_the_logit_by_hand():
    model, dense = network(outputs=1)
    found = gradcam.occlusion(model, IMAGES, class_index=1, patch=2, stride=2, normalize=False)
    weight = dense[..., 0, 0] - dense[..., 1, 0]  # of a pixel in the logit
    mean = IMAGES.mean(axis=(1, 2))[:, 0]
    for i in range(3):
        for top in (0, 2):
            for left in (0, 2):
                place = np.s_[top : top + 2, left : left + 2]
                fall = (weight[place] * (IMAGES[i, ..., 0][place] - mean[i])).sum()
                np.testing.assert_allclose(found[i][place], max(fall, 0), atol=1e-4)


def test_occlusion_is_the_same_for_any_number_of_squares_at_a_time(monkeypatch):
    model, _ = network(outputs=1)
    whole = gradcam.occlusion(model, IMAGES, patch=2, stride=1, normalize=False)
    monkeypatch.setattr(inference, "NUMBERS", 1)
    for images_at_a_time in (1, 6, 7):  # squares of 3 images: one, two, two
        monkeypatch.setattr(inference, "BATCH", images_at_a_time)
        few = gradcam.occlusion(model, IMAGES, patch=2, stride=1, normalize=False)
        np.testing.assert_allclose(few, whole, atol=1e-6)
    assert whole.any()


def test_a_network_may_be_asked_with_images_of_another_size_and_type():
    keras.utils.set_random_seed(0)
    inputs = keras.Input((None, None, 1))
    x = keras.layers.Conv2D(2, 3, padding="same", name="Last_ConvLayer")(inputs)
    x = keras.layers.GlobalAveragePooling2D()(x)
    model = keras.Model(inputs, keras.layers.Dense(2, activation="softmax")(x))
    for size in (8, 12):
        images = RNG.random((2, size, size, 1))
        for method in (gradcam.grad_cam, gradcam.hires_cam, gradcam.occlusion):
            assert method(model, images).shape == images.shape[:3]
        curves = [
            faithfulness.deletion(model, x, images[..., 0]) for x in (images, np.float32(images))
        ]
        np.testing.assert_allclose(*curves, atol=1e-5)


def test_overlapping_squares_are_averaged_and_reach_the_border():
    model, _ = network(outputs=1)
    found = gradcam.occlusion(model, IMAGES, class_index=1, patch=3, stride=2)
    assert found.shape == (3, 4, 4) and np.isfinite(found).all()
    assert found.max() == 1


def test_a_map_without_positive_part_is_zeros():
    model, _ = network(outputs=1, dense=-np.ones((32, 1)))
    for method in (gradcam.grad_cam, gradcam.hires_cam):
        assert not method(model, IMAGES, class_index=1).any()
    flat = np.full((1, 4, 4, 1), 0.5, np.float32)
    assert not gradcam.occlusion(model, flat, class_index=1).any()


def test_the_model_is_left_as_it_was():
    keras.utils.set_random_seed(0)
    model = models.alexnet((32, 32, 1), base=2, dense=(4,), dropout=0.4, batch_norm=True, classes=2)
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    model.layers[3].trainable = False
    images = RNG.random((40, 32, 32, 1)).astype(np.float32)
    model.fit(images, np.arange(40) % 2, batch_size=20, verbose=0)

    def state():
        weights = [w.copy() for w in model.get_weights()]
        steps = int(model.optimizer.iterations)
        return model.to_json(), [x.trainable for x in model.layers], model.compiled, steps, weights

    before = state()
    gradcam.grad_cam(model, images)
    gradcam.occlusion(model, images[:2], patch=16)
    after = state()
    assert json.loads(before[0]) == json.loads(after[0])
    assert before[1:4] == after[1:4]
    assert all(np.array_equal(a, b) for a, b in zip(before[4], after[4], strict=True))
    model.fit(images, np.arange(40) % 2, batch_size=20, verbose=0)


@pytest.mark.parametrize("precision", ["float32", "mixed_bfloat16"])
@pytest.mark.parametrize("classes", [1, 2])
def test_a_batch_is_the_loop(precision, classes, monkeypatch):
    monkeypatch.setattr(inference, "NUMBERS", 1)
    keras.utils.set_random_seed(0)
    with runtime.policy(precision):
        model = models.alexnet((32, 32, 1), base=4, dense=(8,), batch_norm=True, classes=classes)
    images = RNG.random((inference.BATCH + 3, 32, 32, 1)).astype(np.float32)
    chosen = np.arange(len(images)) % 2
    for method in (gradcam.grad_cam, gradcam.hires_cam):
        batch = method(model, images, chosen)
        few = (0, 1, inference.BATCH + 1)
        loop = np.concatenate([method(model, images[i : i + 1], chosen[i : i + 1]) for i in few])
        tolerance = 1e-4 if precision == "float32" else 0.05
        np.testing.assert_allclose(batch[list(few)], loop, atol=tolerance)
        assert np.isfinite(batch).all() and batch.max() <= 1 and batch.min() >= 0


def test_sequential_functional_and_nested_networks_give_the_same_map():
    keras.utils.set_random_seed(0)
    base = models.alexnet((16, 16, 1), base=4, dense=(4,))
    body = keras.Model(base.input, base.get_layer("block5_pool").output, name="body")
    head = keras.Sequential(
        [
            keras.Input(body.output_shape[1:]),
            keras.layers.Flatten(),
            keras.layers.Dropout(0.5),
            keras.layers.Dense(2, activation="softmax"),
        ],
        name="head",
    )
    nested = pretrained.joined(body, head)
    nested_twice = keras.Sequential([keras.Input((16, 16, 1)), nested])
    flat = keras.Model(body.input, head.layers[-1](head.layers[0](body.output)))
    sequential = keras.Sequential([keras.Input((16, 16, 1)), *body.layers[1:], *head.layers])
    images = RNG.random((2, 16, 16, 1)).astype(np.float32)
    maps = [gradcam.grad_cam(m, images) for m in (flat, nested, nested_twice, sequential)]
    assert maps[0].any()
    for other in maps[1:]:
        np.testing.assert_allclose(other, maps[0], atol=1e-5)
    by_none = [gradcam.grad_cam(m, images, layer=None) for m in (flat, nested, sequential)]
    for other in by_none:
        np.testing.assert_allclose(other, maps[0], atol=1e-5)
    early = [gradcam.grad_cam(m, images, layer="block2_conv") for m in (flat, nested)]
    np.testing.assert_allclose(early[1], early[0], atol=1e-5)
    assert not np.allclose(early[0], maps[0])


def test_the_pretrained_network_under_a_head():
    head = models.dense_head((1, 1, 512), units=8)
    whole = pretrained.joined(pretrained.imagenet_vgg16((32, 32, 3)), head, "imagenet")
    images = RNG.random((2, 32, 32, 3)).astype(np.float32)
    found = gradcam.grad_cam(whole, images, layer=None)
    assert found.shape == (2, 32, 32)
    np.testing.assert_allclose(found, gradcam.grad_cam(whole, images, layer="block5_conv3"))


def test_any_size_and_several_channels():
    keras.utils.set_random_seed(0)
    model = models.alexnet((24, 40, 3), base=4, dense=(4,), classes=3)
    images = RNG.random((2, 24, 40, 3)).astype(np.float32)
    assert gradcam.grad_cam(model, images, class_index=2).shape == (2, 24, 40)
    assert gradcam.occlusion(model, images, class_index=2).shape == (2, 24, 40)


def test_errors_say_what_would_be_right():
    model, _ = network()
    with pytest.raises(ValueError, match="no layer 'conv9'; its convolutions: Last_ConvLayer"):
        gradcam.grad_cam(model, IMAGES, layer="conv9")
    with pytest.raises(ValueError, match=r"must be \(N, H, W, C\)"):
        gradcam.grad_cam(model, IMAGES[0])


def test_a_network_need_not_be_a_chain():
    flat, _ = network()
    body = keras.Model(flat.input, flat.get_layer("Last_ConvLayer").output, name="body")
    inputs = keras.Input((4, 4, 1))
    x = keras.layers.Add()([body(inputs), inputs])
    top = keras.layers.Dense(2, activation="softmax")
    beside = keras.Model(inputs, top(keras.layers.Flatten()(x)))
    found = gradcam.hires_cam(beside, IMAGES, class_index=1)
    weights = top.get_weights()[0].reshape(4, 4, 2, 2)
    np.testing.assert_allclose(found, by_hand(weights, [1] * 3, False), atol=1e-5)
    twice = keras.layers.Dense(32, name="twice")  # its layers one after the other have it once
    x = twice(twice(keras.layers.Flatten()(body(inputs))))
    top = keras.layers.Dense(2, activation="softmax")
    again = keras.Model(inputs, top(x))
    kernel = twice.get_weights()[0]
    weights = (kernel @ kernel @ top.get_weights()[0]).reshape(4, 4, 2, 2)
    found = gradcam.grad_cam(again, IMAGES, class_index=0)
    np.testing.assert_allclose(found, by_hand(weights, [0] * 3, True), atol=1e-5)
    covered = gradcam.occlusion(again, IMAGES, 0, patch=2, stride=2, normalize=False)
    change = IMAGES[:, :2, :2] - IMAGES.mean(axis=(1, 2), keepdims=True)
    fall = (change * (weights[:2, :2, 0, 0] - weights[:2, :2, 1, 0])[..., None]).sum(axis=(1, 2, 3))
    np.testing.assert_allclose(covered[:, 0, 0], np.maximum(fall, 0), atol=1e-4)


def test_a_nested_base_may_end_in_the_layer_itself():
    flat, _ = network()
    body = keras.Model(flat.input, flat.get_layer("Last_ConvLayer").output, name="body")
    inputs = keras.Input((4, 4, 1))
    x = keras.layers.Flatten()(body(inputs))
    x = flat.get_layer("top")(x)
    nested = keras.Model(inputs, keras.layers.Activation("softmax")(x))
    np.testing.assert_allclose(
        gradcam.hires_cam(nested, IMAGES), gradcam.hires_cam(flat, IMAGES), atol=1e-6
    )


def test_a_network_trained_on_gets_new_maps_and_one_that_is_gone_is_forgotten():
    model, _ = network()
    before = gradcam.grad_cam(model, IMAGES, class_index=0)
    kernel, bias = model.get_layer("top").get_weights()
    model.get_layer("top").set_weights([kernel[:, ::-1], bias])
    np.testing.assert_array_equal(gradcam.grad_cam(model, IMAGES, class_index=1), before)
    kept = len(passes._compiled)
    del model
    gc.collect()
    assert len(passes._compiled) < kept
