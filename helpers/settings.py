"""What a notebook runs with: profile, folders, seeds, precision, threads.

The only module that reads the environment. Every value has a default, a variable `LAB_...`
that changes it from a shell, and a keyword of `use` that changes it in a notebook.
"""

from __future__ import annotations

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


@dataclass(frozen=True)
class Settings:
    """One value for every choice that is not part of an experiment.

    `data` holds the three sets' folders; `skin`, `bone` and `xray`, where given, replace one of
    them. `cache` is the user's folder for what is fetched once, the ImageNet weights. `seeds` runs
    are made of each experiment, with the seeds `seed`, `seed + 1`, ... `threads` is the number of
    processor threads TensorFlow may use for one operation.
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
    seeds: int = 1
    threads: int = 0
    precision: str = "auto"
    progress: bool = False

    def __post_init__(self) -> None:
        for name in ("profile", "precision"):
            allowed = PROFILES if name == "profile" else PRECISIONS
            if getattr(self, name) not in allowed:
                raise SettingsError(
                    f"{name} is {getattr(self, name)!r}; it must be one of {', '.join(allowed)}"
                )
        for name in ("data", "skin", "bone", "xray", "results", "figures", "build", "cache"):
            if getattr(self, name) is not None:  # relative paths count from the root
                object.__setattr__(self, name, ROOT / Path(getattr(self, name)).expanduser())
        for name, least in (("seed", 0), ("seeds", 1), ("threads", 0)):
            if not isinstance(getattr(self, name), int) or getattr(self, name) < least:
                raise SettingsError(
                    f"{name} is {getattr(self, name)!r}; it must be a whole number "
                    f"of at least {least}"
                )
        if self.threads == 0:
            object.__setattr__(self, "threads", usable_cores())

    @property
    def all_seeds(self) -> range:
        """The seeds each experiment is run with."""
        return range(self.seed, self.seed + self.seeds)

    def folder(self, name: str) -> Path | None:
        """The folder of the set `name` (skin, bone, xray), or None where there is none.

        A folder given for this set alone must exist; one looked for below `data` need not,
        unless `data` itself was pointed somewhere else than to the default folder.

        Raises:
            SettingsError: the set is unknown, or a folder that was asked for is not there.
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
        for candidate in (self.data / SETS[name], self.data / name):
            if candidate.is_dir():
                return candidate
        return None


def usable_cores() -> int:
    """The processor cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):  # a container may be given fewer than there are
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _somebody_watches() -> bool:
    """True in a terminal and in a notebook that a person has open, not in a batch run."""
    return sys.stderr.isatty() or "JPY_SESSION_NAME" in os.environ or "VSCODE_PID" in os.environ


def _from_environment() -> Settings:
    values: dict[str, object] = {"progress": _somebody_watches()}
    for setting in fields(Settings):
        text = os.environ.get(f"LAB_{setting.name.upper()}", "").strip()
        if not text:
            continue
        if setting.type == "int":
            if not text.isdecimal():
                raise SettingsError(
                    f"LAB_{setting.name.upper()} is {text!r}; it must be a whole number"
                )
            values[setting.name] = int(text)
        elif setting.type == "bool":
            values[setting.name] = text.lower() not in ("0", "no", "false")
        else:
            values[setting.name] = text
    return Settings(**values)  # type: ignore[arg-type]


_current: Settings | None = None


def current() -> Settings:
    """The settings in force; read from the environment when first asked for."""
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
    known = {setting.name for setting in fields(Settings)}
    for name in changes:
        if name not in known:
            raise SettingsError(
                f"there is no setting {name!r}; the settings are {', '.join(sorted(known))}"
            )
    _current = replace(current(), **changes)  # type: ignore[arg-type]
    return _current
