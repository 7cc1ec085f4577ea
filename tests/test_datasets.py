"""Image sets: what is loaded, what is checked between the splits, demo images, fingerprints."""

import subprocess
import sys
import warnings
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from helpers import datasets, demo, settings
from helpers.datasets import DatasetError, DatasetWarning, load, load_pair


def picture(path: Path, seed: int, size: tuple[int, int] = (20, 20), **options: object) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    pixels = np.random.default_rng(seed).integers(0, 256, (*size, 3), np.uint8)
    Image.fromarray(pixels).save(path, **options)
    return path


@pytest.fixture(autouse=True)
def _settings(tmp_path, monkeypatch):
    (tmp_path / "data").mkdir()
    monkeypatch.setattr(
        settings,
        "_current",
        settings.Settings(data=tmp_path / "data", build=tmp_path / "build", threads=1),
    )
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


@pytest.fixture
def skin(tmp_path):
    """A sound set: train 4 + 4, validation 2 + 2."""
    root = tmp_path / "data" / "skin"
    for k, name in enumerate(("Mel", "Nev")):
        for i in range(4):
            picture(root / "train" / name / f"{i}.png", 100 * k + i)
        for i in range(2):
            picture(root / "validation" / name / f"{i}.png", 100 * k + 50 + i)
    return root


def flattened(root: Path, target: Path) -> Path:
    for split, name in (("train", "train"), ("validation", "test")):
        (target / name).mkdir(parents=True)
        for file in (root / split).rglob("*.png"):
            copy = target / name / f"{file.parent.name}_{file.name}"
            copy.write_bytes(file.read_bytes())
    return target


# --- a set -------------------------------------------------------------------------------------


def test_files_are_read_again_only_when_they_changed(skin, monkeypatch):
    reads = []
    content = datasets.images.content
    monkeypatch.setattr(
        datasets.images, "content", lambda path: reads.append(path) or content(path)
    )
    before = load("skin", "train").fingerprint
    assert load("skin", "train").fingerprint == before
    assert len(reads) == 8
    picture(skin / "train" / "Mel" / "0.png", 999)
    assert load("skin", "train").fingerprint != before
    (skin / "train" / "Mel" / "1.png").write_bytes(b"")
    with pytest.raises(DatasetError, match="is empty"):
        load("skin", "train")
    with pytest.raises(DatasetError, match="is empty"):
        load("skin", "train")


def test_load(skin):
    train = load("skin", "train")
    assert (train.name, train.split, train.root, train.demo) == ("skin", "train", skin, False)
    assert train.classes == ("Mel", "Nev") and train.positive == "Mel"
    assert train.labels.tolist() == [0] * 4 + [1] * 4
    assert train.counts() == {"Mel": 4, "Nev": 4}
    assert train.description == "skin, own images: train 4 Mel + 4 Nev"
    assert [file.name for file in train.files] == ["0.png", "1.png", "2.png", "3.png"] * 2
    with pytest.raises(ValueError, match="read-only"):
        train.labels[0] = 1


def test_arrays_follow_files_and_labels(skin):
    train = load("skin", "train")
    images, labels = train.arrays(20, 3)
    assert images.shape == (8, 20, 20, 3) and images.dtype == np.float32
    assert labels is train.labels
    for file, image in zip(train.files, images, strict=True):
        assert np.array_equal(image, np.asarray(Image.open(file)) / np.float32(255))
    assert train.arrays(12)[0].shape == (8, 12, 12, 1)
    assert train.pixels(12).dtype == np.uint16
    assert np.array_equal(datasets.unit_range(train.pixels(12)), train.arrays(12)[0])


def test_arrays_go_with_stream(skin):
    images, labels = load("skin", "train").arrays(8)
    batch, chosen = next(datasets.stream(images, labels, 3, seed=0).as_numpy_iterator())
    order = np.random.default_rng((0, 0)).permutation(8)[:3]
    assert np.array_equal(batch, images[order]) and np.array_equal(chosen, labels[order])


def test_folder_of_one_set(tmp_path, skin):
    flat = flattened(skin, tmp_path / "flat")
    settings.use(skin=flat)
    assert load("skin", "validation").root == flat
    assert load("skin", "validation").counts() == {"Mel": 2, "Nev": 2}


def test_held_out_split(skin):
    for k, name in enumerate(("Mel", "Nev")):
        picture(skin / "test" / name / "x.png", 900 + k)
    assert load("skin", "test").counts() == {"Mel": 1, "Nev": 1}


