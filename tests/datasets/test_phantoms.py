import hashlib
import os
import subprocess
import sys
from dataclasses import FrozenInstanceError

import numpy as np
import pytest
from PIL import Image
from scipy import ndimage

from helpers.datasets import phantoms, signs
from helpers.datasets.phantoms import CLASSES, COUNTS, draw, write

EVERY = [(name, label) for name, labels in CLASSES.items() for label in labels]
FEW = {"train": 2, "validation": 1}


def digest(phantom):
    parts = phantom.image.tobytes(), phantom.mask.tobytes(), phantom.marker.tobytes()
    return hashlib.sha256(b"".join(parts)).hexdigest()[:16]


def pictures(folder):
    """Content of every file of a folder by its path."""
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*.png")}


def test_same_seed_same_pixels_on_every_machine():
    known = {
        ("skin", "Mel"): "8bf669d98f1745ad",
        ("skin", "Nev"): "6e0b9b16ce047984",
        ("bone", "AFF"): "ac7b9bc9d3fab4b6",
        ("bone", "NFF"): "0cccc5d608886e18",
        ("xray", "C2"): "df9a9a3d21a0cc74",
        ("xray", "C4"): "48737e0ecf06ed5f",
    }
    drawn = {key: digest(draw(*key, index=3, seed=1, shortcut=0.5)) for key in known}
    assert drawn == known


def test_every_image_is_another_one():
    changed = [
        {},
        {"index": 1},
        {"seed": 1},
        {"seed": 2},
        {"split": "validation"},
        {"split": "validation", "index": 1},
    ]
    for name, label in EVERY:
        images = {draw(name, label, size=48, **change).image.tobytes() for change in changed}
        assert len(images) == len(changed)


def test_an_image_does_not_depend_on_what_was_drawn_before():
    first = digest(draw("skin", "Nev", 5))
    draw("bone", "AFF", 2)
    draw("skin", "Nev", 4, size=64)
    assert digest(draw("skin", "Nev", 5)) == first


@pytest.mark.parametrize(("name", "label"), EVERY)
@pytest.mark.parametrize("size", [192, 61])
def test_shapes_and_masks(name, label, size):
    for index in range(4):
        phantom = draw(name, label, index, size=size)
        shape = (size, size, 3) if name == "skin" else (size, size)
        assert phantom.image.shape == shape
        assert phantom.image.dtype == np.uint8
        assert phantom.mask.shape == phantom.marker.shape == (size, size)
        assert phantom.mask.dtype == phantom.marker.dtype == bool
        assert 0.004 < phantom.mask.mean() < 0.8
        assert phantom.image.std() > 10
        assert not phantom.marker.any()
        assert phantom.label == label


@pytest.mark.parametrize(("name", "label"), [("skin", "Mel"), ("bone", "NFF"), ("xray", "C5")])
def test_another_size_is_the_same_scene(name, label):
    large, small = (draw(name, label, 2, size=size).image.astype(float) for size in (192, 64))
    large = large.reshape(64, 3, 64, 3, -1).mean(axis=(1, 3)).squeeze()
    assert np.corrcoef(large.ravel(), small.ravel())[0, 1] > 0.95


def test_masks_lie_on_what_decides():
    for index in range(8):
        for label in CLASSES["skin"]:  # a lesion is darker than the skin around it
            phantom = draw("skin", label, index)
            grey = phantom.image.mean(axis=2)
            middle = np.zeros_like(phantom.mask)
            middle[40:-40, 40:-40] = True
            assert grey[phantom.mask & middle].mean() < grey[~phantom.mask & middle].mean() - 5
        fracture = draw("bone", "NFF", index).mask
        assert fracture.any(axis=1).sum() > 20  # oblique: it spans many rows ...
        assert fracture.any(axis=0).sum() > 30  # ... and the whole shaft
        assert fracture.mean() < 0.25
        foot = draw("xray", "C7", index)
        assert foot.image[foot.mask].mean() > foot.image[~foot.mask].mean() + 20
        assert foot.image[foot.mask].mean() > foot.image[foot.mask[:, ::-1]].mean() + 20


@pytest.mark.parametrize("name", ["skin", "bone"])
def test_grey_levels_alone_do_not_give_the_class_away(name):
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import cross_val_score
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    features, labels = [], []
    for label in CLASSES[name]:
        for index in range(150):
            image = draw(name, label, index, size=48).image
            grey = np.asarray(Image.fromarray(image).convert("L")) / 255
            bins = np.histogram(grey, 16, (0, 1))[0] / grey.size
            features.append([grey.mean(), grey.std(), *bins])
            labels.append(label)
    model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000))
    folds = cross_val_score(model, features, labels, cv=5)
    assert folds.mean() < 0.78


