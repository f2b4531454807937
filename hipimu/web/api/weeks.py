"""Athletes and sessions against each other and over weeks."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from fastapi import APIRouter
from starlette.responses import Response

from hipimu.compare import comparable, differences
from hipimu.compare.comparable import in_order
from hipimu.export.over_weeks import comparison_document, trend_document
from hipimu.web.api.answers import Comparison, SquadOverWeeks, TrendDocument
from hipimu.web.api.asked import (
    USUAL_OUTCOME,
    USUAL_QUANTITY,
    WEEKS,
    AthleteName,
    Compared,
    OfOutcome,
    OfSide,
    OfTeam,
    Quantity,
    Weeks,
)
from hipimu.web.api.bounded import BoundedRoute, View
from hipimu.web.api.document import refusal
from hipimu.web.api.models import model_of
from hipimu.web.api.plain import Json
from hipimu.web.api.problems import ProblemError
from hipimu.web.coach.over_weeks import Followed, recent, repeated, squad_now, trend_of

router: Final = APIRouter(route_class=BoundedRoute, tags=["Over weeks"])


@router.get("/squad", response_model=model_of(SquadOverWeeks), summary="The squad")
def get_squad(view: View, weeks: Weeks = WEEKS, team: OfTeam = None) -> Response:
    """Say who changed, who is due and where the data is poor: who needs attention comes first.

    Followed is the change of peak flexion over each run at fast pace, in radians.
    """
    found = squad_now(view, datetime.now(UTC), weeks, team)
    return Json(SquadOverWeeks(weeks, found.squad, found.latest, found.waiting))


@router.get(
    "/athletes/{name}/trend", response_model=model_of(TrendDocument), summary="An athlete's trend"
)
def get_trend(
    view: View,
    name: AthleteName,
    quantity: Quantity = USUAL_QUANTITY,
    side: OfSide = None,
    outcome: OfOutcome = USUAL_OUTCOME,
    weeks: Weeks = WEEKS,
) -> Response:
    """Say whether one quantity really changed over weeks, in degrees.

    Without a session in these weeks, all sessions there are.
    """
    athlete = view.athlete(name)
    followed = Followed(quantity, side, outcome, weeks)
    listed = recent(view, athlete, weeks, datetime.now(UTC))
    return Json(trend_document(athlete.name, [trend_of(view, athlete, followed, listed)]))


@router.get(
    "/compare",
    response_model=model_of(Comparison),
    responses=refusal("not_found"),
    summary="Sessions beside each other",
)
def compare_sessions(view: View, names: Compared) -> Response:
    """Hold sessions against the earliest of them, in degrees; what does not compare is said.

    Their curves are in each session's `summary.cycles`.
    """
    wanted = tuple(dict.fromkeys(names))
    if len(wanted) < len(names):
        raise ProblemError(
            "bad_value", "A session is named twice.", "Name two to six different sessions."
        )
    first, *others = summaries = in_order(view.summary(name) for name in wanted)
    own = repeated(view, summaries)
    pairs = [(first.session, other.session, differences(first, other, own)) for other in others]
    return Json(comparison_document([s.session for s in summaries], comparable(summaries), pairs))
