"""Which class a heat map is about, image by image, and the logit of that class."""

import numpy as np
from numpy.typing import ArrayLike

from helpers.runtime import tf


def asked(class_index: int | ArrayLike | None, count: int) -> np.ndarray:
    """The class asked for, of each image, int64 (count,); -1 where the predicted one is meant.

    Raises:
        ValueError: it is not one whole number of 0 or more, for each image or for all.
    """
    if class_index is None:
        return np.full(count, -1)
    given = np.asarray(class_index)
    if given.shape not in ((), (count,)):
        raise ValueError(
            f"class_index has the shape {given.shape}; it must be one for all images, or one for "
            f"each of the {count}"
        )
    if not np.issubdtype(given.dtype, np.integer) or not (given >= 0).all():
        raise ValueError(f"class_index is {class_index!r}; it must be 0 or more, a whole number")
    return np.broadcast_to(given, count).astype(np.int64)


def check(asked: np.ndarray, logits: np.ndarray) -> None:
    """Whether the network knows the classes asked for.

    Raises:
        ValueError: it does not know one of them.
    """
    classes = max(2, logits.shape[1])
    if asked.max(initial=0) >= classes:
        raise ValueError(
            f"class_index reaches {asked.max()}; the network tells {classes} classes apart, "
            f"0 to {classes - 1}"
        )


def classes_of(logits: np.ndarray, class_index: int | ArrayLike | None) -> np.ndarray:
    """The class of each image, int (N,): the one asked for, or the predicted one."""
    chosen = asked(class_index, len(logits))
    check(chosen, logits)
    return np.where(chosen < 0, predicted(logits), chosen)


def predicted(logits: tf.Tensor) -> tf.Tensor:
    """The predicted class of each image, int64 (N,)."""
    if logits.shape[1] == 1:
        return tf.cast(logits[:, 0] > 0, tf.int64)
    return tf.argmax(logits, axis=1)


def runner_up(probabilities: ArrayLike) -> np.ndarray:
    """The class that a network finds the most probable after the predicted one, int64 (N,).

    Of two classes it is the other one.

    Args:
        probabilities: of class 1 from one sigmoid, (N,), or of every class from a softmax, (N, C).
    """
    p = np.asarray(probabilities)
    if p.ndim == 1:
        p = np.stack([1 - p, p], axis=1)
    return np.argsort(-p, axis=1, kind="stable")[:, 1]  # of equals the first one is predicted


def of_class(logits: tf.Tensor, chosen: tf.Tensor) -> tf.Tensor:
    """Each image's logit of its class, (N,); for a single sigmoid, class 0 uses the negated one."""
    logits = tf.convert_to_tensor(logits)
    if logits.shape[1] == 1:
        return logits[:, 0] * (2 * tf.cast(chosen, logits.dtype) - 1)
    return tf.reduce_sum(logits * tf.one_hot(chosen, logits.shape[1], dtype=logits.dtype), axis=1)
