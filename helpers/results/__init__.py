"""What recorded runs say: comparisons, readings, tables, examples, the original report's claims."""

# fmt: off
from helpers.results.claims import CLAIMS, RUNS, claims_table, judge
from helpers.results.comparisons import PAIRS, Comparison, compare, family
from helpers.results.doses import dose_table, limit_in_words, limits_table
from helpers.results.examples import captions, picked
from helpers.results.measures import (
    At, common_seeds, compare_accuracies, compare_fluctuations, compare_gaps, compare_losses,
    fluctuation_over_time, gap, rise)
from helpers.results.readings import at_chance, diagnose, glossary, reading, readings
from helpers.results.sentences import can_show, decided, gap_change, in_words
from helpers.results.tables import (
    EPOCHS, against_reported, comparisons, counts, fluctuations, image_findings, provenance,
    reported, save_table, source, tabulate)

__all__ = [
    "CLAIMS", "EPOCHS", "PAIRS", "RUNS", "At", "Comparison", "against_reported", "at_chance",
    "can_show", "captions", "claims_table", "common_seeds", "compare", "compare_accuracies",
    "compare_fluctuations", "compare_gaps", "compare_losses", "comparisons", "counts", "decided",
    "diagnose", "dose_table", "family", "fluctuation_over_time", "fluctuations", "gap",
    "gap_change", "glossary", "image_findings", "in_words", "judge", "limit_in_words",
    "limits_table", "picked", "provenance", "reading", "readings", "reported", "rise",
    "save_table", "source", "tabulate",
]
