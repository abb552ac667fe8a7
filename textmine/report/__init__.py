"""One self-contained HTML page: verdicts, and the studies behind them with quotes and reasons."""

from textmine.report.html import write_report

__all__ = ["write_report"]
