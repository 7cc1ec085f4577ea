"""What recorded runs say: comparisons, tables, examples, and the original report's claims."""

# fmt: off
from helpers.results.claims import CLAIMS, RUNS, claims_table, judge
from helpers.results.comparisons import (
    At, Comparison, common_seeds, compare, compare_fluctuations, compare_gaps, fluctuation_over_time)
from helpers.results.examples import captions, picked
from helpers.results.tables import (
    EPOCHS, against_reported, at_chance, comparisons, counts, diagnose, fluctuations, in_words,
    provenance, reading, readings, reported, save_table, source, tabulate)

__all__ = [
    "CLAIMS", "EPOCHS", "RUNS", "At", "Comparison", "against_reported", "at_chance", "captions",
    "claims_table", "common_seeds", "compare", "compare_fluctuations", "compare_gaps",
    "comparisons", "counts", "diagnose", "fluctuation_over_time", "fluctuations", "in_words",
    "judge", "picked", "provenance", "reading", "readings", "reported", "save_table", "source", "tabulate",
]
