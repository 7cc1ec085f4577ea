"""A folder of images -> a checked list: both layouts, and the one error each bad folder gets."""

import re
import warnings
from pathlib import Path

import numpy as np
import pytest

from helpers.datasets import class_names, folders
from helpers.datasets.errors import DatasetError, DatasetWarning, shortened
from helpers.datasets.folders import Listing, Wanted

KNOWN = ("Mel", "Nev")


def find(root: Path, split: str, known=KNOWN, classes=None, **more) -> Listing:
    return folders.find(root, [split], Wanted(known, class_names.parsed(classes), **more))[0]


def make(root: Path, *names: str) -> Path:
    """Empty files: a listing opens none of them."""
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).touch()
    return root


def make_both(root: Path, *names: str) -> Path:
    """Files of train, and the same of validation, so that none has to be drawn."""
    return make(root, *names, *(name.replace("train/", "validation/", 1) for name in names))


def names_of(listing: folders.Listing, root: Path) -> list[str]:
    return [file.relative_to(root).as_posix() for file in listing.files]


@pytest.fixture(autouse=True)
def _no_other_warning():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


PER_CLASS = (
    *("train/Nev/b.jpg", "train/Nev/a.PNG", "train/Mel/z.tif"),
    *("validation/Mel/v.jpg", "validation/Nev/w.jpg"),
)
FLAT = ("train/Nev_2.jpg", "train/Nev_1.jpg", "train/Mel_3.jpg", "test/Mel_4.jpg", "test/Nev_5.jpg")


# --- the layouts -------------------------------------------------------------------------------


def test_folder_per_class_is_ordered_by_class_then_name(tmp_path):
    make(tmp_path, *PER_CLASS)
    train = find(tmp_path, "train", KNOWN)
    assert train.classes == ("Mel", "Nev")
    assert names_of(train, tmp_path) == ["train/Mel/z.tif", "train/Nev/a.PNG", "train/Nev/b.jpg"]
    assert train.labels.dtype == np.int64 and train.labels.tolist() == [0, 1, 1]
    assert names_of(find(tmp_path, "validation", KNOWN), tmp_path) == [
        "validation/Mel/v.jpg",
        "validation/Nev/w.jpg",
    ]


def test_folder_per_class_takes_any_names(tmp_path):
    make_both(tmp_path, "train/B b/1.jpg", "train/Ärger's/1.jpg", "train/a/1.jpg")
    assert find(tmp_path, "train", KNOWN).classes == ("B b", "a", "Ärger's")


def test_flat_reads_the_class_from_the_file_name(tmp_path):
    make(tmp_path, *FLAT)
    train = find(tmp_path, "train", KNOWN)
    assert names_of(train, tmp_path) == ["train/Mel_3.jpg", "train/Nev_1.jpg", "train/Nev_2.jpg"]
    assert train.labels.tolist() == [0, 1, 1]
    validation = find(tmp_path, "validation", KNOWN)
    assert names_of(validation, tmp_path) == ["test/Mel_4.jpg", "test/Nev_5.jpg"]


def test_flat_finds_the_class_anywhere_in_the_name_but_not_in_the_suffix(tmp_path):
    make_both(tmp_path, "train/001Mel.jpg", "train/x-Nev-7.bmp")
    assert find(tmp_path, "train", KNOWN).classes == ("Mel", "Nev")
    make_both(tmp_path / "b", "train/C1.dcm", "train/dcm_1.jpg")
    assert find(tmp_path / "b", "train", ("C1", "dcm")).labels.tolist() == [0, 1]


def test_c1_is_not_found_within_c10(tmp_path):
    make_both(tmp_path, "train/C10_5.jpg", "train/C1_10.jpg", "train/C1-1.jpg", "train/7C2.jpg")
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
    make_both(tmp_path / "b", "train/1a.jpg", "train/2b.jpg", "train/11a.jpg")
    with pytest.raises(DatasetError, match=r"1 of 3 .*11a"):
        find(tmp_path / "b", "train", ("1a", "2b"))


def test_the_longer_of_two_names_wins_where_one_holds_the_other(tmp_path):
    make_both(tmp_path, "train/abnormal_1.jpg", "train/normal_1.jpg")
    assert find(tmp_path, "train", ("normal", "abnormal")).labels.tolist() == [0, 1]
    make_both(tmp_path / "b", "train/Nevus_1.jpg", "train/Nev_1.jpg")
    assert find(tmp_path / "b", "train", ("Nev", "Nevus")).labels.tolist() == [0, 1]


