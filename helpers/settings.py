"""What a notebook runs with: profile, folders, seeds, precision, threads, workers.

The only module that reads the environment. Every value has a default; a variable `LAB_...` changes
it from a shell, a keyword of `use` in a notebook.
"""

import contextlib
import difflib
import os
import re
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from pathlib import Path

import platformdirs

ROOT = Path(__file__).resolve().parents[1]
SWITCH = {"0": False, "no": False, "false": False, "1": True, "yes": True, "true": True}
PROFILES = ("smoke", "quick", "full")
PRECISIONS = ("auto", "float32", "mixed_bfloat16", "mixed_float16")
SETS = {"skin": "Skin", "bone": "Bone", "xray": "X_ray"}  # our name: the course's folder
DOSES = 6  # the most that a sign is tried at
DEMO = Path("demo")  # as `data`: demo images, whatever the folder of data holds

# TensorFlow prints its build flags at import, before a student can ask it not to.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")


class SettingsError(ValueError):
    """A setting with a value that it cannot have."""


def quoted(path: Path) -> str:
    """A path for a message: in quotes, with line breaks and the like written as escapes."""
    return repr(str(path))


@dataclass(frozen=True)
class Settings:
    """One value for every choice that is not part of an experiment.

    `data` holds the three sets' folders, or is `demo` for demo images; `skin`, `bone` and `xray`,
    where given, replace one of them. Of one's own sets, `classes` chooses, renames and merges
    classes, `positive` names the class whose detection is called sensitivity (of several sets one
    name each, with commas), `labels` is a table of labels and `groups` a pattern that finds the
    patient in a file's path: see data_README.md. `cache` is the user's folder for what is
    downloaded once, the ImageNet weights.

    Each experiment is run with the seeds `seed`, `seed + 1`, ..., as many as `seeds` says; with 0
    as many as its row says. A sign that gives a class away is tried at 2 to 6 `doses`, with 0 at
    as many as the profile says. `threads` is how many threads a training may use, 0 as its row
    says. So many runs are trained at once as there are `workers`, 0 for as many as the cores allow,
    or on the workers of a Dask `scheduler` at the address given: tcp://host:8786.
    """

    profile: str = "quick"
    data: Path = ROOT / "data"
    skin: Path | None = None
    bone: Path | None = None
    xray: Path | None = None
    classes: str = ""
    positive: str = ""
    labels: str = ""
    groups: str = ""
    results: Path = ROOT / "results"
    figures: Path = ROOT / "report" / "figures"
    build: Path = ROOT / "build"
    cache: Path = field(default_factory=lambda: platformdirs.user_cache_path("cnn-lab"))
    seed: int = 0
    seeds: int = 0
    doses: int = 0
    threads: int = 0
    workers: int = 0
    scheduler: str = ""
    precision: str = "auto"
    progress: bool = False

    def __post_init__(self) -> None:
        for name, allowed in (("profile", PROFILES), ("precision", PRECISIONS)):
            if (value := getattr(self, name)) not in allowed:
                raise SettingsError(f"{name} is {value!r}; it must be one of {', '.join(allowed)}")
        for name in ("data", "skin", "bone", "xray", "results", "figures", "build", "cache"):
            if (path := getattr(self, name)) is not None and Path(path) != DEMO:
                object.__setattr__(self, name, ROOT / _at_home(name, path))  # if not absolute
        object.__setattr__(self, "data", Path(self.data))
        object.__setattr__(self, "classes", written(self.classes))
        for name in ("positive", "labels", "groups"):
            if not isinstance(value := getattr(self, name), str | Path):
                raise SettingsError(f"{name} is {value!r}; it must be a text")
            object.__setattr__(self, name, str(value))
        for name in ("seed", "seeds", "doses", "threads", "workers"):
            if type(value := getattr(self, name)) is not int or value < 0:
                raise SettingsError(f"{name} is {value!r}; it must be a whole number, 0 or more")
        if self.doses == 1 or self.doses > DOSES:
            raise SettingsError(f"doses is {self.doses}; it must be 0, or from 2 to {DOSES}")
        if self.progress not in (0, 1):
            raise SettingsError(f"progress is {self.progress!r}; it must be 0 or 1")

    def folder(self, name: str) -> Path | None:
        """The folder of the set `name` (skin, bone, xray), or None where there is none.

        A folder given for this set alone must exist, and so must `data` where it was changed; a
        folder of data that holds anything must hold one of the sets.

        Raises:
            SettingsError: the set is unknown, a folder that was asked for is missing, or the folder
                of data holds none of the sets, or one under a name that is not quite its own.
        """
        if name not in SETS:
            raise SettingsError(f"no set is called {name!r}; the sets are {', '.join(SETS)}")
        given: Path | None = getattr(self, name)
        if given is not None:
            if not given.is_dir():
                raise SettingsError(
                    f"LAB_{name.upper()}: there is no folder {given}; make it, or give another"
                )
            return given
        if self.data == DEMO:
            return None
        default = self.data == ROOT / "data"
        if not self.data.is_dir():
            if default:
                return None
            raise SettingsError(
                f"LAB_DATA: there is no folder {self.data}; make it, or give another"
            )
        seen = sorted(
            at.name for at in self.data.iterdir() if at.is_dir() and not at.name.startswith(".")
        )
        if not any(map(_set_of, seen)) and (seen or not default):
            raise SettingsError(
                f"{'data/' if default else 'LAB_DATA'}: {self.data} holds none of the sets "
                f"{', '.join(SETS.values())}; seen: {', '.join(seen) or 'no folder'}. Where it is "
                "itself one of them, give it as LAB_SKIN, LAB_BONE or LAB_XRAY; for demo images "
                "LAB_DATA=demo"
            )
        found = [folder for folder in seen if _set_of(folder) == name]
        if len(found) > 1:
            raise SettingsError(
                f"{self.data}: {' and '.join(found)} are both the set {name}; keep one of them"
            )
        alike = difflib.get_close_matches(name, [at.lower() for at in seen if not _set_of(at)], 1)
        if not found and alike:
            raise SettingsError(
                f"{self.data}: {alike[0]} is not read, and there is no {name}; if it is that set, "
                f"name it {name}, else move it away"
            )
        return self.data / found[0] if found else None


