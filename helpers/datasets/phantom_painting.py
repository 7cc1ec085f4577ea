"""The painters of the demo images: a skin lesion, a broken femur and nine simple radiographs.

Each takes a random generator and gives an image in [0, 1] and the mask of what decides its class.
All shapes have coordinates from -1 to 1, so that an image looks the same at any size.
"""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import pairwise

import numpy as np
from scipy import ndimage, sparse

Array = np.ndarray
Painted = tuple[Array, Array]  # image float64 (H, W) or (H, W, 3) in [0, 1]; mask bool (H, W)

# Distance of the two classes' mean grades, in standard deviations: whoever sees only the grade can
# do no better than the normal distribution allows, 93 % on skin and 96 % on bone.
SKIN_DISTANCE = 2.9
BONE_DISTANCE = 3.5


@lru_cache(maxsize=4)
def _grid(size: int) -> tuple[Array, Array]:
    """Rows and columns of the pixels' centres, each (size, size), from -1 to 1."""
    line = (np.arange(size) + 0.5) * 2 / size - 1
    y, x = np.meshgrid(line, line, indexing="ij")
    y.flags.writeable = x.flags.writeable = False
    return y, x


@lru_cache(maxsize=64)
def _spline(cells: int, size: int) -> sparse.csr_array:
    """Weights (size, cells + 3) of a cubic B-spline over `cells` equal cells.

    Sparse, since BLAS libraries sum in different orders and pixels must be equal on every machine.
    """
    place = (np.arange(size) + 0.5)[:, None] * cells / size
    distance = np.abs(place - np.arange(-1, cells + 2))
    far = np.clip(2 - distance, 0, None) ** 3 / 6
    return sparse.csr_array(np.where(distance < 1, 2 / 3 - distance**2 + distance**3 / 2, far))


def _field(rng: np.random.Generator, size: int, rows: int, columns: int = 0) -> Array:
    """Smooth noise (size, size) with a bump per cell, mean 0 and a standard deviation near 1."""
    knots = rng.standard_normal((rows + 3, (columns or rows) + 3)) / 0.479
    return _spline(rows, size) @ (_spline(columns or rows, size) @ knots.T).T


def _sigmoid(value: Array) -> Array:
    return 1 / (1 + np.exp(-np.clip(value, -30, 30)))


def _signs(rng: np.random.Generator, grade: float, count: int) -> Array:
    """How marked each of `count` signs is, from 0 to 1; they loosely follow the grade."""
    return _sigmoid(1.6 * grade + rng.normal(0, 0.6, count))


def _hairs(rng: np.random.Generator, size: int) -> Array:
    """How far bent hairs cover each pixel, (size, size) in [0, 1]; half of the images have none."""
    count = int(rng.choice((0, 4, 18), p=(0.5, 0.4, 0.1)))
    start, end = rng.uniform(-1.2, 1.2, (2, count, 2, 1))
    t, bend = np.linspace(0, 1, 4 * size), rng.normal(0, 0.5, (count, 2, 1))
    curves = (1 - t) * start + t * end + t * (1 - t) * bend
    rows, columns = ((curves + 1) * size).astype(int).transpose(1, 0, 2)
    inside = (rows >= 0) & (rows < 2 * size) & (columns >= 0) & (columns < 2 * size)
    fine = np.zeros((2 * size, 2 * size))  # drawn at twice the size, for smooth edges
    fine[rows[inside], columns[inside]] = 1
    cover = (fine[::2, ::2] + fine[::2, 1::2] + fine[1::2, ::2] + fine[1::2, 1::2]) / 4
    return np.clip(1.7 * ndimage.gaussian_filter(cover, 0.5 * size / 192, truncate=3), 0, 1)


def _around(rng: np.random.Generator, angle: Array, bumps: int) -> Array:
    """Smooth noise around a circle, a value for each angle in radians."""
    knots = rng.standard_normal(bumps + 3) / 0.69
    knots[-3:] = knots[:3]
    values = _spline(bumps, 16 * bumps) @ knots
    return values[((angle / (2 * np.pi) + 0.5) * 16 * bumps).astype(int) % (16 * bumps)]