def test_characters_of_class_names_are_no_pattern(tmp_path):
    make_both(tmp_path, "train/a+b_1.jpg", "train/c.d_1.jpg")
    assert find(tmp_path, "train", ("a+b", "c.d")).labels.tolist() == [0, 1]
    make_both(tmp_path, "train/cxd_1.jpg")
    with pytest.raises(DatasetError, match="cxd_1"):
        find(tmp_path, "train", ("a+b", "c.d"))


def test_names_given_replace_the_known_ones(tmp_path):
    make_both(tmp_path, "train/cat1.jpg", "train/dog1.jpg")
    assert find(tmp_path, "train", KNOWN, ["dog", "cat"]).classes == ("cat", "dog")


def test_of_the_known_names_those_found_are_used(tmp_path):
    make_both(tmp_path, "train/C3_1.jpg", "train/C1_1.jpg")
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
    make_both(tmp_path, *(f"train/{c}/{name}" for c in "ab" for name in NAMES))
    assert len(find(tmp_path, "train", KNOWN).files) == 12
    make_both(tmp_path / "flat", *(f"train/{c}_{name}" for c in KNOWN for name in NAMES))
    assert np.bincount(find(tmp_path / "flat", "train", KNOWN).labels).tolist() == [6, 6]


def test_other_files_among_the_images_are_named_in_one_warning(tmp_path):
    make(tmp_path, *PER_CLASS, "train/Mel/notes.txt", "train/Mel/more/x.jpg", "train/Mel/a.heic")
    with pytest.warns(DatasetWarning) as caught:
        assert len(find(tmp_path, "train", KNOWN).files) == 3
    (message,) = [str(warning.message) for warning in caught]
    for part in ("train/Mel", "notes.txt", "'more'/", "a.heic", ".png", "remove them"):
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
    refused(tmp_path, "neither images nor class folders", "train/<class>/", "train/ and test/")


def test_no_layout_that_is_known(tmp_path):
    make(tmp_path, "Skin/deep/Mel/a.jpg", "Bone/deep/AFF/b.jpg", "readme.txt")
    refused(tmp_path, "no known layout", "seen: Bone/, Skin/, readme.txt", "train/<class>/")


def test_no_such_split(tmp_path):
    make(tmp_path, "validation/Mel/v.jpg", "validation/Nev/w.jpg")
    refused(tmp_path, "no train split", "seen: validation")


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
    refused(tmp_path, "no test split", "make train/, validation/ and test/", split="test")


def test_link_in_place_of_a_folder_that_loops(tmp_path):
    make(tmp_path, *PER_CLASS)
    (tmp_path / "train/Other").symlink_to(tmp_path / "train/Other")
    refused(tmp_path, "train/Other'", "leads nowhere or to itself", "remove it")


def test_links_to_folders_are_followed(tmp_path):
    make(tmp_path / "elsewhere", "1.jpg", "2.jpg")
    make(tmp_path / "set", "train/Nev/1.jpg", "train/Nev/2.jpg")
    (tmp_path / "set/train/Mel").symlink_to(tmp_path / "elsewhere")
    assert find(tmp_path / "set", "train", KNOWN).classes == ("Mel", "Nev")


def test_shortened():
    assert shortened("abc") == "a, b, c"
    assert shortened(map(str, range(12)), most=3) == "0, 1, 2 and 9 more"


# --- folders as their authors ship them ---------------------------------------------------------


@pytest.mark.parametrize(
    ("validation", "test"),
    [("valid", "test"), ("Valid", "Test"), ("validation_set", "holdout"), ("dev", "testing_data")],
)
def test_a_validation_split_is_never_passed_over_for_test(tmp_path, validation, test):
    make(tmp_path, *(f"{s}/{c}/{s}.jpg" for s in ("train", validation, test) for c in "ab"))
    assert names_of(find(tmp_path, "validation"), tmp_path)[0] == f"{validation}/a/{validation}.jpg"
    assert names_of(find(tmp_path, "test"), tmp_path)[0] == f"{test}/a/{test}.jpg"
    assert folders.has(tmp_path, "test")


