"""`python -m helpers check`: what is printed where, the figure, the status for scripts."""

import numpy as np
import pytest
from PIL import Image

from helpers import __main__, datasets, settings

COUNTS = (("train", 30), ("validation", 20))


@pytest.fixture
def folder(tmp_path, lab):
    """Noise in two classes, in which nothing is to be found."""
    rng = np.random.default_rng(0)
    for split, count in COUNTS:
        for name in ("Mel", "Nev"):
            (tmp_path / "handed out" / split / name).mkdir(parents=True)
            for i in range(count):
                pixels = rng.integers(60, 190, (32, 32), dtype=np.uint8)
                Image.fromarray(pixels).save(tmp_path / "handed out" / split / name / f"{i}.png")
    return tmp_path / "handed out"


def marked(folder):
    """The same with a corner that tells the class."""
    for file in folder.rglob("*.png"):
        pixels = np.array(Image.open(file))
        pixels[:4, :4] = 0 if file.parent.name == "Mel" else 255
        Image.fromarray(pixels).save(file)
    return folder


def test_a_sound_folder_is_described_and_has_no_figure(folder, lab, capsys):
    assert __main__.main(["check", str(folder)]) == 0
    printed = capsys.readouterr()
    assert printed.out.startswith(f"{str(folder)!r}\n")
    assert "Nothing was found" in printed.out and printed.err == ""
    assert not list(lab.figures.glob("*"))


def test_doubts_have_a_status_and_suspects_a_figure(folder, lab, capsys):
    assert __main__.main(["check", str(marked(folder))]) == 3
    printed = capsys.readouterr()
    assert "The corners alone" in printed.out and printed.err == ""
    path = lab.figures / "check_skin.png"
    assert f"\n{path}\n" in printed.out and path.is_file()


def test_a_folder_is_found_from_where_the_command_is_called(folder, monkeypatch, capsys):
    monkeypatch.chdir(folder.parent)
    assert __main__.main(["check", folder.name]) == 0
    assert capsys.readouterr().out.startswith(f"{str(folder)!r}\n")


def test_a_flat_folder_is_read_with_the_class_names_of_a_set(folder, capsys):
    for split, _ in COUNTS:
        for name, bone in (("Mel", "AFF"), ("Nev", "NFF")):
            for file in (folder / split / name).iterdir():
                file.rename(folder / split / f"{bone}_{file.name}")
            (folder / split / name).rmdir()
    assert __main__.main(["check", str(folder)]) == 1
    assert "Mel, Nev" in capsys.readouterr().err
    assert __main__.main(["check", str(folder), "--as", "bone"]) == 0
    assert "read as    bone, own images" in capsys.readouterr().out


def test_no_such_folder_is_one_line_and_a_status(lab, tmp_path, capsys):
    assert __main__.main(["check", str(tmp_path / "nowhere")]) == 1
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert error.startswith(f"python -m helpers: there is no folder '{tmp_path / 'nowhere'}'")


OUTCOMES = {
    "sound sound sound": 0,
    "sound doubt sound": 3,
    "doubt bad doubt": 1,
    "bad bad bad": 1,
}


def test_without_a_folder_every_set_in_use_is_looked_at(folder, monkeypatch, capsys):
    settings.use(skin=folder)
    sound = datasets.check("skin")
    settings.use(skin=marked(folder))
    made = {"sound": sound, "doubt": datasets.check("skin")}
    for outcomes, status in OUTCOMES.items():
        outcome = dict(zip(settings.SETS, outcomes.split(), strict=True))

        def check(name, outcome=outcome):
            if outcome[name] == "bad":
                raise datasets.DatasetError(f"{name} is no set")
            return made[outcome[name]]

        monkeypatch.setattr(datasets, "check", check)
        assert __main__.main(["check"]) == status
        printed = capsys.readouterr()
        assert printed.out.count("read as") == 3 - outcomes.count("bad")
        assert printed.err.count("is no set\n") == outcomes.count("bad")
