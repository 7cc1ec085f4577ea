"""A folder of images -> a checked list: both layouts, and the one error each bad folder gets."""

import re
import warnings
from pathlib import Path

import numpy as np
import pytest

from helpers.datasets import folders
from helpers.datasets.folders import DatasetError, DatasetWarning, find

KNOWN = ("Mel", "Nev")


def make(root: Path, *names: str) -> Path:
    """Empty files: a listing opens none of them."""
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).touch()
    return root


def names_of(listing: folders.Listing, root: Path) -> list[str]:
    return [file.relative_to(root).as_posix() for file in listing.files]


@pytest.fixture(autouse=True)
def _no_other_warning():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


PER_CLASS = ("train/Nev/b.jpg", "train/Nev/a.PNG", "train/Mel/z.tif", "validation/Mel/v.jpg")
FLAT = ("train/Nev_2.jpg", "train/Nev_1.jpg", "train/Mel_3.jpg", "test/Mel_4.jpg", "test/Nev_5.jpg")


# --- the layouts -------------------------------------------------------------------------------


def test_folder_per_class_is_ordered_by_class_then_name(tmp_path):
    make(tmp_path, *PER_CLASS, "validation/Nev/w.jpg")
    train = find(tmp_path, "train", KNOWN)
    assert train.classes == ("Mel", "Nev")
    assert names_of(train, tmp_path) == ["train/Mel/z.tif", "train/Nev/a.PNG", "train/Nev/b.jpg"]
    assert train.labels.dtype == np.int64 and train.labels.tolist() == [0, 1, 1]
    assert names_of(find(tmp_path, "validation", KNOWN), tmp_path) == [
        "validation/Mel/v.jpg",
        "validation/Nev/w.jpg",
    ]


def test_folder_per_class_takes_any_names(tmp_path):
    make(tmp_path, "train/B b/1.jpg", "train/Ärger's/1.jpg", "train/a/1.jpg")
    assert find(tmp_path, "train", KNOWN).classes == ("B b", "a", "Ärger's")


def test_flat_reads_the_class_from_the_file_name(tmp_path):
    make(tmp_path, *FLAT)
    train = find(tmp_path, "train", KNOWN)
    assert names_of(train, tmp_path) == ["train/Mel_3.jpg", "train/Nev_1.jpg", "train/Nev_2.jpg"]
    assert train.labels.tolist() == [0, 1, 1]
    validation = find(tmp_path, "validation", KNOWN)
    assert names_of(validation, tmp_path) == ["test/Mel_4.jpg", "test/Nev_5.jpg"]


def test_flat_finds_the_class_anywhere_in_the_name_but_not_in_the_suffix(tmp_path):
    make(tmp_path, "train/001Mel.jpg", "train/x-Nev-7.bmp")
    assert find(tmp_path, "train", KNOWN).classes == ("Mel", "Nev")
    make(tmp_path / "b", "train/C1.dcm", "train/dcm_1.jpg")
    assert find(tmp_path / "b", "train", ("C1", "dcm")).labels.tolist() == [0, 1]


def test_c1_is_not_found_within_c10(tmp_path):
    make(tmp_path, "train/C10_5.jpg", "train/C1_10.jpg", "train/C1-1.jpg", "train/7C2.jpg")
    listing = find(tmp_path, "train", ("C1", "C2", "C10"))
    assert listing.classes == ("C1", "C10", "C2")
    assert [file.name for file in listing.files] == [
        "C1-1.jpg",
        "C1_10.jpg",
        "C10_5.jpg",
        "7C2.jpg",
    ]
    with pytest.raises(DatasetError, match=r"1 of 4 .*C10_5"):
        find(tmp_path, "train", ("C1", "C2"))
    make(tmp_path / "b", "train/1a.jpg", "train/2b.jpg", "train/11a.jpg")
    with pytest.raises(DatasetError, match=r"1 of 3 .*11a"):
        find(tmp_path / "b", "train", ("1a", "2b"))


