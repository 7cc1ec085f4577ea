import sys
from pathlib import Path

import pytest

from helpers import settings
from helpers.settings import Settings, SettingsError


def test_current_reads_the_environment_once(monkeypatch):
    monkeypatch.setattr(settings, "_current", None)
    monkeypatch.setenv("LAB_SEED", "3")
    monkeypatch.setenv("LAB_SEEDS", "5")
    monkeypatch.setenv("LAB_PROFILE", "full")
    monkeypatch.setenv("LAB_SKIN", "somewhere/else")
    current = settings.current()
    assert (current.seeds, current.profile) == (5, "full")
    assert current.skin == settings.ROOT / "somewhere/else"


def test_relative_paths_count_from_the_root_wherever_the_kernel_runs(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    assert Settings(data="images").data == settings.ROOT / "images"
    assert Settings(data=tmp_path).data == tmp_path


def test_use_changes_what_is_current(monkeypatch):
    monkeypatch.setattr(settings, "_current", Settings())
    settings.use(profile="full", seeds=3)
    settings.use(seeds=4)
    assert (settings.current().profile, settings.current().seeds) == ("full", 4)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"profile": "fast"}, "profile is 'fast'; it must be one of smoke, quick, full"),
        ({"precision": "half"}, "auto, float32, mixed_bfloat16, mixed_float16"),
        ({"seeds": -1}, "seeds is -1; it must be a whole number, 0 or more"),
        ({"seeds": True}, "seeds is True; it must be a whole number"),
        ({"seed": 1.5}, "seed is 1.5"),
        ({"workers": "2"}, "workers is '2'"),
        ({"doses": 1}, "doses is 1; it must be 0, or from 2 to 6"),
        ({"doses": 7}, "doses is 7; it must be 0, or from 2 to 6"),
        ({"progress": "maybe"}, "progress is 'maybe'; it must be 0 or 1"),
        ({"data": "~no_such_user/x"}, "data is '~no_such_user/x', and there is no such user"),
        ({"colour": 1}, "there is no setting 'colour'; the settings are"),
    ],
)
def test_bad_values_are_named(monkeypatch, changes, words):
    monkeypatch.setattr(settings, "_current", Settings())
    with pytest.raises(SettingsError, match=words):
        settings.use(**changes)


@pytest.mark.parametrize(
    ("variable", "value", "message"),
    [
        ("LAB_THREADS", "many", "LAB_THREADS is 'many'; it must be a whole number, 0 or more"),
        ("LAB_SEED", "-1", "LAB_SEED is -1; it must be a whole number, 0 or more"),
        ("LAB_SEEDS", "1.5", "LAB_SEEDS is '1.5'; it must be a whole number, 0 or more"),
        ("LAB_PROGRESS", "maybe", "LAB_PROGRESS is 'maybe'; it must be 0 or 1"),
        ("LAB_PROFILE", "fast", "LAB_PROFILE is 'fast'; it must be one of smoke, quick, full"),
        ("LAB_DATA", "~no_such_user/x", "LAB_DATA is '~no_such_user/x', and there is no such"),
    ],
)
def test_a_bad_value_from_the_shell_is_named_by_its_variable(monkeypatch, variable, value, message):
    monkeypatch.setattr(settings, "_current", None)
    monkeypatch.setenv(variable, value)
    with pytest.raises(SettingsError, match=f"^{message}"):
        settings.current()


def test_folder_takes_the_course_name_or_ours(tmp_path):
    (tmp_path / "Skin").mkdir()
    (tmp_path / "bone").mkdir()
    own = Settings(data=tmp_path)
    assert own.folder("skin") == tmp_path / "Skin"
    assert own.folder("bone") == tmp_path / "bone"
    assert own.folder("xray") is None  # demo images


def test_a_folder_asked_for_must_be_there(tmp_path):
    with pytest.raises(SettingsError, match="LAB_DATA: there is no folder"):
        Settings(data=tmp_path / "typo").folder("skin")
    with pytest.raises(SettingsError, match="LAB_SKIN: there is no folder"):
        Settings(skin=tmp_path / "typo").folder("skin")
    with pytest.raises(SettingsError, match="no set is called 'lung'"):
        Settings().folder("lung")


