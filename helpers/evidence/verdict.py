"""What is concluded, and why."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Verdict:
    """A conclusion in a word, and the numbers that it follows from."""

    word: str
    reason: str

    def __str__(self) -> str:
        return f"{self.word}: {self.reason}"
