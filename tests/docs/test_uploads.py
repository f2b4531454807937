"""The page on uploads names the limits that hold, and all states there are."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path
from typing import get_args

from hipimu.pipeline.intake import UploadLimits
from hipimu.pipeline.intake.limits import PREFIX
from hipimu.pipeline.intake.order import Outcome
from hipimu.pipeline.intake.upload import State

PAGE = (Path(__file__).parents[2] / "docs" / "reference" / "uploads.md").read_text("utf-8")


def flat(kind: object) -> set[str]:
    parts = get_args(kind)
    return set().union(*map(flat, parts)) if parts else {str(kind)}


def test_limits() -> None:
    rows = re.findall(r"^\| `(HIPIMU_\w+)` \| (\d+) \| .+ \|$", PAGE, re.M)
    usual = UploadLimits()
    assert {name: int(number) for name, number in rows} == {
        f"{PREFIX}{f.name.upper()}": getattr(usual, f.name) for f in fields(usual)
    }


def test_states_and_outcomes() -> None:
    section = PAGE.split("## What becomes of it")[1].split("## Limits")[0]
    named = {word for cell in re.findall(r"^\| (.+?) \|", section, re.M)
             for word in re.findall(r"`(\w+)`", cell)}  # fmt: skip
    assert named == flat(State)
    assert all(f"`{outcome}`" in section for outcome in flat(Outcome))
