"""Lists in pieces, while others add and delete."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from hipimu.data import TrainingContext
from hipimu.store import ListedSession
from hipimu.web.api.paging import page_of
from hipimu.web.api.problems import ProblemError

START = datetime(2026, 7, 1, 18, 30, tzinfo=UTC)


def session(day: int | None, name: str = "") -> ListedSession:
    return ListedSession(
        name=name or f"day-{day}",
        athlete="Ada",
        recording="x",
        simulated=True,
        started_at=None if day is None else START + timedelta(days=day),
        duration_s=60.0,
        method="refined",
        filter="vqf",
        hipimu_version="1",
        pace_source="none",
        calibration_quality=1.0,
        usable_share=1.0,
        worst_loss=0.0,
        context=TrainingContext(),
        fatigue=(),
    )


LISTED = [*(session(day) for day in (9, 7, 5, 3)), session(None, "undated"), session(None, "lost")]


def names(
    listed: list[ListedSession], limit: int, cursor: str | None
) -> tuple[list[str], str | None]:
    page = page_of(listed, limit, cursor)
    return [own.name for own in page.sessions], page.next


def test_pieces_make_the_whole() -> None:
    first, cursor = names(LISTED, 4, None)
    second, end = names(LISTED, 4, cursor)
    assert first + second == [own.name for own in LISTED]
    assert end is None


def test_a_list_that_ends_with_a_piece_has_no_other() -> None:
    assert names(LISTED, 6, None)[1] is None
    assert names([], 6, None) == ([], None)


def test_a_new_session_shifts_nothing() -> None:
    _, cursor = names(LISTED, 2, None)
    assert names([session(10), *LISTED], 2, cursor)[0] == ["day-5", "day-3"]


@pytest.mark.parametrize("gone", ["day-7", "day-5"])
def test_a_deleted_session_shifts_nothing(gone: str) -> None:
    _, cursor = names(LISTED, 2, None)
    left = [own for own in LISTED if own.name != gone]
    rest = [name for name in ("day-5", "day-3", "undated", "lost") if name != gone]
    assert names(left, 9, cursor)[0] == rest


def test_after_a_deleted_one_without_a_date_comes_nothing_twice() -> None:
    _, cursor = names(LISTED, 5, None)
    assert names([own for own in LISTED if own.name != "undated"], 9, cursor)[0] == []


def test_a_session_that_was_renamed_is_found_by_its_time() -> None:
    _, cursor = names(LISTED, 2, None)
    renamed = [replace(own, name=f"new {own.name}") for own in LISTED]
    assert names(renamed, 1, cursor)[0] == ["new day-5"]


@pytest.mark.parametrize("cursor", ["", "%", "bm8", "W10", "WzEsMl0", "WyJhIiwgIjIwMjYtMDctMDEiXQ"])
def test_what_is_no_cursor_is_refused(cursor: str) -> None:
    with pytest.raises(ProblemError) as refused:
        page_of(LISTED, 2, cursor)
    assert refused.value.reason == "not_found"
