"""One suite for all backends."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.stores.conformance import StoreConformance

BACKENDS = ("sqlite", "postgresql", "parquet", "jsonl", "kgx")


class TestConformance(StoreConformance):
    @pytest.fixture(params=BACKENDS)
    def url(self, request: pytest.FixtureRequest, new_url: Callable[[str], str]) -> str:
        if request.param == "parquet":
            pytest.importorskip("pyarrow", reason="pyarrow is not installed (textmine[parquet])")
        return new_url(request.param)
