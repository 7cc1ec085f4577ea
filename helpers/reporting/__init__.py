"""The report: from `report/report.md`, the records and the exported figures to HTML and PDF."""

from helpers.reporting.building import build, watch
from helpers.reporting.template import ReportError

__all__ = ["ReportError", "build", "watch"]