@pytest.mark.parametrize("layout", ["Training/{}/1.jpg", "train_images/{}_1.jpg"])
def test_train_and_test_in_other_words(tmp_path, layout):
    test = layout.replace("Training", "Testing").replace("train", "test")
    make(tmp_path, *(at.format(name) for at in (layout, test) for name in KNOWN))
    assert find(tmp_path, "train").classes == KNOWN
    assert names_of(find(tmp_path, "validation"), tmp_path) == [test.format(one) for one in KNOWN]
    assert not folders.has(tmp_path, "test")


def test_an_unknown_folder_beside_splits_is_named(tmp_path):
    make(tmp_path, *PER_CLASS, "extra/Mel/1.jpg")
    refused(tmp_path, "extra/ beside train/, validation/", "move it away")


def test_a_held_out_test_without_classes_is_nobodys_business_until_it_is_asked_for(tmp_path):
    make(tmp_path, *PER_CLASS, "test/0001.jpg", "test/0002.jpg")
    assert len(find(tmp_path, "train").files) == 3
    refused(tmp_path, "2 of 2 file names hold none of the classes", split="test")


def test_train_alone_is_divided(tmp_path):
    make(tmp_path, *(f"train/{c}/{i}.jpg" for c in "ab" for i in range(10)))
    train, validation = find(tmp_path, "train"), find(tmp_path, "validation")
    assert (len(train.files), len(validation.files)) == (16, 4)
    assert not set(train.files) & set(validation.files)
    assert train.layout == "a folder per class; 4 of 20 drawn to validate on"


@pytest.mark.parametrize("inside", ["archive", "images", "a/b/Images", "PH2_Dataset"])
def test_a_set_in_a_folder_of_its_own_is_found(tmp_path, inside):
    make(tmp_path, *(f"{inside}/{name}" for name in PER_CLASS), "readme.txt")
    assert find(tmp_path, "train").classes == KNOWN
    assert find(tmp_path, "train").layout == f"a folder per class, in {inside}/"


def test_within_a_split_too(tmp_path):
    make(tmp_path, *(f"{s}/images/{c}_1.jpg" for s in ("train", "test") for c in KNOWN))
    assert names_of(find(tmp_path, "train"), tmp_path) == [f"train/images/{c}_1.jpg" for c in KNOWN]


def test_a_link_to_a_folder_above_ends(tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "b").symlink_to(tmp_path)
    with pytest.raises(DatasetError):
        find(tmp_path, "train")


@pytest.mark.parametrize("beside", ["masks", "labels", "Segmentation", "annotations"])
def test_images_beside_masks_are_the_set_and_the_masks_no_class(tmp_path, beside):
    make(tmp_path, *(f"{at}/{c}_{i}.png" for at in ("images", beside) for c in KNOWN for i in "12"))
    assert find(tmp_path, "train").classes == KNOWN
    assert find(tmp_path, "validation").labels.tolist() == [0, 1]


def test_masks_beside_their_pictures_are_no_pictures(tmp_path):
    make(tmp_path, *PER_CLASS, "train/Mel/z_mask.png", "train/Nev/a_segmentation.png")
    make(tmp_path, "train/Nev/skin_lesion.png")  # of no picture called skin
    assert [file.name for file in find(tmp_path, "train").files] == [
        *("z.tif", "a.PNG", "b.jpg", "skin_lesion.png")
    ]


@pytest.mark.parametrize(
    ("names", "what"),
    [
        (("fold1", "fold2"), "folds of a cross-validation"),
        (("part_1", "part_2"), "parts of a set"),
        (("HAM10000_images_part_1", "HAM10000_images_part_2"), "parts of a set"),
        (("images", "more"), "parts of a set"),
        (tuple(f"IMD{i:03}" for i in range(40)), "patients or cases"),
    ],
)
def test_parts_folds_and_patients_are_no_classes(tmp_path, names, what):
    make(tmp_path, *(f"{name}/{i}.jpg" for name in names for i in "123"))
    refused(tmp_path, f"look like {what}", "a table of labels")


def test_numbers_and_grades_are_classes(tmp_path):
    make(tmp_path, *(f"{name}/{i}.jpg" for name in ("0", "KL_4", "grade 2") for i in "12"))
    assert find(tmp_path, "train").classes == ("0", "KL_4", "grade 2")