def _net(rng: np.random.Generator, x: Array, y: Array, bend: float) -> Array:
    """A honeycomb of lines, from 0 in a mesh's hole to 1 on a line, bent by `bend` meshes."""
    size = len(x)
    pitch, turn = rng.uniform(0.05, 0.075), rng.uniform(0, np.pi)
    x, y = (axis / pitch + bend * _field(rng, size, 9) for axis in (x, y))
    waves = 0.9
    for way in turn + np.arange(3) * np.pi / 3:
        waves += np.cos(2 * np.pi * np.cos(way) * x + 2 * np.pi * np.sin(way) * y)
    return 1 - np.clip(waves, 0, 2.4) / 2.4


def skin(rng: np.random.Generator, melanoma: bool, size: int) -> Painted:
    """A lesion seen through a dermatoscope, RGB (size, size, 3), and the mask of the lesion.

    Pigment and blood absorb light in the skin (Beer-Lambert), so colour and darkness go together.
    Tone, light, place and hairs say nothing about the class; size and darkness say a little.
    """
    y, x = _grid(size)
    grade = rng.normal(SKIN_DISTANCE / 2 if melanoma else -SKIN_DISTANCE / 2)
    asymmetry, ragged, variety, streaks, veil, dark = _signs(rng, grade, 6)

    # The lesion is where `depth`, an ellipse's distance from its border, is above 0; bending it
    # with coarse noise makes it asymmetric, with fine noise ragged.
    centre_y, centre_x = rng.uniform(-0.75, 0.75, 2)
    radius = rng.uniform(0.24, 0.35) + 0.08 * asymmetry
    stretch, turn = rng.uniform(0.76, 1), rng.uniform(0, np.pi)
    across = np.cos(turn) * (x - centre_x) + np.sin(turn) * (y - centre_y)
    down = np.cos(turn) * (y - centre_y) - np.sin(turn) * (x - centre_x)
    distance = np.hypot(across / radius, down / (radius * stretch))
    angle = np.arctan2(down, across)
    rays = _around(rng, angle, 48) * (0.4 + _sigmoid(2 * _around(rng, angle, 5)))
    depth = 1 - distance + 0.03 * _field(rng, size, 45)
    depth += (0.03 + 0.24 * asymmetry) * _field(rng, size, 5)
    depth += (0.02 + 0.22 * ragged) * _field(rng, size, 17)
    depth += 0.16 * streaks * rays * np.exp(-(((distance - 1) / 0.3) ** 2))
    depth = np.where(distance < 0.3, np.maximum(depth, 0.3), depth)  # there is always a lesion
    body = _sigmoid(depth / rng.uniform(0.02, 0.09))

    # Pigment: a net, even in a naevus and broken in a melanoma, under blotches of many browns.
    net = _net(rng, x, y, 0.5 + 0.4 * variety) * rng.uniform(0.05, 0.5)
    pigment = 1 + rng.normal(0, 0.3) * (0.5 - distance)
    pigment += (net - 0.15) * (1 + (0.3 + 0.5 * variety) * _field(rng, size, 8))
    pigment += (0.06 + 0.62 * variety) * _field(rng, size, 6)
    pigment += (0.08 + 0.29 * variety) * (_field(rng, size, 14) + _field(rng, size, 45))
    pigment = np.exp(rng.normal(-0.25, 0.28) + 0.7 * dark) * body * np.clip(pigment, 0.25, 3)
    blood = 0.10 + 0.05 * _field(rng, size, 5) + 0.16 * body * rng.uniform(0, 1)
    cloud = 0.6 * veil * body * _sigmoid(3 * (_field(rng, size, 6) - 1))

    tone, pores = 0.10 + 0.22 * rng.uniform() ** 2, _field(rng, size, 48) + _field(rng, size, 90)
    pigment += tone + 0.018 * pores
    density = np.multiply.outer((0.62, 1, 1.38), pigment) + np.multiply.outer((0.15, 1, 0.8), blood)
    light = rng.uniform(0.88, 1.02) + 0.04 * (x * rng.normal() + y * rng.normal())
    warm = 1 + rng.normal(0, 0.04) * np.array((1, 0, -1))
    picture = (1 - cloud) * np.exp(-density) * warm[:, None, None]
    picture += np.multiply.outer((0.42, 0.47, 0.56), cloud)
    picture *= 1 - np.multiply.outer((0.60, 0.68, 0.72), _hairs(rng, size))

    edge = np.hypot(x - rng.normal(0, 0.05), y - rng.normal(0, 0.05))
    light *= 1 - rng.uniform(0, 0.16) * edge**2
    if rng.uniform() < 0.1:  # the tube of the dermatoscope shows
        light *= _sigmoid((rng.uniform(1.08, 1.25) - edge) / 0.02)
    picture = picture * light + 0.012 * rng.standard_normal((size, size))
    return np.clip(picture, 0, 1).transpose(1, 2, 0), depth > 0