def test_the_longer_of_two_names_wins_where_one_holds_the_other(tmp_path):
    make(tmp_path, "train/abnormal_1.jpg", "train/normal_1.jpg")
    assert find(tmp_path, "train", ("normal", "abnormal")).labels.tolist() == [0, 1]
    make(tmp_path / "b", "train/Nevus_1.jpg", "train/Nev_1.jpg")
    assert find(tmp_path / "b", "train", ("Nev", "Nevus")).labels.tolist() == [0, 1]


def test_characters_of_class_names_are_no_pattern(tmp_path):
    make(tmp_path, "train/a+b_1.jpg", "train/c.d_1.jpg")
    assert find(tmp_path, "train", ("a+b", "c.d")).labels.tolist() == [0, 1]
    make(tmp_path, "train/cxd_1.jpg")
    with pytest.raises(DatasetError, match="cxd_1"):
        find(tmp_path, "train", ("a+b", "c.d"))


def test_names_given_replace_the_known_ones(tmp_path):
    make(tmp_path, "train/cat1.jpg", "train/dog1.jpg")
    assert find(tmp_path, "train", KNOWN, ["dog", "cat"]).classes == ("cat", "dog")


def test_of_the_known_names_those_found_are_used(tmp_path):
    make(tmp_path, "train/C3_1.jpg", "train/C1_1.jpg")
    known = tuple(f"C{n}" for n in range(1, 10))
    assert find(tmp_path, "train", known).classes == ("C1", "C3")


def test_test_beside_validation_is_held_out(tmp_path):
    make(tmp_path, *(f"{s}/{c}/{s}.jpg" for s in ("train", "validation", "test") for c in "ab"))
    assert (
        names_of(find(tmp_path, "validation", KNOWN), tmp_path)[0] == "validation/a/validation.jpg"
    )
    assert names_of(find(tmp_path, "test", KNOWN), tmp_path)[0] == "test/a/test.jpg"


def test_test_without_validation_is_the_validation_split_and_not_held_out(tmp_path):
    make(tmp_path, *FLAT)
    with pytest.raises(DatasetError, match=r"no test split.*test/ is the validation split"):
        find(tmp_path, "test", KNOWN)


def test_split_folders_in_other_spelling(tmp_path):
    make(tmp_path, "Train/a/1.jpg", "Train/b/1.jpg", "val/a/2.jpg", "val/b/2.jpg")
    assert names_of(find(tmp_path, "train", KNOWN), tmp_path) == ["Train/a/1.jpg", "Train/b/1.jpg"]
    assert names_of(find(tmp_path, "validation", KNOWN), tmp_path) == ["val/a/2.jpg", "val/b/2.jpg"]
    make(tmp_path, "validation/a/3.jpg")
    with pytest.raises(DatasetError, match=r"val/ and validation/ are the same split"):
        find(tmp_path, "validation", KNOWN)


def test_class_folders_without_a_split_are_split_stratified_and_stable(tmp_path):
    make(tmp_path, *(f"a/{i:03}.jpg" for i in range(50)), *(f"b/{i:03}.jpg" for i in range(21)))
    train, validation = find(tmp_path, "train", KNOWN), find(tmp_path, "validation", KNOWN)
    assert np.bincount(train.labels).tolist() == [40, 17]
    assert np.bincount(validation.labels).tolist() == [10, 4]
    together = names_of(train, tmp_path) + names_of(validation, tmp_path)
    assert len(set(together)) == 71
    assert names_of(validation, tmp_path) == sorted(names_of(validation, tmp_path))
    chosen = [int(file.stem) for file in validation.files[:10]]
    assert chosen == sorted(np.random.default_rng(0).permutation(50)[:10])  # whatever they hold
    assert find(tmp_path, "validation", KNOWN).files == validation.files


def test_small_classes_keep_one_for_validation(tmp_path):
    make(tmp_path, "a/1.jpg", "a/2.jpg", "b/1.jpg", "b/2.jpg")
    assert find(tmp_path, "train", KNOWN).labels.tolist() == [0, 1]
    assert find(tmp_path, "validation", KNOWN).labels.tolist() == [0, 1]


LEFTOVERS = (".DS_Store", "Thumbs.db", "desktop.ini", "._Mel_1.jpg", ".hidden.png")


