"""The report: from `report/report.md`, the records and the exported figures to HTML and PDF."""

from report.builder.building import build, watch
from report.builder.publishing import publish, publish_report
from report.builder.sources import PUBLISHED
from report.builder.template import ReportError

__all__ = ["PUBLISHED", "ReportError", "build", "publish", "publish_report", "watch"]