def _chord(place: Array, low: Array | float, high: Array | float) -> Array:
    """Length of a ray through a round body whose edges lie at `low` and `high`."""
    return np.sqrt(np.clip((place - low) * (high - place), 0, None))


def _film(rng: np.random.Generator, absorbed: Array) -> Array:
    """The film behind what absorbed the rays, with its own exposure, fog and noise."""
    y, x = _grid(len(absorbed))
    film = 1 - np.exp(-rng.uniform(0.85, 1.15) * absorbed)
    film = film * rng.uniform(0.92, 1.08) + rng.normal(0.02, 0.03) + 0.04 * rng.normal() * y
    open_to = rng.uniform(0.84, 0.96) if rng.uniform() < 0.15 else 2  # the collimator's edge
    noise = rng.uniform(0.010, 0.024) * rng.standard_normal(film.shape)
    return np.clip((film + noise) * (np.abs(x) < open_to), 0, 1)


def femur(rng: np.random.Generator, atypical: bool, size: int) -> Painted:
    """A radiograph of a broken femoral shaft, grey (size, size), and the mask of the finding.

    The shaft is a tube, and the film shows how much of it each ray has passed: that makes the
    cortex bright at both sides. Side, tilt, exposure and place say nothing about the class.
    """
    y, x = _grid(size)
    grade = rng.normal(BONE_DISTANCE / 2 if atypical else -BONE_DISTANCE / 2)
    beak, thick, transverse, partial = _signs(rng, grade, 4)
    # u runs across the shaft, its outer (lateral) side positive; v along it.
    outward, tilt = rng.choice((-1, 1)), np.radians(rng.normal(0, 4))
    u = outward * (np.cos(tilt) * x + np.sin(tilt) * y) + rng.uniform(-0.38, 0.38)
    v = np.cos(tilt) * y - np.sin(tilt) * x
    u = u + rng.uniform(0, 0.07) * (v**2 - 0.5)
    level, wall = rng.uniform(-0.8, 0.8), rng.uniform(0.26, 0.38)
    radius = rng.uniform(0.26, 0.34) * (1 + rng.uniform(0.03, 0.16) * v**2 * (v > 0))
    # The fracture: a line at `level`, more oblique the less atypical it is; a ray meets the tube's
    # front and back wall, so an oblique line shows twice.
    slope = np.tan(np.radians(4 + 52 * (1 - transverse) + rng.normal(0, 5)))
    slope *= rng.choice((-1, 1))
    lean, across = 1 / np.hypot(1, slope), u / radius
    jagged = 0.016 * _field(rng, size, 20) + 0.05 * (1 - transverse) * np.sin(2.5 * across)
    line = (v - level - slope * u - jagged) * lean
    back = line + 0.14 * (1 - transverse) * np.clip(1 - across**2, 0, 1) * lean
    gap, dark = rng.uniform(0.014, 0.024) + 0.02 * (1 - partial), rng.uniform(0.5, 0.9)
    reach = _sigmoid((across - 1 + 2.4 * (1 - 0.75 * partial * rng.uniform())) / 0.08)
    crack = np.exp(-((line / gap) ** 2)) + 0.5 * np.exp(-((back / gap) ** 2)) * (1 - transverse)
    u = u + rng.normal(0, 0.08) * (1 - partial) * _sigmoid(line / 0.008)  # the lower part slips
    # Beak and thickening sit on the outer side at the line's level.
    start = level + slope * radius * 0.5 * (1 - transverse)
    near = np.abs(v - start)
    bump = 0.12 * beak * np.exp(-near / 0.08) + 0.05 * thick * np.exp(-((near / 0.25) ** 2))
    bulge = rng.uniform(0.06, 0.14) * thick * np.exp(-((near / 0.22) ** 2))
    outer, inner = radius + bump, radius * (1 - wall) - bulge
    whole, marrow = _chord(u, -radius, outer), _chord(u, -radius * (1 - wall), inner)
    grain = 1 + 0.3 * _field(rng, size, 16, 60) + 0.2 * _field(rng, size, 12)
    bone = (whole - marrow) * (1 + 0.03 * _field(rng, size, 40)) + 0.13 * marrow * grain
    bone = bone * (1 - dark * np.clip(crack, 0, 1) * reach)
    middle, width = rng.normal(0, 0.1), rng.uniform(0.75, 1.25)
    flesh = _chord(u, middle - width, middle + width) / width
    flesh = flesh * (1 + 0.09 * _field(rng, size, 7, 3) + 0.04 * _field(rng, size, 4, 14))
    absorbed = rng.uniform(0.25, 0.45) * flesh + rng.uniform(2.6, 3.8) * bone
    within = (u > -radius - 0.03) & (u < outer + 0.05)
    mask = within & (reach > 0.5) & (line < 0.06) & (back > -0.06)
    if beak + thick > 0.7:
        mask |= within & (u > 0.45 * radius) & (near < 0.17)
    return _film(rng, absorbed), mask


