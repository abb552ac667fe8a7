"""One self-contained HTML page: verdicts, and for each claim its studies with quotes and reasons."""

from textmine.report.html import write_report

__all__ = ["write_report"]
