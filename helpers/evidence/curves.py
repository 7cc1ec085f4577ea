"""Learning curves as series of one value an epoch; epochs are counted from 1."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

METRICS = ("loss", "accuracy", "val_loss", "val_accuracy")


def best_epoch(validation_loss: ArrayLike) -> int:
    """The epoch, from 1, of the lowest validation loss; the earliest of equals.

    Raises:
        ValueError: there is no value, or one is NaN or infinite.
    """
    return int(np.argmin(checked_series("validation_loss", validation_loss))) + 1


def first_epoch_reaching(values: ArrayLike, target: float) -> int | None:
    """The first epoch, from 1, whose value is `target` or more; None where there is none.

    Raises:
        ValueError: there is no value, or one is NaN or infinite.
    """
    reached = np.flatnonzero(checked_series("values", values) >= target)
    return int(reached[0]) + 1 if reached.size else None


def area(curves: NDArray[np.float64]) -> NDArray[np.float64]:
    """The area under each curve, (N,), of evenly spaced values, (N, steps), over a width of 1."""
    return np.trapezoid(curves, axis=1) / (curves.shape[1] - 1)


def checked_series(name: str, values: ArrayLike) -> NDArray[np.float64]:
    """One value an epoch, float64 (epochs,).

    Raises:
        ValueError: it has another shape, or a value is NaN or infinite.
    """
    series = np.asarray(values, dtype=np.float64)
    if series.ndim != 1 or series.size == 0:
        raise ValueError(f"{name} has the shape {series.shape}; it must hold one value per epoch")
    if not np.isfinite(series).all():
        first = int(np.flatnonzero(~np.isfinite(series))[0])
        raise ValueError(
            f"{name} is {series[first]} at epoch {first + 1}; training went wrong there, and "
            "all values must be finite"
        )
    return series
