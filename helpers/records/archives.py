"""The archives in a record, .npz and .keras: how large they may be before they are unpacked."""

import zipfile
from pathlib import Path

SPARE = 2**20  # bytes, for the headers of an archive


class ArchiveError(ValueError):
    """An archive that claims to hold far more than it should."""


def check_size(path: Path, expected: int | None = None) -> None:
    """Refuse an archive that would unpack to far more than what it should hold.

    Args:
        path: of the archive; only its directory is read.
        expected: bytes that it should hold; None: as many as the file has, since the networks that
            Keras saves are not compressed.

    Raises:
        ArchiveError: it claims to hold more than twice as much.
        zipfile.BadZipFile: it is no archive.
    """
    with zipfile.ZipFile(path) as archive:
        claimed = sum(entry.file_size for entry in archive.infolist())
    most = 2 * (path.stat().st_size if expected is None else expected) + SPARE
    if claimed > most:
        raise ArchiveError(
            f"{path.name} claims to hold {claimed:,} bytes, and should hold {most:,} at most"
        )