# How much a material absorbs, and the share of its radius that is hollow.
_MATERIALS = {"tissue": (0.4, 0.0), "air": (-0.45, 0.0), "organ": (0.28, 0.0)}
_MATERIALS |= {"shell": (0.9, 0.93), "rib": (0.75, 0.73), "bone": (0.95, 0.73)}


def _strokes(drawing: Sequence[str]) -> Iterator[tuple[str, float, float, Array]]:
    """Material, half-width at both ends, and ends (2, 2) as x, y of each stroke of a drawing."""
    for text in drawing:
        material, width, *numbers = text.split()
        first, last = float(width.split(":")[0]), float(width.split(":")[-1])
        line = np.array(numbers, dtype=float).reshape(-1, 2)
        for side in (1, -1) if material.endswith("s") else (1,):
            for ends in pairwise(line * (side, 1)):
                yield material.removesuffix("s"), first, last, np.array(ends)


def radiograph(rng: np.random.Generator, drawing: Sequence[str], size: int) -> Painted:
    """A radiograph from a drawing, grey (size, size), and the mask of its bones and organs.

    Each stroke of the drawing is a material (tissue, air, organ, shell, rib, bone; a
    plural is drawn on both sides), a half-width (`a:b` where it tapers) and its line's points as x
    and y. A line of bone is cut at its points, as by joints.
    """
    y, x = _grid(size)
    turn, zoom, way = np.radians(rng.normal(0, 6)), rng.uniform(0.87, 1.15), rng.choice((-1, 1))
    shift = rng.normal(0, 0.05, 2)
    pose = zoom * np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    x, y = (axis + 0.02 * _field(rng, size, 4) for axis in (x, y))  # no two are built alike
    layers = {material: np.zeros((size, size)) for material in _MATERIALS}
    for material, first, last, ends in _strokes(drawing):
        start, end = ends @ pose + shift
        margin = zoom * max(first, last) + 0.1  # no part of the stroke lies further off
        low = np.clip((np.minimum(start, end) - margin + 1) * size / 2, 0, size).astype(int)
        high = np.clip((np.maximum(start, end) + margin + 1) * size / 2, 0, size).astype(int)
        box = (slice(low[1], high[1]), slice(low[0], high[0]))
        along, to_x, to_y = end - start, x[box] - start[0], y[box] - start[1]
        part = (to_x * along[0] + to_y * along[1]) / (along @ along)
        joint = 0.9 * zoom * first / np.hypot(*along) if material == "bone" else 0
        part = np.clip(part, joint, 1 - joint)
        width = zoom * (first + (last - first) * part)
        away = ((to_x - part * along[0]) ** 2 + (to_y - part * along[1]) ** 2) / width**2
        (_, bore), seen = _MATERIALS[material], layers[material][box]
        hollow = bore * np.sqrt(np.clip(bore**2 - away, 0, None))
        np.maximum(seen, np.sqrt(np.clip(1 - away, 0, None)) - hollow, out=seen)
    absorbed = sum(_MATERIALS[material][0] * layer for material, layer in layers.items())
    absorbed *= 1 + 0.06 * _field(rng, size, 24) + 0.06 * _field(rng, size, 6)
    film = _film(rng, np.clip(absorbed, 0, None))
    mask = np.any([layers[m] > 0 for m in _MATERIALS if m != "tissue"], axis=0)
    return film[:, ::way], mask[:, ::way]