def test_xray_knows_c1_to_c9(tmp_path):
    for i in range(1, 10):
        picture(tmp_path / "data/X_ray/train" / f"C{i}_{i}.png", i)
    train = load("xray", "train")
    assert train.classes == tuple(f"C{i}" for i in range(1, 10)) and train.positive is None


def test_names_given(tmp_path):
    for i, name in enumerate(("cat", "dog")):
        picture(tmp_path / "data/bone/train" / f"{name}.png", i)
    assert load("bone", "train", ["cat", "dog"]).classes == ("cat", "dog")
    with pytest.raises(DatasetError, match=r"none of the classes AFF, NFF.*'cat\.png'"):
        load("bone", "train")


@pytest.mark.parametrize(
    ("name", "classes", "positive"),
    [
        ("skin", ("Mel", "Nev"), "Mel"),
        ("bone", ("AFF", "NFF"), "AFF"),
        ("bone", ("Healthy", "Osteoarthritis"), "Osteoarthritis"),
        ("skin", ("Malignant", "benign"), "Malignant"),
        ("xray", ("normal", "pneumonia"), "pneumonia"),
        ("xray", ("abnormal", "normal"), "abnormal"),
        ("xray", ("Fracture", "Healthy_controls"), "Fracture"),
        ("xray", ("a", "b"), "b"),
        ("xray", ("control", "healthy"), "healthy"),
        ("skin", ("Mel", "Nev", "SebK"), None),
    ],
)
def test_positive_class(tmp_path, name, classes, positive):
    for i, each in enumerate(classes):
        picture(tmp_path / "data" / name / "train" / each / "x.png", i)
    assert load(name, "train").positive == positive


# --- fingerprints and subsets ------------------------------------------------------------------


def test_fingerprint_is_of_content_not_of_layout_or_names(tmp_path, skin):
    before = [load("skin", split).fingerprint for split in ("train", "validation")]
    assert len(before[0]) == 16 and before[0] != before[1]
    settings.use(skin=flattened(skin, tmp_path / "flat"))
    assert [load("skin", split).fingerprint for split in ("train", "validation")] == before


def test_fingerprint_changes_with_pixels_order_and_class(skin):
    warnings.simplefilter("ignore")  # that the classes become unbalanced
    seen = {load("skin", "train").fingerprint}
    picture(skin / "train/Mel/0.png", 77)
    seen.add(load("skin", "train").fingerprint)
    (skin / "train/Mel/0.png").rename(skin / "train/Mel/9.png")
    seen.add(load("skin", "train").fingerprint)
    (skin / "train/Mel/9.png").rename(skin / "train/Nev/0a.png")
    seen.add(load("skin", "train").fingerprint)
    (skin / "train/Nev").rename(skin / "train/Other")
    seen.add(load("skin", "train").fingerprint)
    assert len(seen) == 5


def test_changed_images_are_decoded_anew(skin):
    before = load("skin", "train").arrays(20)[0]
    picture(skin / "train/Mel/0.png", 77)
    after = load("skin", "train").arrays(20)[0]
    assert not np.array_equal(before[0], after[0])
    assert np.array_equal(before[1:], after[1:])


def test_subset(skin):
    train = load("skin", "train")
    some = train.subset(2)
    assert some.counts() == {"Mel": 2, "Nev": 2}
    assert [file.name for file in some.files] == ["0.png", "3.png"] * 2  # evenly spaced
    assert some.fingerprint != train.fingerprint
    assert np.array_equal(some.arrays(20)[0], train.arrays(20)[0][[0, 3, 4, 7]])
    assert some.description == "skin, own images: train 2 Mel + 2 Nev"
    assert train.subset(9).fingerprint == train.fingerprint
    assert train.subset(1).counts() == {"Mel": 1, "Nev": 1}
    with pytest.raises(ValueError, match="at least 1"):
        train.subset(0)


# --- a pair ------------------------------------------------------------------------------------


def test_sound_pair_gives_no_warning(skin):
    train, validation = load_pair("skin")
    assert (train.split, validation.split) == ("train", "validation")


def test_pair_of_different_classes(skin):
    picture(skin / "train/Other/x.png", 1000)
    with pytest.raises(DatasetError) as caught:
        load_pair("skin")
    for part in (
        str(skin),
        "train are Mel, Nev, Other",
        "validation Mel, Nev",
        "must have the same",
    ):
        assert part in str(caught.value)


