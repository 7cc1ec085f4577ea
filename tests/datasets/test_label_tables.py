"""Tables of labels: which are read, how they fit the pictures, and what is refused."""

import warnings
from pathlib import Path

import pytest

from helpers.datasets import DatasetError, DatasetWarning, class_names, folders, label_tables
from helpers.datasets.folders import Listing, Wanted

HAM = "lesion_id,image_id,dx\n" + "".join(
    f"L{i // 2},P_{i},{'mel' if i < 8 else 'nv'}\n" for i in range(16)
)


@pytest.fixture(autouse=True)
def _no_other_warning():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


def pictures(root: Path, count: int = 16, folder: str = "part_{}") -> Path:
    """Empty files: a listing opens none of them."""
    for i in range(count):
        file = root / folder.format(1 + i % 2) / f"P_{i}.jpg"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch()
    return root


def find(root: Path, *splits: str, **wanted) -> list[Listing]:
    return folders.find(root, splits or ("train", "validation"), Wanted(("Mel", "Nev"), **wanted))


def test_ham10000_is_split_by_lesion(tmp_path):
    (pictures(tmp_path) / "HAM10000_metadata.csv").write_text(HAM)
    train, validation = find(tmp_path)
    assert train.classes == ("mel", "nv") and len(train.files) + len(validation.files) == 16
    assert train.groups and validation.groups
    assert not set(train.groups) & set(validation.groups)
    assert "class from 'dx', group from 'lesion_id'" in train.layout
    assert f"{len(validation.files)} of 16 drawn" in train.layout


@pytest.mark.parametrize(
    "text",
    [
        "image_name;diagnosis\n" + "".join(f"P_{i}.jpg;{'ab'[i % 2]}\n" for i in range(16)),
        "Image Index\tlabel\n" + "".join(f"P_{i}\t{'ab'[i % 2]}\n" for i in range(16)),
        "image,a,b\n" + "".join(f"P_{i},{1 - i % 2}.0,{i % 2}.0\n" for i in range(16)),
        "path,target\n"
        + "".join(f"part_{1 + i % 2}\\P_{i}.png,{'ab'[i % 2]}\n" for i in range(16)),
        "\ufefffile, class\n" + "".join(f"./P_{i}.jpg, {'ab'[i % 2]}\n" for i in range(16)),
    ],
    ids=["semicolons", "tabs", "one-hot", "paths", "mark and spaces"],
)
def test_kinds_of_tables(tmp_path, text):
    (pictures(tmp_path) / "labels.csv").write_text(text, encoding="utf-8")
    train, validation = find(tmp_path)
    assert train.classes == ("a", "b")
    for listing in (train, validation):
        for file, label in zip(listing.files, listing.labels, strict=True):
            assert int(file.stem[2:]) % 2 == label


def test_ph2_is_read_with_its_codes(tmp_path):
    rows = ["||   Name   ||   Histological Diagnosis   ||   Clinical Diagnosis   ||"]
    for i in range(12):
        name = f"IMD{i:03}"
        for kind, ending in (("Dermoscopic_Image", ""), ("lesion", "_lesion")):
            file = tmp_path / "PH2_Dataset" / name / f"{name}_{kind}" / f"{name}{ending}.bmp"
            file.parent.mkdir(parents=True)
            file.touch()
        rows.append(f"||  {name}  ||      ||     {i // 4}     ||")
    (tmp_path / "PH2_dataset.txt").write_text("\n".join(rows) + "\n")
    train, validation = find(tmp_path)
    assert train.classes == ("atypical nevus", "common nevus", "melanoma")
    assert all("lesion" not in file.stem for file in (*train.files, *validation.files))
    choice = class_names.parsed({"Mel": ["melanoma"], "Nev": ["common nevus", "atypical nevus"]})
    assert find(tmp_path, choice=choice)[0].classes == ("Mel", "Nev")


def test_splits_of_a_table_and_of_folders(tmp_path):
    parts = ["training", "Val", "test"]
    text = "file,label,set\n" + "".join(f"P_{i},{'ab'[i % 2]},{parts[i // 6]}\n" for i in range(16))
    (pictures(tmp_path / "a") / "labels.csv").write_text(text)
    assert [len(one.files) for one in find(tmp_path / "a", "train", "validation", "test")] == [
        *(6, 6, 4)
    ]
    (tmp_path / "a" / "labels.csv").write_text(text.replace("Val", "fourth"))
    with pytest.raises(DatasetError, match="'fourth', which is none of train, validation, test"):
        find(tmp_path / "a")
    (tmp_path / "a" / "labels.csv").write_text(text.replace(",Val", ","))
    with pytest.raises(DatasetError, match="gives some pictures a split and 6 none"):
        find(tmp_path / "a")
    root = tmp_path / "b"
    for split in ("train", "test"):
        pictures(root / split, 4, "")
        rows = "".join(f"P_{i},{'ab'[i % 2]}\n" for i in range(4))
        (root / f"{split}.csv").write_text("image,label\n" + rows)
    train, validation = find(root)
    assert {file.parent.name for file in train.files} == {"train"}
    assert {file.parent.name for file in validation.files} == {"test"}


