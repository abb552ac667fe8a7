"""Small statistics: intervals of shares."""

from __future__ import annotations

__all__ = ["wilson"]


def wilson(right: int, n: int) -> tuple[float | None, float | None, float | None]:
    """(share, low, high) with Wilson's 95% interval; three times None for none of none."""
    if not n:
        return None, None, None
    from scipy.stats import binomtest

    interval = binomtest(right, n).proportion_ci(method="wilson")
    return right / n, float(interval.low), float(interval.high)