def test_same_picture_in_both_is_one_warning_that_lists_the_pairs(skin):
    copy = skin / "validation/Nev/copy.png"
    copy.write_bytes((skin / "train/Nev/2.png").read_bytes())
    with Image.open(skin / "train/Mel/1.png") as image:  # the same pixels in other files
        image.save(skin / "validation/Mel/saved again.png", compress_level=0)
        image.save(skin / "validation/Mel/as.bmp")
    with pytest.warns(DatasetWarning) as caught:
        load_pair("skin")
    (message,) = [
        str(warning.message) for warning in caught if "same picture" in str(warning.message)
    ]
    assert len(caught) == 1
    for part in (str(skin), "3 times", "every validation figure wrong"):
        assert part in message
    for pair in (
        f"'{Path('train/Nev/2.png')}' = '{Path('validation/Nev/copy.png')}'",
        f"'{Path('train/Mel/1.png')}' = '{Path('validation/Mel/saved again.png')}'",
        f"'{Path('train/Mel/1.png')}' = '{Path('validation/Mel/as.bmp')}'",
    ):
        assert pair in message


def test_duplicates_are_told_by_all_pixels_not_by_the_thumbnail(skin):
    """Two pictures that differ in one pixel, by less than a thumbnail can show."""
    deep = np.random.default_rng(0).integers(0, 65000, (256, 256)).astype(np.uint16)
    Image.fromarray(deep).save(skin / "train/Mel/9.png")
    deep[100, 100] += 1
    Image.fromarray(deep).save(skin / "validation/Mel/9.png")
    train, validation = load_pair("skin")
    assert np.array_equal(
        *(each.pixels(datasets.THUMBNAIL)[n] for each, n in ((train, 4), (validation, 2)))
    )
    assert datasets.duplicates(train, validation) == []


def test_unbalanced_classes_are_said_once(skin):
    for i in range(3):
        picture(skin / "train/Nev" / f"more{i}.png", 500 + i)
    with pytest.warns(
        DatasetWarning, match="unbalanced.*train 4 Mel [+] 7 Nev; validation 2"
    ) as caught:
        load_pair("skin")
    assert len(caught) == 1
    assert load("skin", "train").description.endswith("train 4 Mel + 7 Nev")  # to look at, no more


def test_slightly_unbalanced_classes_are_not_worth_a_warning(skin):
    for i in range(2):
        picture(skin / "train/Nev" / f"more{i}.png", 500 + i)  # 4 and 6: not over 1.5
    load("skin", "train")


# --- what is refused ---------------------------------------------------------------------------


def test_no_such_folder(tmp_path):
    settings.use(skin=tmp_path / "gone")
    with pytest.raises(DatasetError, match=r"LAB_SKIN: there is no folder .*gone; make it"):
        load("skin", "train")
    settings.use(skin=None, data=tmp_path / "gone")
    with pytest.raises(DatasetError, match=r"LAB_DATA: there is no folder .*gone"):
        load("skin", "train")


def test_unknown_set():
    with pytest.raises(DatasetError, match=r"no set is called 'skins'; the sets are skin, bone"):
        load("skins", "train")


def test_unreadable_files_are_all_named_when_the_set_is_loaded(skin):
    (skin / "train/Mel/0.png").write_bytes(b"")
    loop = skin / "train/Nev/loop.png"
    loop.symlink_to(loop)
    with pytest.raises(DatasetError) as caught:
        load("skin", "train")
    message = str(caught.value)
    assert message.startswith("2 of 9 images cannot be used")
    assert "Mel/0.png" in message and "empty (0 bytes)" in message
    assert "loop.png" in message and "symbolic link" in message


