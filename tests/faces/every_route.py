"""What every route answers to whom, as a table: whoever adds a route adds its row.

Rows are about objects of one athlete, `ada` among the roles, and her team. 404: for this role they
are not there; 403: it may see them, and not do that.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

ATHLETE: Final = "Quilla Amaru"
TEAM: Final = "Velox"
SESSION: Final = "ada-1"
OTHER_SESSION: Final = "ada-2"
INVITED: Final = "Chidi Eze"
"""Of Ada's team, without an account."""
V1: Final = "/api/v1"


class Answers(NamedTuple):
    """The status for each role."""

    ada: int
    bjorn: int
    """An athlete of another team."""
    sam: int
    """Ada's team's coach."""
    mia: int
    """Another team's coach."""
    carla: int
    """Coach of all."""
    olga: int
    """Owner."""


@dataclass(frozen=True)
class Row:
    """One route, how it is asked, and what it answers."""

    method: str
    path: str
    answers: Answers
    nobody: int | None = None
    """None: pages lead to the login, or give back what was sent; the API says 401."""
    query: str = ""
    form: Mapping[str, str] = field(default_factory=dict)
    json: Any = None
    multipart: bool = False
    """Whether the form is sent as one with files is."""

    @property
    def name(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def changes(self) -> bool:
        return self.method not in ("GET", "HEAD")

    @property
    def api(self) -> bool:
        return self.path.startswith(V1)


def same(status: int) -> Answers:
    return Answers(*[status] * 6)


def hers(status: int) -> Answers:
    """For all who see Ada."""
    return Answers(status, 404, status, 404, status, status)


def staff(status: int) -> Answers:
    return Answers(403, 403, status, status, status, status)


def her_own(status: int) -> Answers:
    """For her and for owners; of others who see her, nobody."""
    return Answers(status, 404, 403, 404, 403, status)


def her_word(status: int) -> Answers:
    """For her alone: what she wrote."""
    return Answers(status, 404, 403, 404, 403, 403)


def owners(status: int) -> Answers:
    return Answers(403, 403, 403, 403, 403, status)


SEEN: Final = hers(200)
RENAMED: Final = Answers(403, 404, 303, 404, 303, 303)
MOVED: Final = Answers(403, 404, 403, 404, 303, 303)
TAKEN_BACK: Final = Answers(403, 403, 303, 404, 303, 303)
SENT_BY_HER: Final = Answers(200, 404, 404, 404, 404, 200)

PAGES: Final = (
    Row("GET", "/static/{name:path}", same(200), nobody=200),
    Row("GET", "/", Answers(303, 303, 200, 200, 200, 200), query=f"team={TEAM}"),
    Row("POST", "/athletes", staff(303), form={"name": "New One", "team": ""}),
    Row("GET", "/athletes/new", staff(200)),
    Row("GET", "/athletes/{name}", SEEN),
    Row("POST", "/athletes/{name}/notes", hers(303), form={"text": "A note"}),
    Row("GET", "/athletes/{name}/settings", SEEN),
    Row("POST", "/athletes/{name}/rename", RENAMED, form={"new": "Another Name"}),
    Row("POST", "/athletes/{name}/team", MOVED, form={"team": "Another"}),
    Row("GET", "/athletes/{name}/delete", her_own(200)),
    Row("POST", "/athletes/{name}/delete", her_own(303), form={"confirm": ATHLETE}),
    Row("GET", "/sessions/{name}", SEEN),
    Row("POST", "/sessions/{name}/notes", hers(303), form={"text": "A note"}),
    Row("POST", "/sessions/{name}/context", hers(303), form={"shoes": "spikes"}),
    Row("GET", "/sessions/{name}/delete", SEEN),
    Row("POST", "/sessions/{name}/delete", hers(303), form={"confirm": SESSION}),
    Row("GET", "/compare", SEEN, query=f"session={SESSION}&session={OTHER_SESSION}"),
    Row("GET", "/notes/{number}/edit", her_word(200)),
    Row("POST", "/notes/{number}/edit", her_word(303), form={"text": "Anew"}),
    Row("POST", "/notes/{number}/delete", her_own(303)),
    Row("POST", "/notes/{number}/restore", her_own(303)),
)
ACCOUNTS: Final = (
    Row("GET", "/login", same(303), nobody=200),
    Row("POST", "/login", same(403), nobody=403, form={"login": "ada", "password": "x"}),
    Row("POST", "/logout", same(303)),
    Row("GET", "/join", same(403), nobody=403),
    Row("POST", "/join", same(403), nobody=403, form={"login": "new", "password": "x"}),
    Row("GET", "/account", same(200)),
    Row("POST", "/account/password", same(422), form={"old": "x", "new": "y", "again": "y"}),
    Row("POST", "/account/logout", same(303)),
    Row("POST", "/account/tokens", same(200), form={"name": "x", "span": "30 days"}),
    Row("POST", "/account/tokens/{number}/revoke", Answers(303, 404, 404, 404, 404, 404)),
    Row("GET", "/people", staff(200)),
    Row(
        "POST",
        "/people/invitations",
        Answers(403, 403, 200, 422, 200, 200),
        form={"access": f"athlete:{INVITED}"},
    ),
    Row("POST", "/people/invitations/{number}/revoke", TAKEN_BACK),
    Row("POST", "/people/{number}/disable", owners(303)),
    Row("POST", "/people/{number}/enable", owners(303)),
    Row("POST", "/people/{number}/access", owners(303), form={"access": f"athlete:{ATHLETE}"}),
    Row("POST", "/people/{number}/reset", owners(200)),
    Row("GET", "/audit", owners(200)),
)
UPLOADS: Final = (
    Row("GET", "/upload", same(200), query="athlete=Quilla+Amaru"),
    # Without any file: who may send one is told so.
    Row("POST", "/upload", hers(422), form={"athlete": ATHLETE}, multipart=True),
    Row("GET", "/uploads/{upload_id}", SENT_BY_HER),
    Row("GET", "/uploads/{upload_id}/state", SENT_BY_HER),
    Row("POST", "/uploads/{upload_id}/cancel", SENT_BY_HER._replace(ada=303, olga=303)),
)
API: Final = (
    Row("GET", "/api/docs", same(200)),
    Row("GET", f"{V1}/openapi.json", same(200)),
    Row("GET", f"{V1}/me", same(200)),
    Row("GET", f"{V1}/teams", same(200)),
    Row("GET", f"{V1}/squad", same(200)),
    Row("GET", f"{V1}/athletes", same(200)),
    Row("POST", f"{V1}/athletes", staff(201), json={"name": "New One"}),
    Row("GET", f"{V1}/athletes/{{name}}", SEEN),
    Row(
        "PATCH",
        f"{V1}/athletes/{{name}}",
        Answers(403, 404, 200, 404, 200, 200),
        json={"name": "Another Name"},
    ),
    Row("DELETE", f"{V1}/athletes/{{name}}", her_own(204)),
    Row("GET", f"{V1}/athletes/{{name}}/export", SEEN),
    Row("GET", f"{V1}/athletes/{{name}}/sessions", SEEN),
    Row("GET", f"{V1}/athletes/{{name}}/trend", SEEN),
    Row("GET", f"{V1}/athletes/{{name}}/notes", SEEN),
    Row("POST", f"{V1}/athletes/{{name}}/notes", hers(201), json={"text": "A note"}),
    Row("GET", f"{V1}/sessions", same(200)),
    Row("GET", f"{V1}/sessions/{{name}}", SEEN),
    Row("DELETE", f"{V1}/sessions/{{name}}", hers(204)),
    Row("GET", f"{V1}/sessions/{{name}}/history", SEEN),
    Row("GET", f"{V1}/sessions/{{name}}/strides", SEEN),
    Row("GET", f"{V1}/sessions/{{name}}/notes", SEEN),
    Row("POST", f"{V1}/sessions/{{name}}/notes", hers(201), json={"text": "A note"}),
    Row("PUT", f"{V1}/sessions/{{name}}/context", hers(200), json={"shoes": "spikes"}),
    Row("GET", f"{V1}/compare", SEEN, query=f"session={SESSION}&session={OTHER_SESSION}"),
    Row("GET", f"{V1}/notes/{{number}}", SEEN),
    Row("PATCH", f"{V1}/notes/{{number}}", her_word(200), json={"text": "Anew"}),
    Row("DELETE", f"{V1}/notes/{{number}}", her_own(204)),
    Row("POST", f"{V1}/notes/{{number}}/restore", her_own(200)),
    Row("GET", f"{V1}/uploads", same(200)),
    Row("POST", f"{V1}/uploads", hers(422), form={"athlete": ATHLETE}, multipart=True),
    Row("GET", f"{V1}/uploads/{{upload_id}}", SENT_BY_HER),
    Row("DELETE", f"{V1}/uploads/{{upload_id}}", SENT_BY_HER._replace(ada=204, olga=204)),
    Row("GET", f"{V1}/users", owners(200)),
    Row("PATCH", f"{V1}/users/{{number}}", owners(200), json={"disabled": True}),
    Row("GET", f"{V1}/invitations", staff(200)),
    Row(
        "POST",
        f"{V1}/invitations",
        Answers(403, 403, 201, 404, 201, 201),
        json={"role": "athlete", "athlete": INVITED},
    ),
    Row(
        "DELETE",
        f"{V1}/invitations/{{number}}",
        Answers(403, 403, 204, 404, 204, 204),
    ),
    Row("GET", f"{V1}/tokens", same(200)),
    Row("DELETE", f"{V1}/tokens/{{number}}", Answers(204, 404, 404, 404, 404, 404)),
    Row("GET", f"{V1}/audit", owners(200)),
)
TABLE: Final = (*PAGES, *ACCOUNTS, *UPLOADS, *API)
