"""Requests to the REST API that follow its OpenAPI document, and such that do not.

Schemathesis reads the document and asks a real server with accounts: nothing may fail there, and
every answer has to be one that the document promises. A server of its own for each role, as owners
delete what others would ask for.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from hipimu.store import Store, open_store
from tests.coach_season import SQUAD, fill
from tests.faces.coach_team import OWNER, TEAMS, Team, join_all, serving
from tests.unit.store.postgres import programs, server

ROLES: Final = ("olga", "ada")
"""An owner and an athlete."""
_EXAMPLES: Final = 100
_CONFIGURATION: Final = """\
[dictionaries]
athletes = {{ values = {athletes} }}
sessions = {{ values = {sessions} }}
numbers = {{ values = [1, 2, 3] }}

# Names have rules that no JSON schema can say: nothing invisible, no blanks alone.
[checks.positive_data_acceptance]
expected-statuses = ["2xx", "401", "403", "404", "409", "413", "422", "429"]

[checks.negative_data_rejection]
expected-statuses = ["401", "403", "404", "405", "406", "409", "413", "415", "422", "429"]

# It would be the token, or the person, that asks.
[[operations]]
include-operation-id = ["revoke_token", "delete_athlete"]
enabled = false

# Nor who asks may be shut out.
[[operations]]
include-operation-id = "change_user"
parameters = {{ "path.number" = {other} }}

# A deleted note can be seen, to be brought back; and what became of an upload.
[[operations]]
include-path-regex = "^/(notes|uploads)/"
checks.use_after_free.enabled = false

[[operations]]
include-operation-id = "compare_sessions"
parameters = {{ "query.session" = {compared} }}

[[operations]]
include-path-regex = "^/athletes/"
parameters = {{ "path.name" = {{ dictionary = "athletes", probability = 0.8 }} }}

[[operations]]
include-path-regex = "^/sessions/"
parameters = {{ "path.name" = {{ dictionary = "sessions", probability = 0.8 }} }}

[[operations]]
include-path-regex = "/{{number}}"
exclude-operation-id = "change_user"
parameters = {{ "path.number" = {{ dictionary = "numbers", probability = 0.8 }} }}
"""


@dataclass(frozen=True)
class Outcome:
    """What became of it."""

    found: bool
    """Whether anything was wrong."""
    said: str


def fuzz(running: Team, login: str, folder: Path, *how: str) -> Outcome:
    """Let Schemathesis ask a server as one of its users.

    Parameters
    ----------
    running : Team
    login : str
    folder : Path
        For what it needs.
    how : str
        Options of ``schemathesis run``.
    """
    store, now = running.store, datetime.now(UTC)
    _, token = store.accounts.make_token(running.user(login).id, "fuzz", "write", now, None)
    athletes = [athlete.name for athlete in store.athletes()]
    sessions = [session.name for session in store.listed()]
    for session in sessions[:3]:
        store.add_note("before", "Olga", session=session)
        store.accounts.invite(OWNER, "coach", now=now)
    configuration = folder / f"{login}.toml"
    configuration.write_text(
        _CONFIGURATION.format(
            athletes=athletes,
            sessions=sessions,
            compared=sessions[:2],
            other=running.user("carla").id,
        )
    )
    done = subprocess.run(
        [sys.executable, "-m", "schemathesis.cli", "--config-file", str(configuration), "run",
         f"{running.url}api/v1/openapi.json", "-H", f"Authorization: Bearer {token}",
         "--no-color", "--continue-on-failure", "--generation-deterministic",
         *how],
        capture_output=True, text=True, check=False, cwd=folder,
    )  # fmt: skip
    if store.accounts.viewer_of_token(token, datetime.now(UTC)) is None:
        return Outcome(True, f"{done.stdout}\nIn the end the token of {login} worked no more.")
    return Outcome(done.returncode != 0, done.stdout + done.stderr)


def season(store: Store) -> None:
    """Keep a few sessions of a team whose members have accounts."""
    fill(store, SQUAD[:3], 2, every_days=5.0, until=datetime.now(UTC))
    for athlete in store.athletes():
        store.set_team(athlete.name, TEAMS.get(athlete.name))
    join_all(store)


def main() -> None:
    """Ask for long, as every role and over both databases."""
    found = False
    with ExitStack() as stack:
        databases = None if programs() is None else stack.enter_context(server())
        for login in ROLES:
            found |= _asked("SQLite", None, login)
            if databases is not None:
                found |= _asked("PostgreSQL", databases.empty(), login)
    if databases is None:
        print("PostgreSQL was not found: only SQLite was asked.")
    sys.exit(found)


def _asked(database: str, url: str | None, login: str) -> bool:
    print(f"\n== {login} over {database}", flush=True)
    with tempfile.TemporaryDirectory(prefix="hipimu-fuzz-") as aside:
        folder = Path(aside)
        with open_store(url or str(folder / "store.sqlite"), folder / "strides") as store:
            season(store)
            with serving(store) as running:
                examples = ("--max-examples", str(_EXAMPLES))
                outcome = fuzz(running, login, folder, *examples, *sys.argv[1:])
    print(outcome.said)
    return outcome.found


if __name__ == "__main__":
    main()