def test_broken_images_are_all_named_when_a_pair_is_loaded(skin):
    whole = (skin / "train/Mel/0.png").read_bytes()
    (skin / "train/Mel/0.png").write_bytes(whole[: len(whole) // 2])
    picture(skin / "train/Nev/0.png", 1, size=(1, 1))
    with pytest.raises(DatasetError, match="2 of 8 images cannot be used") as caught:
        load_pair("skin")
    assert "Mel/0.png" in str(caught.value) and "1 x 1" in str(caught.value)


# --- demo images -------------------------------------------------------------------------------


class Phantoms:
    """Stands in for the module that draws the demo images."""

    def __init__(self) -> None:
        self.calls = 0
        self.layouts: list[tuple[str, str]] = []
        self.how: dict[str, dict[str, object]] = {}

    def write(self, name: str, folder: Path, layout: str = "folders", **how: object) -> None:
        self.calls += 1
        self.layouts.append((name, layout))
        self.how[folder.name] = how
        for k, each in enumerate(("Mel", "Nev")):
            for split in ("train", "validation"):
                picture(folder / split / each / "x.png", 10 * k + len(split))


@pytest.fixture
def phantoms(monkeypatch):
    import helpers

    stand_in = Phantoms()
    monkeypatch.setattr(helpers, "phantoms", stand_in, raising=False)
    monkeypatch.setitem(sys.modules, "helpers.phantoms", stand_in)
    return stand_in


def test_demo_images_where_there_are_none(tmp_path, phantoms):
    train, validation = load_pair("skin")
    assert train.demo and validation.demo
    assert train.description == "skin, demo images: train 1 Mel + 1 Nev"
    assert train.root == tmp_path / "build/demo/skin"
    load_pair("skin")
    assert phantoms.calls == 1


def test_demo_images_of_every_set(tmp_path, phantoms):
    assert demo.images() == tmp_path / "build/demo"
    assert phantoms.layouts == [
        ("skin", "folders"),
        ("bone", "folders"),
        ("xray", "folders"),
        *[("bone", "folders")] * len(demo.DRILL),
        ("skin", "flat"),
    ]
    assert {p.name for p in (tmp_path / "build/demo").iterdir() if p.is_dir()} == {
        *("bone", "skin", "skin_flat", "xray"),
        *demo.DRILL,
    }
    calls = phantoms.calls
    assert load("bone", "train").root == tmp_path / "build/demo/bone" and phantoms.calls == calls
    assert phantoms.how["bone"] == {} and phantoms.how["bone_marked"] == {"shortcut": 1.0}


def test_the_drills_images_are_drawn_whatever_images_there_are(tmp_path, phantoms, skin):
    marked = load("bone_marked", "train")
    assert marked.demo and marked.root == tmp_path / "build/demo/bone_marked"


def test_own_images_come_before_demo_images(skin, phantoms):
    assert not load("skin", "train").demo
    assert phantoms.calls == 0


def test_demo_images_on_a_full_disk(phantoms, monkeypatch):
    def full(name: str, folder: Path, layout: str = "folders") -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(phantoms, "write", full)
    with pytest.raises(DatasetError, match=r"demo.*No space left on device.*LAB_BUILD"):
        load("skin", "train")


SCRIPT = """
import sys, time, types
from pathlib import Path
import helpers
from PIL import Image
from helpers import datasets, demo, settings
def write(name, folder, layout):
    with open(sys.argv[2], "a") as log:
        log.write("x")
    time.sleep(0.5)
    for split in ("train", "validation"):
        for i, each in enumerate(("Mel", "Nev")):
            (folder / split / each).mkdir(parents=True)
            Image.new("L", (9, 9), i).save(folder / split / each / "x.png")
helpers.phantoms = sys.modules["helpers.phantoms"] = types.SimpleNamespace(write=write)
settings.use(build=sys.argv[1], data=sys.argv[3])
print(datasets.load("skin", "train").fingerprint)
"""


def test_of_two_processes_one_makes_the_demo_images(tmp_path):
    command = [sys.executable, "-c", SCRIPT, tmp_path / "b", tmp_path / "log", tmp_path / "data"]
    both = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    assert len({process.communicate(timeout=60)[0] for process in both}) == 1
    assert all(process.returncode == 0 for process in both)
    assert (tmp_path / "log").read_text() == "x"


def test_demo_images_have_the_classes_of_the_course():
    from helpers import phantoms

    assert phantoms.CLASSES == datasets.KNOWN


def test_both_layouts_of_the_demo_images_are_the_same_set(tmp_path):
    from helpers import phantoms

    few = {"train": 3, "validation": 2}
    sets = []
    for layout in ("folders", "flat"):
        folder = phantoms.write("skin", tmp_path / layout, layout, counts=few, size=32)
        settings.use(skin=folder)
        sets.append(load_pair("skin"))
    for one, other in zip(*sets, strict=True):
        assert one.classes == other.classes == ("Mel", "Nev")
        assert one.fingerprint == other.fingerprint
        assert np.array_equal(one.arrays(16)[0], other.arrays(16)[0])
    assert sets[0][1].counts() == {"Mel": 2, "Nev": 2}


def test_tensorflow_is_not_loaded_to_list_images():
    code = "import sys; import helpers.datasets; print('tensorflow' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