def test_rows_that_are_missing_double_or_of_no_picture_are_counted_and_named(tmp_path):
    table = pictures(tmp_path) / "labels.csv"
    table.write_text(HAM + "L9,gone_1,mel\nL9,gone_2,nv\n")
    with pytest.warns(DatasetWarning, match="2 of 18 rows are of pictures .* gone_1, gone_2"):
        find(tmp_path)
    table.write_text(HAM + "L0,P_0,mel\n")
    with pytest.warns(DatasetWarning, match="1 rows stand there twice: P_0"):
        find(tmp_path)
    table.write_text(HAM + "L0,P_0,nv\n")
    with pytest.raises(DatasetError, match="two rows of 'P_0' contradict each other: 'mel' L0 and"):
        find(tmp_path)
    table.write_text(HAM.replace("L7,P_15,nv\n", "").replace("P_14,nv", "P_14,"))
    with pytest.raises(DatasetError, match=r"2 of 16 pictures have no class .*P_14.*P_15"):
        find(tmp_path)


def test_a_table_of_other_pictures_is_not_used_and_it_is_said(tmp_path):
    for i in range(4):
        for name in ("Mel", "Nev"):
            (tmp_path / name).mkdir(exist_ok=True)
            (tmp_path / name / f"{i}.png").touch()
    (tmp_path / "other.csv").write_text(HAM)
    with pytest.warns(DatasetWarning, match="none of its 16 rows names a picture"):
        assert find(tmp_path)[0].classes == ("Mel", "Nev")
    (tmp_path / "other.csv").write_text("epoch,loss\n1,0.5\n")
    assert find(tmp_path)[0].layout.startswith("a folder per class")


def test_two_columns_that_could_be_meant_are_told(tmp_path):
    rows = "".join(f"P_{i},{'ab'[i % 2]},{'cd'[i // 8]}\n" for i in range(16))
    (pictures(tmp_path) / "labels.csv").write_text("image,diagnosis,target\n" + rows)
    with pytest.warns(DatasetWarning, match="read from 'diagnosis', but 'target' could be meant"):
        assert find(tmp_path)[0].classes == ("a", "b")
    assert find(tmp_path, table="labels.csv, class=target")[0].classes == ("c", "d")


def test_a_table_that_is_given_and_its_columns(tmp_path):
    rows = "".join(f"P_{i},{'ab'[i % 2]},{i // 4}\n" for i in range(16))
    (pictures(tmp_path) / "my.csv").write_text("bild,art,wer\n" + rows)
    table = "my.csv, file=bild, class=art, group=wer"
    train, _ = find(tmp_path, table=table)
    assert train.classes == ("a", "b") and train.groups
    with pytest.raises(DatasetError, match=r"which column holds the file .* 'bild', 'art', 'we"):
        find(tmp_path, table="my.csv")
    with pytest.raises(DatasetError, match=r"which column holds the class .*LAB_LABELS='my.csv, c"):
        find(tmp_path, table="my.csv, file=bild, class=kind")
    with pytest.raises(DatasetError, match=r"there is no 'your.csv'"):
        find(tmp_path, table="your.csv")
    with pytest.raises(DatasetError, match="'art' is not understood"):
        find(tmp_path, table="my.csv, art")


def test_a_table_of_patients_gives_the_groups_of_class_folders(tmp_path):
    (pictures(tmp_path) / "labels.csv").write_text(
        "image,label\n" + "".join(f"P_{i},{'ab'[i % 2]}\n" for i in range(16))
    )
    (tmp_path / "patients.csv").write_text(
        "image,patient_id,age\n" + "".join(f"P_{i},{i // 4},50\n" for i in range(16))
    )
    train, validation = find(tmp_path)
    assert not set(train.groups) & set(validation.groups)


def test_folders_and_a_table_that_contradict_each_other_are_refused(tmp_path):
    pictures(tmp_path, folder="Mel_{}")
    (tmp_path / "labels.csv").write_text(HAM)
    with pytest.raises(DatasetError, match=r"Mel_1, Mel_2 and the classes .* mel, nv, do not a"):
        find(tmp_path)
    assert find(tmp_path, table="labels.csv")[0].classes == ("mel", "nv")
    assert find(tmp_path, table="none")[0].classes == ("Mel_1", "Mel_2")


def test_a_row_that_fits_two_pictures_is_refused(tmp_path):
    pictures(tmp_path, 2, "a"), pictures(tmp_path, 2, "b")
    (tmp_path / "labels.csv").write_text("file,class\nP_0,x\nP_1,y\n")
    with pytest.raises(DatasetError, match=r"'P_0' fits several .* give the folder too"):
        find(tmp_path)


def test_a_table_that_cannot_be_read_is_named(tmp_path):
    (pictures(tmp_path) / "labels.csv").write_text('file,class\n"P_0,x\n')
    with pytest.raises(DatasetError, match=r"labels.csv': cannot be read as a table"):
        find(tmp_path)


def test_the_split_of_a_table_is_in_its_name(tmp_path):
    names = ("train.csv", "train_labels.csv", "Test_GroundTruth.csv", "labels.csv", "HAM.csv")
    assert [label_tables.split_of_table(Path(name)) for name in names] == [
        *("train", "train", "test", None, None)
    ]