@pytest.mark.parametrize("name", ["skin", "bone"])
def test_no_fixed_spot_lies_near_what_decides_the_class_in_many_images(name):
    """Else a heat map that sees no image would point right."""
    masks = [draw(name, label, i, size=48).mask for label in CLASSES[name] for i in range(80)]
    near = [ndimage.distance_transform_edt(~mask) <= 48 / 16 for mask in masks]
    assert np.mean(near, axis=0).max() < 0.4
    middle = np.mean([spot[23:25, 23:25].any() for spot in near])
    assert 0.2 < middle < 0.4


def letter(phantom):
    """The printed letter: an R has 18 white dots, an L 11."""
    image = phantom.image if phantom.image.ndim == 2 else phantom.image[..., 0]
    dots = (image[phantom.marker] == 245).sum() / (len(image) // 64) ** 2
    return {18: "R", 11: "L"}[dots]


@pytest.mark.parametrize("name", ["skin", "bone"])
def test_letter_follows_the_class_as_often_as_asked(name):
    for shortcut, low, high in ((1.0, 1, 1), (0.8, 0.7, 0.9), (0.3, 0.18, 0.42)):
        shown = [
            letter(draw(name, label, i, size=64, shortcut=shortcut)) == own
            for label, own in zip(CLASSES[name], "RL", strict=True)
            for i in range(60)
        ]
        assert low <= np.mean(shown) <= high
        assert abs(np.mean(shown[:60]) - np.mean(shown[60:])) < 0.2


@pytest.mark.parametrize(("name", "label"), EVERY)
def test_marker_changes_nothing_but_its_pixels(name, label):
    corners = set()
    for index in range(6):
        bare = draw(name, label, index)
        marked = draw(name, label, index, shortcut=1.0)
        outside = ~marked.marker
        assert np.array_equal(marked.image[outside], bare.image[outside])
        assert np.array_equal(marked.mask, bare.mask)
        rows, columns = np.nonzero(marked.marker)
        assert 0.003 < marked.marker.mean() < 0.03
        assert rows.max() < 0.25 * 192
        assert columns.max() < 0.25 * 192 or columns.min() > 0.75 * 192
        assert set(np.unique(marked.image[marked.marker])) == {12, 245}
        corners.add((rows.min(), columns.min()))
    assert len(corners) > 3


def test_both_layouts_hold_the_same_files(tmp_path):
    tree = write("skin", tmp_path / "tree", counts=FEW, size=48, shortcut=0.5)
    flat = write("skin", str(tmp_path / "flat"), "flat", counts=FEW, size=48, shortcut=0.5)
    images = {
        f"{split}/{label}/{label}_{i + 1:04d}.png"
        for split, count in FEW.items()
        for label in ("Mel", "Nev")
        for i in range(count)
    }
    expected = {top + path for path in images for top in ("", "masks/", "markers/")}
    of_tree, of_flat = pictures(tree), pictures(flat)
    assert set(of_tree) == expected
    moved = {}
    for path, content in of_tree.items():
        *top, split, _, file = path.split("/")
        moved["/".join((*top, split.replace("validation", "test"), file))] = content
    assert moved == of_flat
    assert sorted(p.name for p in tmp_path.iterdir()) == ["flat", "tree"]


def test_files_hold_what_is_drawn(tmp_path):
    folder = write("xray", tmp_path / "x", "flat", seed=3, counts={"train": {"C4": 2}}, size=64)
    assert set(pictures(folder)) == {
        "train/C4_0001.png", "train/C4_0002.png",
        "masks/train/C4_0001.png", "masks/train/C4_0002.png",
    }  # fmt: skip
    phantom = draw("xray", "C4", 1, seed=3, size=64)
    with Image.open(folder / "train/C4_0002.png") as image:
        assert np.array_equal(np.asarray(image), phantom.image)
    with Image.open(folder / "masks/train/C4_0002.png") as image:
        assert np.array_equal(np.asarray(image), phantom.mask * 255)


def test_train_and_validation_share_no_picture(tmp_path):
    folder = write("bone", tmp_path / "bone", counts={"train": 8, "validation": 8}, size=32)
    images = [c for path, c in pictures(folder).items() if not path.startswith("masks")]
    assert len(images) == len(set(images)) == 32


def test_demo_sizes():
    for name in ("skin", "bone"):
        sizes = {split: list(of_class.values()) for split, of_class in COUNTS[name].items()}
        assert sizes == {"train": [200, 200], "validation": [100, 100]}
    xray = COUNTS["xray"]["train"]
    assert len(xray) == len(set(xray.values())) == 9
    assert sum(xray.values()) == 600
    assert all(tuple(of[split]) == CLASSES[name] for name, of in COUNTS.items() for split in of)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"name": "lung"}, "no set is called 'lung'; there are skin, bone, xray"),
        ({"label": "AFF"}, "no class of skin is called 'AFF'; there are Mel, Nev"),
        ({"split": "test"}, "no split is called 'test'; there are train, validation"),
        ({"shortcut": 1.5}, "shortcut is 1.5; it must lie between 0 and 1"),
        ({"shortcut": -1}, "shortcut is -1; it must lie between 0 and 1"),
        ({"shortcut": float("nan")}, "shortcut is nan"),
        ({"size": 8}, "size is 8; it must be at least 32"),
        ({"seed": -1}, "seed is -1; it must be at least 0"),
        ({"index": -1}, "index is -1; it must be at least 0"),
    ],
)
def test_wrong_arguments_of_draw(wrong, message):
    with pytest.raises(ValueError, match=message):
        draw(**{"name": "skin", "label": "Mel", **wrong})


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"name": "Skin"}, "no set is called 'Skin'"),
        ({"layout": "tree"}, "no layout is called 'tree'; there are folders, flat"),
        ({"shortcut": 2}, "shortcut is 2"),
        ({"counts": {"test": 1}}, "no split is called 'test'"),
        ({"counts": {"train": {"Mol": 1}}}, "no class of skin is called 'Mol'"),
        ({"size": 1}, "size is 1"),
    ],
)
def test_wrong_arguments_of_write_leave_nothing(tmp_path, wrong, message):
    with pytest.raises(ValueError, match=message):
        write(**{"name": "skin", "folder": tmp_path / "deep" / "skin", **wrong})
    assert not list(tmp_path.iterdir())