@pytest.mark.parametrize("where", ["", "train", "train/Mel"])
def test_what_file_managers_leave_is_ignored(tmp_path, where):
    make(tmp_path, *PER_CLASS, *(f"{where}/{name}".lstrip("/") for name in LEFTOVERS))
    make(tmp_path, ".ipynb_checkpoints/Mel/x.jpg", "__MACOSX/Mel/._x.jpg")
    assert len(find(tmp_path, "train", KNOWN).files) == 3


def test_leftovers_are_ignored_in_the_flat_layout(tmp_path):
    make(tmp_path, *FLAT, *(f"train/{name}" for name in LEFTOVERS))
    assert len(find(tmp_path, "train", KNOWN).files) == 3


@pytest.mark.parametrize("beside", ["masks", "markers", "Masks"])
def test_masks_and_markers_are_ignored(tmp_path, beside):
    make(tmp_path / "split", *PER_CLASS, f"{beside}/Mel/m.png", f"train/{beside}/m.png")
    assert find(tmp_path / "split", "train", KNOWN).classes == ("Mel", "Nev")
    make(tmp_path / "alone", "a/1.jpg", "a/2.jpg", "b/1.jpg", "b/2.jpg", f"{beside}/m.png")
    assert find(tmp_path / "alone", "train", KNOWN).classes == ("a", "b")


NAMES = ["a b.jpg", 'it\'s "x".png', "two\nlines.bmp", "Läsion_日本.TIFF", "x.y.JPEG", "d.DCM"]


def test_any_file_name_and_upper_case_suffixes(tmp_path):
    make(tmp_path, *(f"train/{c}/{name}" for c in "ab" for name in NAMES))
    assert len(find(tmp_path, "train", KNOWN).files) == 12
    make(tmp_path / "flat", *(f"train/{c}_{name}" for c in KNOWN for name in NAMES))
    assert np.bincount(find(tmp_path / "flat", "train", KNOWN).labels).tolist() == [6, 6]


def test_other_files_among_the_images_are_named_in_one_warning(tmp_path):
    make(tmp_path, *PER_CLASS, "train/Mel/notes.txt", "train/Mel/more/x.jpg", "train/Mel/a.webp")
    with pytest.warns(DatasetWarning) as caught:
        assert len(find(tmp_path, "train", KNOWN).files) == 3
    (message,) = [str(warning.message) for warning in caught]
    for part in ("train/Mel", "notes.txt", "'more'/", "a.webp", ".png", "remove them"):
        assert part in message


def test_other_files_in_the_flat_layout_are_named(tmp_path):
    make(tmp_path, *FLAT, "train/labels.csv")
    with pytest.warns(DatasetWarning, match=r"labels\.csv"):
        assert len(find(tmp_path, "train", KNOWN).files) == 3


def test_broken_links_to_images_are_listed_for_the_reader_to_report(tmp_path):
    make(tmp_path, *PER_CLASS)
    (tmp_path / "train/Mel/loop.jpg").symlink_to(tmp_path / "train/Mel/loop.jpg")
    assert len(find(tmp_path, "train", KNOWN).files) == 4


# --- what is refused, with one clear error -----------------------------------------------------


def refused(
    root: Path, *parts: str, split: str = "train", classes: list[str] | None = None
) -> None:
    with pytest.raises(DatasetError) as caught:
        find(root, split, KNOWN, classes)
    message = str(caught.value)
    assert re.match(r"'.+': ", message), "it names the folder"
    assert str(root) in message
    for part in parts:
        assert part in message


def test_no_such_folder(tmp_path):
    refused(tmp_path / "gone", "No such file", "train/<class>/")


def test_unreadable_folder(tmp_path, monkeypatch):
    def fail(self: Path) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "iterdir", fail)
    refused(tmp_path, "Permission denied")


def test_empty_folder(tmp_path):
    refused(tmp_path, "neither layout", "seen: nothing", "train/<class>/", "train/ and test/")


def test_neither_layout(tmp_path):
    make(tmp_path, "Skin/train/Mel/a.jpg", "readme.txt")
    refused(tmp_path, "neither layout", "seen: Skin/, readme.txt", "train/<class>/")