def _at_home(setting: str, path: Path | str) -> Path:
    try:
        return Path(path).expanduser()
    except RuntimeError as error:
        raise SettingsError(
            f"{setting} is {str(path)!r}, and there is no such user; give the whole path"
        ) from error


def _set_of(folder: str) -> str | None:
    """The set that a folder of this name holds: the course's name or ours, in any case."""
    plain = folder.lower().replace("_", "").replace("-", "").replace(" ", "")
    return plain if plain in SETS else None


def written(classes: str | Sequence[str] | Mapping[str, str | Sequence[str]]) -> str:
    """Chosen classes as one text, 'Mel=melanoma; Nev=nevus, atypical'; see `class_names.parsed`.

    Raises:
        SettingsError: they are neither a text, nor a list, nor a mapping of names.
    """
    if isinstance(classes, str):
        return classes
    names_alone = not isinstance(classes, Mapping)
    rows = classes if isinstance(classes, Mapping) else {name: name for name in classes}
    texts = []
    for name, sources in rows.items():
        listed = [sources] if isinstance(sources, str) else list(sources)
        if bad := [n for n in (name, *listed) if not isinstance(n, str) or set(n) & set("=;,")]:
            raise SettingsError(
                f"classes: {bad[0]!r} is no class name; it must be a text without '=', ';' and ','"
            )
        texts.append(name if names_alone else f"{name}={', '.join(listed)}")
    return "; ".join(texts)


def usable_cores() -> int:
    """The processor cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):  # a container may be given fewer than there are
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _somebody_watches() -> bool:
    """Whether this runs in a terminal or in a notebook that a person has open."""
    return sys.stderr.isatty() or "JPY_SESSION_NAME" in os.environ or "VSCODE_PID" in os.environ


def _from_environment() -> Settings:
    known = {f"LAB_{setting.name.upper()}": setting for setting in fields(Settings)}
    for variable in sorted(os.environ):
        if variable.startswith("LAB_") and variable not in known:
            near = difflib.get_close_matches(variable, known, 1, cutoff=0)
            raise SettingsError(f"there is no setting {variable}; did you mean {near[0]}?")
    values: dict[str, object] = {"progress": _somebody_watches()}
    for variable, setting in known.items():
        if not (text := os.environ.get(variable, "").strip()):
            continue
        values[setting.name] = text
        if isinstance(setting.default, bool):
            values[setting.name] = SWITCH.get(text.lower(), text)
        elif isinstance(setting.default, int):
            with contextlib.suppress(ValueError):
                values[setting.name] = int(text)
    try:
        return Settings(**values)  # type: ignore[arg-type]
    except SettingsError as error:  # its first word is the setting
        raise SettingsError(
            re.sub(r"^\w+", lambda name: f"LAB_{name[0].upper()}", str(error))
        ) from None


def variables(**changes: object) -> dict[str, str]:
    """The environment variables of a process to be started, which then has these settings."""
    return os.environ | {f"LAB_{name.upper()}": str(value) for name, value in changes.items()}


@contextlib.contextmanager
def temporary_files_in(folder: str) -> Iterator[None]:
    """Let this process, and those that it starts, put temporary files there within a `with`."""
    before, here = os.environ.get("TMPDIR"), tempfile.tempdir
    os.environ["TMPDIR"] = tempfile.tempdir = folder
    try:
        yield
    finally:
        tempfile.tempdir = here
        del os.environ["TMPDIR"]
        if before is not None:
            os.environ["TMPDIR"] = before


_current: Settings | None = None


def current() -> Settings:
    """The current settings; read from the environment when first asked for."""
    global _current
    if _current is None:
        _current = _from_environment()
    return _current


def use(**changes: object) -> Settings:
    """Change settings from here on: `settings.use(profile="full", seeds=5)`.

    Raises:
        SettingsError: a name or a value that does not exist.
    """
    global _current
    known = sorted(setting.name for setting in fields(Settings))
    for name in changes:
        if name not in known:
            raise SettingsError(
                f"there is no setting {name!r}; the settings are {', '.join(known)}"
            )
    _current = replace(current(), **changes)  # type: ignore[arg-type]
    return _current
