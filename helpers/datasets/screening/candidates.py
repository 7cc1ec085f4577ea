"""Which pairs of small pictures may be copies, found without looking at every pair.

Pictures are sorted into cells of like ones, their number in proportion to the square root of that
of the pictures, and each window of a picture is compared with those in the nearest cells only (an
inverted file: Jégou, Douze and Schmid 2011, IEEE TPAMI 33, 117-128). The work grows with the power
3/2 of the number of pictures.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, fields

import numpy as np

from helpers.datasets.screening import spectra

NEIGHBOURS = 8  # of a window in a cell: copies of copies are found by way of each other
CELLS = 4  # how many of them a window is looked for in
CLOSE = 0.97  # the least cosine of the invariants of a pair; a crop between two windows has more
PAIRS = 3  # of a whole at most, the likeliest
LIKENESS = 0.955  # the least of the spectra, which know the turn as well
BATCH = 1024  # pictures whose windows are in memory at a time
COSINES = 4_000_000  # of windows and pictures in memory at a time


@dataclass(frozen=True)
class Candidates:
    """Pairs of pictures, the likeliest first, each once.

    Attributes:
        whole: int64 (N,), index of the picture that the other may be a part of.
        part: int64 (N,), index of the other.
        window: float32 (N, 4), roughly where: top, height, left, width in parts of a side.
        turn: int64 (N,), how to lay the part down for that, see `spectra.turned`.
        likeness: float32 (N,), how alike their low frequencies then are, 1 at most.
    """

    whole: np.ndarray
    part: np.ndarray
    window: np.ndarray
    turn: np.ndarray
    likeness: np.ndarray

    def taken(self, places: slice | np.ndarray) -> Candidates:
        """Some of the pairs."""
        return Candidates(*(getattr(self, one.name)[places] for one in fields(self)))


def candidates(pictures: np.ndarray) -> Candidates:
    """Find the pairs that may be copies of each other, turned, mirrored or slightly cropped.

    Args:
        pictures: uint8 (N, size, size), all different.
    """
    starts = range(0, len(pictures), BATCH)
    full = np.concatenate([_spectra(pictures[at : at + BATCH])[:, 0] for at in starts])
    keys = spectra.invariants(full)
    cell_of, centres = _cells(keys)
    members = [np.flatnonzero(cell_of == cell) for cell in range(len(centres))]
    sizes = [len(of) for of in members]

    found: list[np.ndarray] = []
    for at in starts:
        windows = _spectra(pictures[at : at + BATCH])
        of_batch: list[np.ndarray] = []
        queries = spectra.invariants(windows).reshape(-1, keys.shape[1])
        for cell, of_cell in _in_nearest(queries, centres, sizes):
            query, place = _close(queries[of_cell] @ keys[members[cell]].T)
            whole, window = np.divmod(of_cell[query], len(spectra.WINDOWS))
            part = members[cell][place]
            turn, likeness = spectra.best_turns(windows[whole, window], full[part])
            keep = (likeness > LIKENESS) & (whole + at != part)
            of_batch.append(np.stack([whole + at, part, window, turn, likeness], 1)[keep])
        pairs = _best_of_each(np.concatenate(of_batch), ordered=True)
        found.append(pairs[_ranks(pairs[:, 0]) < PAIRS])
    pairs = _best_of_each(np.concatenate(found), ordered=False)
    whole, part, window, turn = pairs[:, :4].astype(np.int64).T
    likeness = pairs[:, 4].astype(np.float32)
    return Candidates(whole, part, spectra.WINDOWS[window], turn, likeness)


def _spectra(pictures: np.ndarray) -> np.ndarray:
    return spectra.spectra(pictures.astype(np.float32) / np.float32(255))


def _cells(keys: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The cell of each picture, and the centres; one cell where a search would see all of them."""
    count = int(len(keys) ** 0.5) // 2
    if count <= CELLS:
        return np.zeros(len(keys), np.int32), keys.mean(axis=0, keepdims=True)
    from sklearn.cluster import MiniBatchKMeans  # noqa: PLC0415 - slow to load

    cells = MiniBatchKMeans(count, n_init=1, max_iter=20, random_state=0).fit(keys)
    return cells.labels_, cells.cluster_centers_.astype(np.float32)


def _in_nearest(
    queries: np.ndarray, centres: np.ndarray, sizes: list[int]
) -> Iterator[tuple[int, np.ndarray]]:
    """Each cell with the indices of those queries to which it is one of the nearest.

    Where a cell has many members, there are several parts with a part of the queries each.
    """
    most = min(CELLS, len(centres))
    distances = (centres**2).sum(1) - 2 * queries @ centres.T
    near = np.argpartition(distances, most - 1, axis=1)[:, :most].ravel()
    order = np.argsort(near, kind="stable")
    bounds = np.searchsorted(near[order], np.arange(len(centres) + 1))
    for cell, (first, last) in enumerate(itertools.pairwise(bounds)):
        step = max(1, COSINES // max(1, sizes[cell]))
        for at in range(first, last, step):
            yield cell, order[at : min(at + step, last)] // most


def _close(cosines: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Rows and columns of what is above CLOSE, in a row NEIGHBOURS and the query itself at most."""
    close = cosines > CLOSE
    crowded = np.flatnonzero(close.sum(1) > NEIGHBOURS + 1)
    if len(crowded):
        best = np.argpartition(-cosines[crowded], NEIGHBOURS, axis=1)[:, : NEIGHBOURS + 1]
        close[crowded] = False
        close[crowded[:, np.newaxis], best] = True
    rows, columns = np.nonzero(close)
    return rows, columns


def _best_of_each(found: np.ndarray, ordered: bool) -> np.ndarray:
    """Rows of whole, part, window, turn, likeness: the likeliest of each pair, sorted by it."""
    found = found[np.argsort(-found[:, 4], kind="stable")]
    pairs = found[:, :2].astype(np.int64)
    if not ordered:
        pairs = np.sort(pairs, axis=1)
    _, first = np.unique((pairs[:, 0] << 32) + pairs[:, 1], return_index=True)
    return found[np.sort(first)]


def _ranks(of: np.ndarray) -> np.ndarray:
    """How often each value has been there before."""
    order = np.argsort(of, kind="stable")
    ranks = np.empty(len(of), np.int64)
    ranks[order] = np.arange(len(of)) - np.searchsorted(of[order], of[order])
    return ranks