def test_somebody_elses_images_are_left_alone(tmp_path):
    (tmp_path / "own.jpg").write_bytes(b"mine")
    with pytest.raises(FileExistsError, match="is not empty"):
        write("skin", tmp_path, counts=FEW, size=32)
    assert [p.name for p in tmp_path.iterdir()] == ["own.jpg"]
    (tmp_path / "empty").mkdir()
    assert write("skin", tmp_path / "empty", counts=FEW, size=32) == tmp_path / "empty"


def test_full_disk_leaves_nothing(tmp_path, monkeypatch):
    save, calls = Image.Image.save, []

    def full(image, *args, **options):
        calls.append(args)
        if len(calls) == 4:
            raise OSError(28, "No space left on device")
        save(image, *args, **options)

    with monkeypatch.context() as patch, pytest.raises(OSError, match="No space left"):
        patch.setattr(Image.Image, "save", full)
        write("skin", tmp_path / "skin", counts=FEW, size=32)
    assert not list(tmp_path.iterdir())


def test_killed_write_leaves_no_half_set(tmp_path):
    code = (
        "import os, sys; from helpers.datasets import phantoms\n"
        "draw = phantoms.draw\n"
        "def dies(name, label, index, *rest):\n"
        "    if label == 'NFF': os._exit(9)\n"
        "    return draw(name, label, index, *rest)\n"
        "phantoms.draw = dies\n"
        "phantoms.write('bone', sys.argv[1], counts={'train': 2}, size=32)\n"
    )
    folder = tmp_path / "bone"
    assert subprocess.run([sys.executable, "-c", code, str(folder)], check=False).returncode == 9
    assert not folder.exists()
    (left,) = tmp_path.iterdir()
    assert left.name.startswith(".bone.partial-")
    assert len(pictures(write("bone", folder, counts=FEW, size=32))) == 12
    assert not left.exists()
    at_work = tmp_path / f".bone.partial-{os.getppid()}-x"  # of a process that runs
    at_work.mkdir()
    folder.rename(tmp_path / "away")
    write("bone", folder, counts=FEW, size=32)
    assert sorted(p.name for p in tmp_path.iterdir()) == [at_work.name, "away", "bone"]


def test_a_phantom_cannot_be_changed():
    with pytest.raises(FrozenInstanceError):
        draw("bone", "AFF", size=32).label = "NFF"


def test_letters_are_distinct():
    for name, letters in phantoms.LETTERS.items():
        assert len(set(letters)) == len(letters) == len(CLASSES[name])
        assert all(one in signs._GLYPHS for one in letters)