def test_no_such_split(tmp_path):
    make(tmp_path, *PER_CLASS[:3])
    refused(tmp_path, "no validation split", "seen: train/", split="validation")


def test_unknown_split(tmp_path):
    with pytest.raises(DatasetError, match=r"'valid'; the splits are train, validation, test"):
        find(tmp_path, "valid", KNOWN)


def test_empty_split_folder(tmp_path):
    (tmp_path / "train").mkdir()
    refused(tmp_path, "neither images nor class folders", "Mel, Nev")


def test_class_folder_without_images(tmp_path):
    make(tmp_path, *PER_CLASS)
    (tmp_path / "train/Other").mkdir()
    refused(tmp_path, "'Other'", "without images", "put images")


def test_class_folder_without_images_and_without_a_split(tmp_path):
    make(tmp_path, "a/1.jpg", "a/2.jpg")
    (tmp_path / "b").mkdir()
    refused(tmp_path, "'b'", "without images")


def test_flat_files_of_no_class(tmp_path):
    make(tmp_path, *FLAT, *(f"train/IMG_{i:02}.jpg" for i in range(12)), "train/mel_1.jpg")
    refused(
        tmp_path,
        "13 of 16 file names hold none of the classes Mel, Nev",
        "upper and lower case count",
        "classes=[...]",
        "'IMG_00.jpg'",
        "'IMG_09.jpg' and 3 more",
    )


def test_flat_file_of_two_classes(tmp_path):
    make(tmp_path, *FLAT, "train/Mel_or_Nev.jpg")
    refused(tmp_path, "fit two classes", "'Mel_or_Nev.jpg' (Mel and Nev)", "rename")


@pytest.mark.parametrize("names", [("train/Mel/1.jpg",), ("train/Mel_1.jpg",), ("Mel/1.jpg",)])
def test_one_class_only(tmp_path, names):
    refused(make(tmp_path, *names), "one class only, 'Mel'", "two or more")


def test_images_beside_class_folders(tmp_path):
    make(tmp_path, *PER_CLASS, "train/stray.jpg")
    refused(tmp_path, "beside the class folders", "'stray.jpg'")


def test_classes_given_must_be_those_there_are(tmp_path):
    make(tmp_path, *PER_CLASS)
    assert find(tmp_path, "train", KNOWN, ["Nev", "Mel"]).classes == ("Mel", "Nev")
    refused(
        tmp_path, "classes are 'Mel', 'Nev'", "given are 'Mel', 'Other'", classes=["Mel", "Other"]
    )
    make(tmp_path, "train/Other/1.jpg")
    refused(tmp_path, "classes are 'Mel', 'Nev', 'Other'", classes=["Mel", "Nev"])
    make(tmp_path / "flat", *FLAT)
    refused(tmp_path / "flat", "given are 'AK', 'Mel', 'Nev'", classes=["Mel", "Nev", "AK"])


def test_class_of_one_image_cannot_be_split(tmp_path):
    make(tmp_path, "a/1.jpg", "a/2.jpg", "b/1.jpg")
    refused(tmp_path, "/b'", "one image, which cannot be split")


def test_held_out_split_of_class_folders_alone(tmp_path):
    make(tmp_path, "a/1.jpg", "a/2.jpg", "b/1.jpg", "b/2.jpg")
    refused(tmp_path, "split into train and validation", split="test")


def test_link_in_place_of_a_folder_that_loops(tmp_path):
    make(tmp_path, *PER_CLASS)
    (tmp_path / "train/Other").symlink_to(tmp_path / "train/Other")
    refused(tmp_path, "train/Other'", "leads nowhere or to itself", "remove it")


def test_links_to_folders_are_followed(tmp_path):
    make(tmp_path / "elsewhere", "1.jpg")
    make(tmp_path / "set", "train/Nev/1.jpg")
    (tmp_path / "set/train/Mel").symlink_to(tmp_path / "elsewhere")
    assert find(tmp_path / "set", "train", KNOWN).classes == ("Mel", "Nev")


def test_shortened():
    assert folders.shortened("abc") == "a, b, c"
    assert folders.shortened(map(str, range(12)), most=3) == "0, 1, 2 and 9 more"