def test_a_class_is_a_whole_word_of_a_flat_name_and_not_negated(tmp_path):
    make(tmp_path, *FLAT, "train/NotMel_1.jpg", "train/Melasma_1.jpg", "train/not_Mel_1.jpg")
    make(tmp_path, "train/non-Nev-1.jpg")
    refused(
        tmp_path, "4 of 7", "'Melasma_1.jpg'", "'NotMel_1.jpg'", "'non-Nev-1.jpg'", "'not_Mel_1"
    )


def test_names_of_several_words_in_flat_names(tmp_path):
    names = ("not_fractured_1.jpg", "fractured-1.jpg", "notfractured.jpg")
    make_both(tmp_path, *(f"train/{name}" for name in names))
    listing = find(tmp_path, "train", classes=["fractured", "not fractured"])
    assert [file.name for file in listing.files] == [names[1], names[0], names[2]]
    assert listing.labels.tolist() == [0, 1, 1]


def test_names_that_cannot_be_shown_are_refused_as_escapes(tmp_path):
    for i, name in enumerate(("\x1b[31mMel", "M\udce9l", " ")):
        make(tmp_path / str(i), f"train/{name}/1.jpg", "train/Nev/1.jpg")
        refused(tmp_path / str(i), ascii(name), "rename it")


def test_downloads_under_windows_leave_nothing_to_say(tmp_path):
    make(tmp_path, *PER_CLASS, *(f"{name}:Zone.Identifier" for name in PER_CLASS))
    assert len(find(tmp_path, "train").files) == 3


# --- the classes that are wanted -----------------------------------------------------------------

PH2 = [f"{s}/{c}/{s}.jpg" for s in ("train", "test") for c in ("melanoma", "nevus", "atypical")]


def test_classes_are_chosen_renamed_and_merged(tmp_path):
    make(tmp_path, *PH2, *(f"{s}/keratosis/{s}.jpg" for s in ("train", "test")))
    train = find(tmp_path, "train", classes={"Mel": ["melanoma"], "Nev": ["nevus", "atypical"]})
    assert train.classes == ("Mel", "Nev") and train.labels.tolist() == [0, 1, 1]
    assert [file.parent.name for file in train.files] == ["melanoma", "atypical", "nevus"]
    assert train.layout == "a folder per class; left out: 'keratosis'"
    text = "Mel = melanoma ; Nev=nevus,atypical"
    assert find(tmp_path, "train", classes=text).files == train.files
    refused(tmp_path, "'naevus'", "'nevus'", classes={"Mel": ["melanoma"], "Nev": ["naevus"]})
    refused(tmp_path, "classes 'melanoma=melanoma; nevus=nevus'", classes=["melanoma", "nevus"])


def test_a_choice_of_all_sets_leaves_other_sets_alone(tmp_path):
    make(tmp_path, *PH2)
    assert find(tmp_path, "train", classes="AFF; NFF", of_all_sets=True).classes == tuple(
        sorted(("melanoma", "nevus", "atypical"))
    )
    refused(tmp_path, "'AFF', 'NFF'", classes=["AFF", "NFF"])


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Mel=a; Mel=b", "its own name"),
        ("=a; b", "its own name"),
        ("Mel=a; Nev=a", "'a' cannot be in two classes"),
    ],
)
def test_a_choice_that_makes_no_sense_is_refused(text, said):
    with pytest.raises(DatasetError, match=said):
        class_names.parsed(text)


def test_copies_and_patients_stay_on_one_side_of_a_split_that_is_drawn(tmp_path):
    make(tmp_path, *(f"{c}/p{i:02}_{k}.jpg" for c in "ab" for i in range(10) for k in range(3)))
    how = {"groups": r"p\d+"}
    train, validation = find(tmp_path, "train", **how), find(tmp_path, "validation", **how)
    assert len(train.groups) == 48 and not set(train.groups) & set(validation.groups)
    alike = {"alike": lambda files: [file.stem[:3] for file in files]}  # ten clusters a class
    validation = find(tmp_path, "validation", **alike)
    assert len({file.stem[:3] for file in validation.files}) < 4
    assert "patient and its copies on one side" in validation.layout
