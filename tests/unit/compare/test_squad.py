"""Who comes first, why, and who is drawn where."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

from hipimu.compare import squad, trend
from hipimu.data import SessionSummary, Squad
from tests.unit.compare.summaries import START, estimate, not_estimable, season, summary

DAYS = [3.0 * i for i in range(12)]
NOW = START + timedelta(days=DAYS[-1] + 2)
STEADY = np.array([0.4, -0.3, 0.2, -0.5, 0.3, -0.1, 0.4, -0.4, 0.1, -0.1, 0.2, -0.2])


def athlete(name: str, per_session_deg: float, scatter: float = 1.0) -> list[SessionSummary]:
    values = -6 + per_session_deg * np.arange(12) + scatter * STEADY
    return season(values.tolist(), DAYS, athlete=name)


def with_latest(sessions: list[SessionSummary], **changes: object) -> list[SessionSummary]:
    return [*sessions[:-1], replace(sessions[-1], **changes)]  # type: ignore[arg-type]


def made() -> dict[str, list[SessionSummary]]:
    tired = [estimate(-6.0, verdict="supported"), estimate(-6.0, outcome="peak_extension")]
    return {
        "Ada": athlete("Ada", 0.0),
        "Bo": athlete("Bo", 0.5),
        "Cy": athlete("Cy", -0.5),
        "Di": athlete("Di", 0.0)[:6],
        "Eva": with_latest(athlete("Eva", 0.0), usable_share=0.4),
        "Fin": with_latest(athlete("Fin", 0.0), fatigue=tired),
        "Gus": athlete("Gus", 0.0)[-2:],
        "Hal": with_latest(athlete("Hal", 0.0), fatigue=(not_estimable(),)),
        "Ida": [],
    }


def rows(found: Squad) -> dict[str, str]:
    return {row.athlete: row.why for row in found.rows}


def test_order_of_attention_and_its_reasons() -> None:
    found = squad(made(), NOW)
    why = rows(found)

    assert list(why) == ["Cy", "Di", "Eva", "Hal", "Fin", "Bo", "Gus", "Ada"]
    assert [row.attention for row in found.rows] == list(range(1, 9))
    assert why["Cy"] == "Range at fast pace is being lost over weeks."
    assert why["Di"] == "No session for 20 days."
    assert why["Eva"] == "Latest session: only 40 % of the strides count."
    assert why["Hal"] == "The latest session could not tell."
    assert "more range was lost" in why["Fin"]
    assert "better kept" in why["Bo"]
    assert "Too few sessions" in why["Gus"]
    assert why["Ada"] == "No change beyond scatter."


def test_a_row_is_of_the_latest_session() -> None:
    (row,) = squad({"Eva": made()["Eva"]}, NOW).rows

    assert (row.session, row.days_since, row.usable_share) == ("run-33.0", 2.0, 0.4)
    assert row.loss == 0.002
    assert row.verdict == "no_evidence"


def test_athletes_are_drawn_towards_the_squad() -> None:
    found = squad(made(), NOW)
    own = {row.athlete: row.trend.per_week for row in found.rows}
    assert found.shrunk
    assert found.per_week is not None
    for row in found.rows:
        mine = own[row.athlete]
        if mine is not None:
            assert row.per_week is not None
            assert abs(row.per_week - found.per_week) <= abs(mine - found.per_week) + 1e-12


def test_few_athletes_stand_for_themselves() -> None:
    few = {name: sessions for name, sessions in made().items() if name in ("Ada", "Bo", "Cy")}
    found = squad(few, NOW)

    assert not found.shrunk
    assert found.per_week is None
    assert "3 athletes with a trend, 4 are needed" in found.said
    for row in found.rows:
        assert row.per_week == trend(few[row.athlete]).per_week


def test_for_rfi_more_is_worse() -> None:
    found = squad({"Cy": made()["Cy"], "Bo": made()["Bo"]}, NOW, "rfi")
    assert list(rows(found)) == ["Cy", "Bo"]
    assert "being lost" in rows(found)["Cy"]


def test_without_a_date_it_is_said() -> None:
    (row,) = squad({"Ada": [summary(None)]}, NOW).rows
    assert (row.days_since, row.why) == (None, "The latest session has no date.")


def test_nobody_is_an_empty_squad() -> None:
    found = squad({}, NOW)
    assert (found.rows, found.per_week, found.shrunk) == ((), None, False)


@pytest.mark.parametrize("first", [0, 3])
def test_the_order_of_athletes_does_not_matter(first: int) -> None:
    names = list(made())
    turned = {name: made()[name][::-1] for name in names[first:] + names[:first]}
    assert rows(squad(turned, NOW)) == rows(squad(made(), NOW))
