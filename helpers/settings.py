"""What a notebook runs with: profile, folders, seeds, precision, threads, workers.

The only module that reads the environment. Every value has a default; a variable `LAB_...` changes
it from a shell, a keyword of `use` in a notebook.
"""

import os
import sys
from dataclasses import dataclass, field, fields, replace
from pathlib import Path

import platformdirs

ROOT = Path(__file__).resolve().parents[1]
PROFILES = ("smoke", "quick", "full")
PRECISIONS = ("auto", "float32", "mixed_bfloat16", "mixed_float16")
SETS = {"skin": "Skin", "bone": "Bone", "xray": "X_ray"}  # our name: the course's folder

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

    `data` holds the three sets' folders; `skin`, `bone` and `xray`, where given, replace one of
    them. `cache` is the user's folder for what is downloaded once, the ImageNet weights.

    Each experiment is run with the seeds `seed`, `seed + 1`, ..., as many as `seeds` says; with 0
    as many as its row says. `threads` is how many threads its training may use, 0 as its row says.
    So many runs are trained at once as there are `workers`, 0 for as many as the cores allow, or on
    the workers of a Dask `scheduler` at the address given: tcp://host:8786.
    """

    profile: str = "quick"
    data: Path = ROOT / "data"
    skin: Path | None = None
    bone: Path | None = None
    xray: Path | None = None
    results: Path = ROOT / "results"
    figures: Path = ROOT / "report" / "figures"
    build: Path = ROOT / "build"
    cache: Path = field(default_factory=lambda: platformdirs.user_cache_path("cnn-lab"))
    seed: int = 0
    seeds: int = 0
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
            if (path := getattr(self, name)) is not None:  # relative to the root
                object.__setattr__(self, name, ROOT / Path(path).expanduser())
        for name in ("seed", "seeds", "threads", "workers"):
            if type(value := getattr(self, name)) is not int or value < 0:
                raise SettingsError(f"{name} is {value!r}; it must be a whole number, 0 or more")

    def folder(self, name: str) -> Path | None:
        """The folder of the set `name` (skin, bone, xray), or None where there is none.

        A folder given for this set alone must exist, and so must `data` where it was changed.

        Raises:
            SettingsError: the set is unknown, or a folder that was asked for is missing.
        """
        if name not in SETS:
            raise SettingsError(f"no set is called {name!r}; the sets are {', '.join(SETS)}")
        given: Path | None = getattr(self, name)
        if given is not None:
            if not given.is_dir():
                raise SettingsError(f"LAB_{name.upper()}: there is no folder {given}")
            return given
        if self.data != ROOT / "data" and not self.data.is_dir():
            raise SettingsError(f"LAB_DATA: there is no folder {self.data}")
        return next(filter(Path.is_dir, (self.data / SETS[name], self.data / name)), None)


def usable_cores() -> int:
    """The processor cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):  # a container may be given fewer than there are
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _somebody_watches() -> bool:
    """Whether this runs in a terminal or in a notebook that a person has open."""
    return sys.stderr.isatty() or "JPY_SESSION_NAME" in os.environ or "VSCODE_PID" in os.environ


def _from_environment() -> Settings:
    values: dict[str, object] = {"progress": _somebody_watches()}
    for setting in fields(Settings):
        variable = f"LAB_{setting.name.upper()}"
        if not (text := os.environ.get(variable, "").strip()):
            continue
        if isinstance(setting.default, bool):
            values[setting.name] = text.lower() not in ("0", "no", "false")
        elif not isinstance(setting.default, int):
            values[setting.name] = text
        elif text.isdecimal():
            values[setting.name] = int(text)
        else:
            raise SettingsError(f"{variable} is {text!r}; it must be a whole number")
    return Settings(**values)  # type: ignore[arg-type]


def variables(**changes: object) -> dict[str, str]:
    """The environment variables of a process to be started, which then has these settings."""
    return os.environ | {f"LAB_{name.upper()}": str(value) for name, value in changes.items()}


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
