"""Heat maps of networks from elsewhere: right, or refused in words."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

from helpers import runtime
from helpers.heatmaps import audit, gradcam
from helpers.networks import surgery

IMAGES = np.random.default_rng(0).random((6, 32, 32, 1), dtype=np.float32)


def body(channels=8, last="last"):
    """Layers from an image to feature maps, without an input of their own."""
    return [
        layers.Conv2D(channels, 3, padding="same", activation="relu"),
        layers.MaxPooling2D(),
        layers.Conv2D(channels, 3, padding="same", activation="relu", name=last),
    ]


def nested(*inside, name="base", shape=(32, 32, 1)):
    """A network of these layers, to stand in another one."""
    return keras.Sequential([layers.Input(shape), *inside], name=name)


def sequential(*steps):
    return keras.Sequential([layers.Input((32, 32, 1)), *steps])


def functional(graph):
    image = layers.Input((32, 32, 1))
    return keras.Model(image, graph(image))


class Written(keras.Model):
    """A network of a class of its own, whose layers stand in another order than they are called."""

    def __init__(self, head, *steps):
        super().__init__()
        self.head, self.pool = head, layers.GlobalAveragePooling2D()
        self.steps = list(reversed(steps))

    def call(self, x, training=None):
        for step in reversed(self.steps):
            x = step(x)
        return tf.nn.softmax(self.head(self.pool(x), training=training))


class Noisy(layers.Layer):
    """Augments wherever it is not told that this is no training."""

    def call(self, x, training=True):
        return x + tf.random.normal(tf.shape(x)) if training else x


def reference(convolutions, head, before=lambda x: x):
    """Grad-CAM of the predicted class, in NumPy but for the convolutions.

    After global average pooling the gradient of each feature map is its weight in the head, over
    the number of places.
    """
    maps = before(tf.constant(IMAGES))
    for step in convolutions:
        maps = step(maps, training=False)
    maps = np.asarray(maps, np.float64)
    kernel, bias = (np.asarray(weights, np.float64) for weights in head.get_weights())
    logits = maps.mean(axis=(1, 2)) @ kernel + bias
    if logits.shape[1] == 1:
        weights = np.where(logits > 0, kernel[:, 0], -kernel[:, 0])
    else:
        weights = kernel[:, logits.argmax(axis=1)].T
    small = np.maximum((maps * weights[:, None, None, :]).sum(axis=-1), 0)[..., None]
    heat = tf.image.resize(small, (32, 32)).numpy()[..., 0]
    assert heat.max(axis=(1, 2)).all()
    return heat / heat.max(axis=(1, 2), keepdims=True)


def spread(head, features):
    """Give a head weights that tell these images apart, so that each class is predicted."""
    kernel = np.random.default_rng(1).normal(size=head.kernel.shape) * 20
    sums = np.asarray(features).mean(axis=(1, 2)) @ kernel
    head.set_weights([kernel, -np.median(sums, axis=0)])


def dense(classes=3, activation="softmax", **more):
    return layers.Dense(classes, activation=activation, name="head", **more)


POOL = layers.GlobalAveragePooling2D
NETWORKS = {
    "a chain": lambda c, h: sequential(*c, POOL(), h),
    "flipped in front": lambda c, h: sequential(
        layers.RandomFlip(), layers.RandomRotation(0.2), layers.RandomZoom(0.2), *c, POOL(), h
    ),
    "augmented in a nested network": lambda c, h: sequential(
        nested(layers.RandomFlip(), layers.GaussianNoise(0.5), name="augment"), *c, POOL(), h
    ),
    "noise and dropout on the way": lambda c, h: sequential(
        c[0],
        layers.SpatialDropout2D(0.5),
        *c[1:],
        layers.GaussianDropout(0.5),
        layers.AlphaDropout(0.5),
        POOL(),
        layers.Dropout(0.5),
        h,
    ),
    "a layer of one's own that augments": lambda c, h: sequential(Noisy(), *c, POOL(), h),
    "softmax, then linear": lambda c, h: sequential(*c, POOL(), h, layers.Activation("linear")),
    "softmax, then shapes": lambda c, h: sequential(
        *c, POOL(), h, layers.Reshape((1, 3)), layers.Flatten(), layers.Identity()
    ),
    "softmax in a nested head": lambda c, h: sequential(
        *c, nested(POOL(), h, name="top", shape=(16, 16, 8))
    ),
    "a nested base twice as deep": lambda c, h: sequential(
        nested(nested(*c, name="inner")), POOL(), h
    ),
    "pooled by an operation": lambda c, h: functional(
        lambda x: h(keras.ops.mean(nested(*c)(x), axis=(1, 2)))
    ),
    "with a head that is a convolution": lambda c, h: sequential(
        *c,
        POOL(keepdims=True),
        layers.Conv2D(3, 1, name="head_conv"),
        layers.Flatten(),
        layers.Softmax(),
    ),
    "of a class of its own": lambda c, h: Written(h, *c),
}


@pytest.mark.parametrize("network", NETWORKS)
def test_the_map_is_that_of_the_network_as_it_is_in_inference(network):
    keras.utils.set_random_seed(0)
    convolutions = body()
    head = dense(activation=None if "class of its own" in network else "softmax")
    model = NETWORKS[network](convolutions, head)
    model(IMAGES)
    features = IMAGES
    for step in convolutions:
        features = step(features)
    if not head.built:  # the network has a convolution in its place
        head.build((None, 8))
    spread(head, features)
    if "a convolution" in network:
        kernel, bias = head.get_weights()
        model.get_layer("head_conv").set_weights([kernel[np.newaxis, np.newaxis], bias])
    right = reference(convolutions, head)
    np.testing.assert_allclose(gradcam.grad_cam(model, IMAGES), right, atol=1e-4)
    assert len(set(np.asarray(model(IMAGES, training=False)).argmax(1))) > 1


def test_a_network_of_a_class_of_its_own_is_audited():
    model = Written(dense(activation=None), *body())
    maps = audit.maps_of(model, IMAGES)
    curves = audit.curves_of(model, IMAGES, maps, steps=2)
    probabilities = np.asarray(model(IMAGES)).max(axis=1)
    np.testing.assert_allclose(curves["deletion"]["occlusion"][:, 0], probabilities, atol=1e-5)


def test_the_last_convolution_is_found_and_any_other_layer_by_its_name():
    keras.utils.set_random_seed(0)
    model = sequential(*body(), POOL(), dense())
    by_default = gradcam.grad_cam(model, IMAGES)
    for name in (None, "last"):
        np.testing.assert_array_equal(gradcam.grad_cam(model, IMAGES, layer=name), by_default)
    other = gradcam.grad_cam(model, IMAGES, layer=model.layers[1].name)  # a pooling
    assert other.any() and not np.allclose(other, by_default)


def test_operations_before_a_nested_base_belong_to_the_network():
    keras.utils.set_random_seed(0)
    convolutions, head = body(), dense(1, "sigmoid")
    base = nested(*convolutions)
    model = functional(lambda x: head(POOL()(base(x * 2 - 1))))
    spread(head, base(IMAGES * 2 - 1))
    kernel, bias = head.get_weights()
    head.set_weights([kernel / 100, bias / 100])  # answers near 0.5
    right = reference(convolutions, head, before=lambda x: x * 2 - 1)
    np.testing.assert_allclose(gradcam.grad_cam(model, IMAGES), right, atol=1e-4)


@pytest.mark.parametrize("precision", ["mixed_float16", "mixed_bfloat16", "float16"])
def test_in_16_bits_maps_are_those_of_32(precision):
    keras.utils.set_random_seed(0)
    model = sequential(*body(), POOL(), dense())
    with runtime.policy(precision):
        halved = sequential(*body(), POOL(), dense())
    halved.set_weights([w / 1000 for w in model.get_weights()])  # gradients vanish in 16 bits
    model.set_weights([np.float32(w) for w in halved.get_weights()])
    before = [layer.dtype_policy.name for layer in halved.layers]
    for method in (gradcam.grad_cam, gradcam.hires_cam, gradcam.occlusion):
        wide, narrow = method(model, IMAGES, 1), method(halved, IMAGES, 1)
        assert wide.any()
        for one, other in zip(wide, narrow, strict=True):
            assert np.corrcoef(one.ravel(), other.ravel())[0, 1] > 0.999
    assert [layer.dtype_policy.name for layer in halved.layers] == before


def again(x):
    layer = layers.Conv2D(1, 3, padding="same", name="again")
    return dense()(layers.Flatten()(layer(layer(x))))


def aside(x):
    return dense()(layers.Flatten()(keras.ops.stop_gradient(body()[0](x))))


@pytest.mark.filterwarnings("ignore:You are using a softmax over axis -1")
@pytest.mark.parametrize(
    ("network", "layer", "message"),
    [
        (lambda: functional(again), None, "goes through again more than once; name another layer"),
        (lambda: functional(aside), None, "no gradient leads from its logits to the layer"),
        (lambda: sequential(*body(), POOL(), dense()), "head", r"head has the shape \(None, 3\)"),
        (
            lambda: sequential(*body(), POOL(), dense()),
            "lost",
            "has no layer 'lost'; its conv.*last",
        ),
        (lambda: sequential(layers.Flatten(), dense()), None, "no convolution; .* none"),
        (
            lambda: sequential(*body(), nested(*body(), shape=(16, 16, 8)), POOL(), dense()),
            "last",
            "has 2 layers of the name last; rename one",
        ),
        (lambda: sequential(*body(), POOL(), dense(3, "sigmoid")), None, "3 outputs by Sigmoid"),
        (lambda: sequential(*body(), POOL(), dense(1, "softmax")), None, "1 output by Softmax"),
        (lambda: sequential(*body(), POOL(), dense(3, "tanh")), None, r"by Tanh \(.*head.*Tanh"),
        (lambda: sequential(*body(), POOL(), dense(1, "relu")), None, "by Relu"),
        (
            lambda: sequential(*body(), POOL(), dense(), layers.Rescaling(2.0)),
            None,
            "3 outputs by .*; it must end in one sigmoid, in a softmax, or in logits",
        ),
        (
            lambda: functional(lambda x: [dense()(y := POOL()(body()[0](x))), layers.Dense(2)(y)]),
            None,
            "has 2 outputs; make a keras.Model",
        ),
        (
            lambda: sequential(*body(), layers.Dense(2)),
            None,
            r"gives the shape \(None, 16, 16, 2\)",
        ),
    ],
)
def test_what_cannot_be_read_is_refused_in_words(network, layer, message):
    model = network()
    with pytest.raises(ValueError, match=message):
        gradcam.grad_cam(model, IMAGES, layer=layer)


def test_a_network_with_two_inputs_is_refused():
    one, other = layers.Input((32, 32, 1)), layers.Input((32, 32, 1))
    model = keras.Model([one, other], dense()(POOL()(body()[0](one + other))))
    with pytest.raises(ValueError, match="has 2 inputs; a heat map is of one image"):
        gradcam.grad_cam(model, IMAGES)


def test_layers_that_are_added_later_are_not_overlooked():
    keras.utils.set_random_seed(0)
    model = sequential(*body(), POOL(), dense())
    before = gradcam.grad_cam(model, IMAGES, 1)
    model.pop()
    model.add(dense())
    after = gradcam.grad_cam(model, IMAGES, 1)
    assert not np.array_equal(before, after)
    np.testing.assert_allclose(gradcam.grad_cam(surgery.copied(model), IMAGES, 1), after, atol=1e-6)


@pytest.mark.parametrize(
    ("classes", "message"),
    [
        ([0, 1], r"shape \(2,\); it must be one for all images, or one for each of the 6"),
        ([[0]] * 6, r"shape \(6, 1\)"),
        (3, "class_index reaches 3; the network tells 3 classes apart, 0 to 2"),
        ([0, 1, 2, 3, 0, 0], "class_index reaches 3"),
        (-1, "must be 0 or more"),
        (0.5, "must be 0 or more, a whole number"),
    ],
)
def test_classes_that_there_are_not_are_refused(classes, message):
    model = sequential(*body(), POOL(), dense())
    for method in (gradcam.grad_cam, gradcam.hires_cam, gradcam.occlusion):
        with pytest.raises(ValueError, match=message):
            method(model, IMAGES, classes)


@pytest.mark.parametrize(("patch", "stride"), [(4, 5), (4, 8), (0, 1), (4, 0), (4, -1), (-2, None)])
def test_squares_that_leave_pixels_uncovered_are_refused(patch, stride):
    model = sequential(*body(), POOL(), dense())
    with pytest.raises(ValueError, match="the stride must be from 1 to the patch"):
        gradcam.occlusion(model, IMAGES, patch=patch, stride=stride)


def branched(join, after=()):
    """Two ways from the image to one place, of which the last convolution sees one."""

    def graph(image):
        x = layers.Conv2D(4, 3, padding="same", activation="relu", name="stem")(image)
        ways = [layers.Conv2D(4, 3, padding="same", name=name)(x) for name in ("one", "other")]
        for step in (join, *after, layers.GlobalAveragePooling2D(), layers.Dense(2)):
            ways = step(ways)
        return layers.Softmax()(ways)

    return functional(graph)


@pytest.mark.parametrize("join", [layers.Concatenate, layers.Add])
def test_a_last_convolution_that_is_one_of_several_ways_is_warned_of(join):
    model = branched(join(name="together"), [layers.Activation("relu", name="joined")])
    with pytest.warns(gradcam.HeatmapWarning, match="past its last convolution.*layer='joined'"):
        gradcam.grad_cam(model, IMAGES)


def test_a_way_around_is_warned_of_and_a_junction_before_it_is_named():
    """As in a network that adds what came in to what its last block makes of it."""

    def graph(image):
        x = layers.Conv2D(4, 3, padding="same", activation="relu", name="stem")(image)
        around = layers.GlobalAveragePooling2D()(x)
        x = layers.GlobalAveragePooling2D()(layers.Conv2D(4, 3, name="last")(x))
        return layers.Dense(1, activation="sigmoid")(layers.Concatenate()([x, around]))

    with pytest.warns(gradcam.HeatmapWarning, match="layer='stem', which all of it"):
        gradcam.grad_cam(functional(graph), IMAGES, layer=None)


def test_a_layer_that_is_named_or_the_only_way_is_not_warned_of(recwarn):
    gradcam.grad_cam(branched(layers.Add()), IMAGES, layer="other")
    gradcam.grad_cam(branched(layers.Add(), [layers.Conv2D(3, 1, name="after")]), IMAGES)
    gradcam.hires_cam(sequential(*body(), layers.Flatten(), layers.Dense(2)), IMAGES)
    assert not [w for w in recwarn if w.category is gradcam.HeatmapWarning]
