"""Which file is the mask of which image, in the layouts that sets come in."""

import pytest

from helpers.datasets import DatasetError
from helpers.datasets.mask_files import masks_of
from helpers.datasets.mask_names import picture_of


@pytest.fixture
def make(tmp_path):
    """Make empty files below a folder; those that are images of validation are returned."""

    def make(*names):
        for name in names:
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).touch()
        return [tmp_path / name for name in names if name in IMAGES]

    return make


IMAGES = ("validation/Mel/a.jpg", "validation/Nev/b.jpg")


def found(root, images, kind="masks"):
    masks = masks_of(root, images, kind)
    return masks and [[mask.relative_to(root).as_posix() for mask in masks[at]] for at in images]


@pytest.mark.parametrize(
    ("stem", "picture"),
    [
        ("ISIC_0001_segmentation", "ISIC_0001"),
        ("ISIC_0001_Segmentation", "ISIC_0001"),
        ("IMD003_lesion", "IMD003"),
        ("X-mask", "X"),
        ("X.seg", "X"),
        ("benign (1)_mask", "benign (1)"),
        ("benign (1)_mask_1", "benign (1)"),
        ("X_ground_truth", "X"),
        ("mask", None),
        ("_mask", None),
        ("unmask", None),
        ("X_masked", None),
        ("Mel_1", None),
        ("X_lesion_12345", None),
    ],
)
def test_the_word_behind_a_name(stem, picture):
    assert picture_of(stem) == picture


@pytest.mark.parametrize("folder", ["masks", "Masks", "mask", "Segmentations", "labels", "GT"])
@pytest.mark.parametrize("word", ["", "_mask", "_segmentation", "-seg", "_Lesion"])
@pytest.mark.parametrize("within", ["validation/{}/", "{}/", "validation/", ""])
def test_a_folder_of_masks(make, tmp_path, folder, word, within):
    masks = [f"{folder}/{within.format(k)}{i}{word}.png" for k, i in (("Mel", "a"), ("Nev", "b"))]
    assert found(tmp_path, make(*IMAGES, *masks)) == [[mask] for mask in masks]


@pytest.mark.parametrize(
    "masks",
    [
        ("validation/Mel/a_mask.png", "validation/Nev/b_mask.png"),  # beside
        ("validation/masks/Mel/a.png", "validation/masks/Nev/b.png"),
        ("validation/Mel/masks/a.png", "validation/Nev/masks/b.png"),
        ("validation_masks/Mel/a.png", "validation_masks/Nev/b.png"),
        ("The_GroundTruth/a_lesion.png", "The_GroundTruth/b_lesion.png"),
        ("validation/Mel/a_lesion/a_lesion.png", "validation/Nev/b_lesion/b_lesion.png"),
    ],
)
def test_other_places(make, tmp_path, masks):
    assert found(tmp_path, make(*IMAGES, *masks)) == [[mask] for mask in masks]


def test_images_and_masks_in_folders_beside_each_other(make, tmp_path):
    make("images/a.jpg", "labels/a.png", "labels/classes.csv")
    assert found(tmp_path, [tmp_path / "images/a.jpg"]) == [["labels/a.png"]]


def test_a_folder_for_each_picture(make, tmp_path):
    names = ["IMD003", "IMD004"]
    pictures = [f"set/{n}/{n}_Dermoscopic_Image/{n}.bmp" for n in names]
    masks = [f"set/{n}/{n}_lesion/{n}_lesion.bmp" for n in names]
    make(*pictures, *masks, "set/IMD003/IMD003_roi/IMD003_R1_Label3.bmp")
    assert found(tmp_path, [tmp_path / at for at in pictures]) == [[mask] for mask in masks]


def test_each_split_has_its_own(make, tmp_path):
    splits = ("train", "validation")
    images = [f"{split}_images/Mel/{i}.jpg" for split in splits for i in range(2)]
    masks = [f"{split}_masks/Mel/{i}.png" for split in splits for i in range(2)]
    make(*images, *masks)
    assert found(tmp_path, [tmp_path / at for at in images]) == [[mask] for mask in masks]


def test_the_longest_path_in_common_wins(make, tmp_path):
    images = make(*IMAGES, "masks/a.png", "masks/validation/Mel/a.png", "masks/b.png")
    assert found(tmp_path, images) == [["masks/validation/Mel/a.png"], ["masks/b.png"]]


def test_numbered_masks_are_parts(make, tmp_path):
    masks = ["masks/a_mask.png", "masks/a_mask_1.png", "masks/a_mask_2.png", "masks/b.png"]
    assert found(tmp_path, make(*IMAGES, *masks)) == [masks[:3], masks[3:]]


def test_markers_are_no_masks_and_masks_no_markers(make, tmp_path):
    masks = ["masks/validation/Mel/a.png", "masks/validation/Nev/b.png"]
    markers = [mask.replace("masks", "markers") for mask in masks]
    images = make(*IMAGES, *masks, *markers)
    assert found(tmp_path, images) == [[mask] for mask in masks]
    assert found(tmp_path, images, "markers") == [[marker] for marker in markers]


@pytest.mark.parametrize(
    "others",
    [
        (),
        ("train/Mel/c.jpg", "train/Nev/d_mask.jpg"),  # of no picture d
        ("labels/a.txt", "labels/b.xml"),
        ("train/skin_lesion/a.jpg", "train/nevus/c.jpg"),  # a class
    ],
)
def test_none_where_there_are_none(make, tmp_path, others):
    assert masks_of(tmp_path, make(*IMAGES, *others)) is None


def test_a_class_may_be_called_like_masks(make, tmp_path):
    names = ["with_mask/a.jpg", "labels/a.jpg"]
    make(*names)
    assert masks_of(tmp_path, [tmp_path / name for name in names]) is None


@pytest.mark.parametrize(
    ("masks", "message"),
    [
        (
            ["Masks/a_foo.png"],
            "2 of 2 images have no mask: 'valid.*masks of no image: 'Masks/a_foo",
        ),
        (["validation/Mel/a_mask.png"], "1 of 2 images have no mask: 'validation/Nev/b.jpg'"),
        (["masks/a.png", "masks/a.bmp", "masks/b.png"], "'validation/Mel/a.jpg' has 'masks/a.bmp'"),
        (["masks/a.png", "masks/a_seg.png", "masks/b.png"], "not sure which mask is meant"),
        (
            ["masks/a.png", "masks/b.png", "train/Mel/a.jpg"],
            "of one name have one mask: 'masks/a.p",
        ),
        (
            ["masks/a.npy", "masks/b.npy"],
            "masks': holds no mask of a format .* seen: 'a.npy', 'b.n",
        ),
    ],
)
def test_what_is_not_clear_is_refused(make, tmp_path, masks, message):
    with pytest.raises(DatasetError, match=message):
        masks_of(tmp_path, make(*IMAGES, *masks))
