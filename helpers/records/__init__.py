"""What came out of a training, and the store that keeps it."""

# fmt: off
from helpers.records.reading import RecordWarning, longest, numbers, read
from helpers.records.run import RecordError, Run, Runs, as_list
from helpers.records.store import FILES, folder, locked, publish, save_history, write

__all__ = [
    "FILES", "RecordError", "RecordWarning", "Run", "Runs", "as_list", "folder", "locked",
    "longest", "numbers", "publish", "read", "save_history", "write",
]
