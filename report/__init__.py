"""The report: its text, its style, what was published, and the builder that joins them."""
