"""What requests may say: names, moments, choices and bodies, each within its bounds."""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, datetime
from typing import Annotated, Any, Final, Literal

from fastapi import Path, Query
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema

from hipimu.data import Outcome, Side
from hipimu.web.coach.over_weeks import OUTCOME, QUANTITY
from hipimu.web.coach.sessions import USUAL_WEEKS

NAME_LENGTH: Final = 100
TEXT_LENGTH: Final = 500
NOTE_LENGTH: Final = 10_000
MOST_TAGS: Final = 50
MOST_WEEKS: Final = 520
MOST_AT_ONCE: Final = 500
MOST_STRIDES: Final = 50_000
_LARGEST_ID: Final = 2**31 - 1
"""PostgreSQL's integer."""
_MOMENT: Final = re.compile(
    r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)", re.ASCII
)
"""RFC 3339, section 5.6."""


def _printable(name: str) -> str:
    """Refuse what no name has, and no database takes."""
    if any(unicodedata.category(char)[0] == "C" for char in name):
        raise ValueError("there is no name with such characters")
    return name


def _read_moment(told: Any) -> datetime:
    if isinstance(told, str) and _MOMENT.fullmatch(told):
        try:
            return datetime.fromisoformat(told.upper()).astimezone(UTC)
        except OverflowError as error:
            raise ValueError("that is before or after all time") from error
    raise ValueError("write a moment as 2026-07-01T18:30:00Z")


def _name_in_path(what: str) -> Any:
    return Path(min_length=1, max_length=NAME_LENGTH, description=f"Name of the {what}.")


_Printable = AfterValidator(_printable)
_Moment = Annotated[
    datetime,
    BeforeValidator(_read_moment),
    WithJsonSchema({"type": "string", "format": "date-time"}),
]

AthleteName = Annotated[str, _name_in_path("athlete"), _Printable]
SessionName = Annotated[str, _name_in_path("session"), _Printable]
Id = Annotated[int, Path(ge=1, le=_LARGEST_ID, description="Its number.")]
Since = Annotated[
    _Moment | None, Query(description="Sessions that started then or later, such as "
                          "2026-07-01T00:00:00Z. Without it: from the first one.")
]  # fmt: skip
Until = Annotated[
    _Moment | None, Query(description="Sessions that started before then. Without it: to the last.")
]
Limit = Annotated[int, Query(ge=1, le=MOST_AT_ONCE, description="At most so many at once.")]
Cursor = Annotated[
    str | None,
    Query(max_length=600, description="`next` of the answer before. Without it: from the first."),
]
Weeks = Annotated[int, Query(ge=0, le=MOST_WEEKS, description="Weeks to look back; 0: all.")]
Deleted = Annotated[bool, Query(description="True: those that were deleted instead.")]
Quantity = Annotated[
    Literal["delta_fast", "rfi", "delta_easy", "reserve", "level_fast", "level_easy"],
    Query(
        description="Change of the peak over each run at fast or easy pace; extra loss at fast "
        "pace; reserve when fresh; the fresh peak at fast or easy pace."
    ),
]
OfSide = Annotated[Side | None, Query(description="Without it: the mean of both sides.")]
OfOutcome = Annotated[Outcome, Query(description="Which peak of the hip.")]
Compared = Annotated[
    list[Annotated[str, Field(min_length=1, max_length=NAME_LENGTH), _Printable]],
    Query(
        alias="session",
        min_length=2,
        max_length=6,
        description="Names of two to six sessions: `session=…&session=…`. Each is held against "
        "the earliest.",
        json_schema_extra={"uniqueItems": True},
    ),
]
StridesForm = Annotated[
    Literal["json", "csv", "parquet"] | None,
    Query(alias="format", description="Instead of the header `Accept`."),
]
StridesOffset = Annotated[int, Query(ge=0, le=_LARGEST_ID, description="Strides to leave out.")]
StridesLimit = Annotated[
    int, Query(ge=1, le=MOST_STRIDES, description="At most so many; an hour has ten thousand.")
]

USUAL_QUANTITY: Final = QUANTITY
USUAL_OUTCOME: Final = OUTCOME
WEEKS: Final = USUAL_WEEKS


class Asked(BaseModel):
    """A body of a request: nothing may be in it that is not known, nor of another type."""

    model_config = ConfigDict(extra="forbid", strict=True)


Name = Annotated[str, Field(min_length=1, max_length=NAME_LENGTH), _Printable]
_Text = Annotated[str, Field(max_length=TEXT_LENGTH)]
_NoteText = Annotated[
    str,
    Field(
        min_length=1,
        max_length=NOTE_LENGTH,
        description="What it says.",
        examples=["New shoes; felt the left hip from 12:30 on."],
    ),
]


class NewAthlete(Asked):
    """Somebody who is to be measured."""

    name: Name = Field(
        description="Nobody else's; no slashes; capitals do not tell them apart.",
        examples=["Ada Bauer"],
    )


class Renamed(Asked):
    """Another name for an athlete."""

    name: Name = Field(description="Nobody else's; no slashes; capitals do not tell them apart.")


class Moved(Asked):
    """Another team for an athlete."""

    team: Name | None = Field(
        description="Made where it is not there yet; null: none.", examples=["Sprint"]
    )


class NewNote(Asked):
    """Something to remember of an athlete."""

    text: _NoteText


class NewSessionNote(Asked):
    """Something to remember of a session, or of a moment of it."""

    text: _NoteText
    t_s: Annotated[float, Field(ge=0, allow_inf_nan=False)] | None = Field(
        default=None,
        description="The moment on the recording's clock, in seconds; null: the whole session.",
    )


class NoteAnew(Asked):
    """A note written anew."""

    text: _NoteText


class Said(Asked):
    """What a person says of a session, in place of what was said; what is left out is unknown."""

    surface: _Text | None = Field(
        default=None, description="Such as `track`, `road`, `trail`, `treadmill`."
    )
    shoes: _Text | None = Field(default=None, description="Free text.")
    exertion: Annotated[float, Field(ge=0, le=10, allow_inf_nan=False)] | None = Field(
        default=None, description="Rated on the CR10 scale, 0–10 (Borg 1982)."
    )
    injury: _Text | None = Field(default=None, description="Free text.")
    tags: Annotated[
        list[Annotated[str, Field(max_length=NAME_LENGTH)]], Field(max_length=MOST_TAGS)
    ] = Field(default=[], description="Words on the session.")


class AsOwner(Asked):
    """To see everybody and do everything."""

    role: Literal["owner"] = Field(description="What they become.")


class AsCoach(Asked):
    """To look after a team, or everybody."""

    role: Literal["coach"] = Field(description="What they become.")
    team: Name | None = Field(
        default=None, description="Made where it is not there yet; null: everybody."
    )


class AsAthlete(Asked):
    """To see oneself alone."""

    role: Literal["athlete"] = Field(description="What they become.")
    athlete: Name = Field(description="Name of the athlete.")


class Shut(Asked):
    """Whether somebody may log in."""

    disabled: bool = Field(description="True: their logins, tokens and invitations end at once.")


Invited = Annotated[AsOwner | AsCoach | AsAthlete, Field(discriminator="role")]
AuditLimit = Annotated[int, Query(ge=1, le=1000, description="At most so many at once.")]
AuditBefore = Annotated[
    int | None,
    Query(ge=1, le=_LARGEST_ID, description="`next` of the answer before. Without it: the newest."),
]
OfTeam = Annotated[
    Annotated[str, Field(min_length=1, max_length=NAME_LENGTH), _Printable] | None,
    Query(description="Only who is in this team. Without it: all."),
]