def test_no_other_module_reads_the_environment():
    package = Path(settings.__file__).parent
    readers = [
        str(path.relative_to(package))
        for path in sorted(package.rglob("*.py"))
        if "os.environ" in path.read_text() or "getenv" in path.read_text()
    ]
    assert readers == ["settings.py"]


def test_quoted_is_what_messages_use():
    assert settings.quoted(Path("a\nb")) == r"'a\nb'"


def test_who_watches_is_seen_from_the_terminal_and_from_jupyter(monkeypatch):
    monkeypatch.delenv("VSCODE_PID", raising=False)
    monkeypatch.delenv("JPY_SESSION_NAME", raising=False)
    monkeypatch.setattr(sys.stderr, "isatty", lambda: False)
    assert not settings._somebody_watches()
    monkeypatch.setenv("JPY_SESSION_NAME", "notebook.ipynb")
    assert settings._somebody_watches()


def test_a_process_can_be_given_other_settings(monkeypatch):
    monkeypatch.setenv("LAB_SEED", "3")
    given = settings.variables(progress=0)
    assert (given["LAB_SEED"], given["LAB_PROGRESS"]) == ("3", "0")


def test_a_variable_that_is_no_setting_is_named_with_the_nearest(monkeypatch):
    monkeypatch.setattr(settings, "_current", None)
    monkeypatch.setenv("LAB_PROFLE", "full")
    with pytest.raises(SettingsError, match=r"no setting LAB_PROFLE; did you mean LAB_PROFILE\?"):
        settings.current()


@pytest.mark.parametrize("seen", [[], ["train", "test"], ["Lungs"]])
def test_a_folder_of_data_without_the_sets_is_named(tmp_path, seen):
    for name in seen:
        (tmp_path / name).mkdir()
    words = f"LAB_DATA: .* none of the sets Skin, Bone, X_ray; seen: {', '.join(sorted(seen))}"
    with pytest.raises(SettingsError, match=words):
        Settings(data=tmp_path).folder("skin")


def test_the_default_folder_may_be_empty_or_missing_but_hold_nothing_else(tmp_path, monkeypatch):
    monkeypatch.setattr(settings, "ROOT", tmp_path)
    lab = Settings(data=tmp_path / "data")
    assert lab.folder("skin") is None
    (tmp_path / "data" / ".hidden").mkdir(parents=True)
    assert lab.folder("skin") is None
    (tmp_path / "data" / "lesions").mkdir()
    with pytest.raises(SettingsError, match=r"data/: .* none of the sets"):
        lab.folder("skin")


def test_demo_images_can_be_asked_for(tmp_path):
    (tmp_path / "skin").mkdir()
    assert Settings(data="demo").folder("skin") is None
    assert Settings(data="demo", skin=tmp_path / "skin").folder("skin") == tmp_path / "skin"


def test_names_of_sets_in_other_spelling(tmp_path):
    for name in ("SKIN", "X-Ray", "bones"):
        (tmp_path / name).mkdir()
    own = Settings(data=tmp_path)
    assert own.folder("skin") == tmp_path / "SKIN"
    assert own.folder("xray") == tmp_path / "X-Ray"
    with pytest.raises(SettingsError, match="bones is not read, and there is no bone"):
        own.folder("bone")
    (tmp_path / "Skin").mkdir()
    with pytest.raises(SettingsError, match="SKIN and Skin are both the set skin"):
        own.folder("skin")


def test_classes_are_kept_as_one_text():
    chosen = {"Mel": ["melanoma"], "Nev": ["nevus", "atypical nevus"]}
    text = "Mel=melanoma; Nev=nevus, atypical nevus"
    assert Settings(classes=chosen).classes == Settings(classes=text).classes == text
    assert Settings(classes=["a", "b"]).classes == "a; b"
    with pytest.raises(SettingsError, match="'a=b' is no class name"):
        Settings(classes=["a=b", "c"])
    with pytest.raises(SettingsError, match="positive is 1; it must be a text"):
        Settings(positive=1)
