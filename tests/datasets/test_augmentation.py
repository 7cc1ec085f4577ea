import numpy as np
import pytest
import tensorflow as tf
from skimage import data

from helpers.datasets import augmentation, generators
from helpers.datasets.augmentation import Augmentation, AugmentationError, apply, pixel_maps


@pytest.fixture(scope="module")
def image():
    return data.camera()[::4, ::4] / 255  # 128 x 128


def legacy(**ranges):
    return tf.keras.preprocessing.image.ImageDataGenerator(fill_mode="nearest", **ranges)


def transformed(images, parameters):
    maps = pixel_maps(np.asarray(parameters, float), *images.shape[1:3])
    return apply(images.astype(np.float32), maps).numpy()


def test_rescale_changes_the_number_of_pixels(image):
    assert augmentation.rescale(image, 0.2).shape == (26, 26)
    assert augmentation.rescale(image, 2).shape == (256, 256)
    assert augmentation.rescale(image, 0.001).shape == (1, 1)
    assert augmentation.rescale(image, 0.2).mean() == pytest.approx(image.mean(), abs=0.01)


def test_rotate_turns_counter_clockwise_by_degrees(image):
    np.testing.assert_allclose(augmentation.rotate(image, 90), np.rot90(image), atol=1e-9)
    assert augmentation.rotate(image, 30).shape == image.shape


def test_flips_mirror(image):
    assert augmentation.flip_horizontally(image)[3, 0] == image[3, -1]
    assert augmentation.flip_vertically(image)[0, 5] == image[-1, 5]


def test_rescale_intensity_stretches_between_the_percentiles(image):
    stretched = augmentation.rescale_intensity(image, 5, 95)
    assert (stretched.min(), stretched.max()) == (0, 1)
    assert (stretched == 0).mean() == pytest.approx(0.05, abs=0.02)
    middle = np.median(image)
    black, white = np.percentile(image, [5, 95])
    assert np.median(stretched) == pytest.approx((middle - black) / (white - black))


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda x: augmentation.rescale(x, 0), "scale factor is 0; it must be above 0"),
        (lambda x: augmentation.rescale(x, -1), "scale factor is -1"),
        (lambda x: augmentation.rotate(x, float("nan")), "the angle is nan"),
        (lambda x: augmentation.rescale_intensity(x, 60, 40), "bounds are 60 and 40"),
        (lambda x: augmentation.rescale_intensity(x, 50, 50), "bounds are 50 and 50"),
        (lambda x: augmentation.rescale_intensity(x, -1, 50), "between 0 and 100"),
        (lambda x: augmentation.rescale_intensity(x * 0, 5, 95), "the same grey value, 0.000"),
    ],
)
def test_bad_values_are_named(image, call, words):
    with pytest.raises(AugmentationError, match=words):
        call(image)


@pytest.mark.filterwarnings("ignore:Please import .affine_transform:DeprecationWarning")
def test_the_same_parameters_give_the_legacy_generators_image(image):
    parameters = Augmentation().draw(20, seed=1, epoch=0)
    images = np.repeat(image[None, :, :, None], 20, axis=0)
    ours = transformed(images, parameters)
    for picture, (angle, down, right, flip) in zip(ours, parameters, strict=True):
        # In the generator tx is the horizontal shift, whatever it was drawn from.
        named = {"theta": angle, "tx": right * 128, "ty": down * 128, "flip_horizontal": flip > 0}
        theirs = legacy().apply_transform(image[:, :, None], named)
        assert np.abs(picture - theirs).max() < 1e-4


def test_the_parameters_are_distributed_as_the_generators():
    generator = legacy(
        rotation_range=10, width_shift_range=0.1, height_shift_range=0.1, horizontal_flip=True
    )
    np.random.seed(0)  # noqa: NPY002 - all that the generator draws from
    drawn = [generator.get_random_transform((100, 100, 1)) for _ in range(4000)]
    theirs = np.array(
        [[d["theta"], d["ty"] / 100, d["tx"] / 100, d["flip_horizontal"]] for d in drawn]
    )
    ours = Augmentation().draw(4000, seed=0, epoch=0)
    quantiles = np.linspace(0, 1, 9)
    spread = np.array([10, 0.1, 0.1])
    np.testing.assert_allclose(
        np.quantile(ours[:, :3] / spread, quantiles, axis=0),
        np.quantile(theirs[:, :3] / spread, quantiles, axis=0),
        atol=0.08,
    )
    assert ours[:, 3].mean() == pytest.approx(theirs[:, 3].mean(), abs=0.04)


def test_empty_pixels_are_filled_from_the_nearest_edge(image):
    (shifted,) = transformed(image[None, :, :, None], [[0, 0, 0.25, 0]])
    np.testing.assert_allclose(shifted[:, :96, 0], image[:, 32:], atol=1e-6)
    np.testing.assert_allclose(shifted[:, 96:, 0], np.repeat(image[:, -1:], 32, axis=1), atol=1e-6)


def batches(first_epoch=0, count=4, seed=0, how=Augmentation(), stored=False):  # noqa: B008
    rng = np.random.default_rng(0)
    levels = np.arange(16) / 16  # each image a level of its own, by which it is known
    images = np.broadcast_to(levels[:, None, None, None], (16, 12, 12, 1)).astype(np.float32)
    images = images + rng.random(images.shape, np.float32) / 32
    if stored:
        images = (images * 65535).astype(np.uint16)
    stream = generators.stream(images, np.arange(16), 8, seed, first_epoch, how)
    return [(x, y) for x, y in stream.take(count).as_numpy_iterator()]


def test_a_stream_is_reproducible_and_different_every_epoch():
    one, other = batches(), batches()
    assert all(
        np.array_equal(a, b)
        for x, y in zip(one, other, strict=True)
        for a, b in zip(x, y, strict=True)
    )
    assert not np.array_equal(batches(seed=1)[0][0], one[0][0])
    by_label = [
        np.concatenate([one[i][0], one[i + 1][0]])[
            np.argsort(np.concatenate([one[i][1], one[i + 1][1]]))
        ]
        for i in (0, 2)
    ]
    assert not np.isclose(by_label[0], by_label[1]).all(axis=(1, 2, 3)).any()


def test_a_stream_that_begins_later_goes_on_as_an_unbroken_one():
    unbroken, later = batches(count=6)[4:], batches(first_epoch=2, count=2)
    for (x, y), (z, w) in zip(unbroken, later, strict=True):
        assert np.array_equal(x, z)
        assert np.array_equal(y, w)


@pytest.mark.parametrize("stored", [False, True])
def test_labels_stay_with_their_images(stored):
    for images, labels in batches(count=6, stored=stored):
        levels = images.mean(axis=(1, 2, 3)) * 16
        assert np.array_equal(levels.astype(int), labels)
        assert images.dtype == np.float32


def test_without_augmentation_nothing_is_transformed():
    plain = batches(how=None)
    augmented = batches()
    for (x, y), (z, w) in zip(plain, augmented, strict=True):
        assert np.array_equal(y, w)
        assert not np.array_equal(x, z)
    nothing = batches(how=Augmentation(rotation=0, shift=(0, 0), flip=False))
    for (x, _), (z, _) in zip(plain, nothing, strict=True):
        np.testing.assert_allclose(x, z, atol=1e-6)
