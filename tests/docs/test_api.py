"""What the reference says of the REST API is so."""

from __future__ import annotations

import re
import runpy
from pathlib import Path

from hipimu.web.api.app import openapi_document
from hipimu.web.api.asked import MOST_STRIDES
from hipimu.web.api.bounded import MOST_BYTES
from hipimu.web.api.problems import KINDS

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "reference" / "api.md").read_text(encoding="utf-8")


def test_every_reason_stands_with_its_status() -> None:
    rows = re.findall(r"^\| `(\w+)` \| (\d+) \|", PAGE, re.M)
    assert sorted(rows) == sorted((reason, str(kind.status)) for reason, kind in KINDS.items())
    assert [status for _, status in rows] == sorted(status for _, status in rows)


def test_the_table_of_addresses_is_filled_from_the_document() -> None:
    hook = runpy.run_path(str(ROOT / "docs" / "site" / "api_reference.py"))
    filled = hook["fill"](PAGE)
    assert hook["MARKER"] in PAGE
    assert hook["MARKER"] not in filled
    for path, operations in openapi_document()["paths"].items():
        assert all(f"| `{method.upper()} {path}` |" in filled for method in operations)


def test_bounds_are_those_that_hold() -> None:
    assert f"at most {MOST_BYTES // 1024} kB" in PAGE
    assert f"at most {MOST_STRIDES:,} at once" in PAGE
