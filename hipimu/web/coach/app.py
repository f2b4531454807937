"""The routes of the coach's pages."""

from __future__ import annotations

from typing import Final

from fastapi import FastAPI, Request
from fastapi.responses import Response
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp

from hipimu.errors import StoreError
from hipimu.pipeline.intake import Intake
from hipimu.store import Store, Viewer
from hipimu.web.api.problems import problem_of
from hipimu.web.coach.account import AccountPages
from hipimu.web.coach.audit_page import AuditPages
from hipimu.web.coach.caller import Caller
from hipimu.web.coach.cookies import Cookies
from hipimu.web.coach.doorman import Doorman, Entrance, is_api
from hipimu.web.coach.forms import FormError
from hipimu.web.coach.frame import note_pages
from hipimu.web.coach.guard import CoachGuard, failed, too_many
from hipimu.web.coach.join import JoinPages
from hipimu.web.coach.limits import Limits
from hipimu.web.coach.login import LoginPages
from hipimu.web.coach.pages import CoachPages
from hipimu.web.coach.people import PeoplePages
from hipimu.web.coach.roster import RosterPages
from hipimu.web.coach.upload_pages import add_uploads
from hipimu.web.guard import sentence
from hipimu.web.security import Access, new_token
from hipimu.web.static_files import static_file

_READS: Final = ["GET", "HEAD"]
_WRITES: Final = ["POST"]
_STATUS: Final = {"not_found": 404, "forbidden": 403, "bad_value": 422, "exists": 409, "busy": 503}


def create_app(
    store: Store,
    access: Access,
    *,
    author: str,
    key: str | None = None,
    entrance: Entrance | None = None,
    limits: Limits | None = None,
    intake: Intake | None = None,
) -> ASGIApp:
    """Make the application that serves a store's pages.

    Parameters
    ----------
    store : Store
    access : Access
    author : str
        Who writes the notes, while there are no accounts.
    key : str or None
        What forms have to bring then. None: a new one.
    entrance : Entrance or None
        None: without accounts, whoever asks comes in.
    limits : Limits or None
    intake : Intake or None
        Takes uploads. None: nothing can be sent.

    Returns
    -------
    ASGI application
    """
    from hipimu.web.api.app import mount_api  # here: it needs what is beside this file

    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None, redirect_slashes=False)
    app.add_exception_handler(HTTPException, _no_such_thing)
    app.add_exception_handler(Exception, _failed)
    app.add_exception_handler(StoreError, _refused_by_store)
    app.add_exception_handler(FormError, _refused)
    only = Caller(Viewer(author, "owner"), "local", key or new_token())
    cookies = Cookies(lambda: store.accounts.signing_key(), access)
    doorman = Doorman(store, cookies, only, entrance or Entrance(), limits or Limits())
    app.add_api_route("/static/{name:path}", static_file, methods=_READS)
    _add_pages(app, store)
    _add_accounts(app, store, doorman)
    if intake is not None:
        add_uploads(app, store, intake)
    mount_api(app, store, intake)
    note_pages(app)
    return CoachGuard(app, access, doorman)


def _add_pages(app: FastAPI, store: Store) -> None:
    pages, roster = CoachPages(store), RosterPages(store)
    app.add_api_route("/", pages.squad, methods=_READS)
    app.add_api_route("/athletes", roster.add, methods=_WRITES)
    app.add_api_route("/athletes/new", roster.new, methods=_READS)
    app.add_api_route("/athletes/{name}", pages.athlete, methods=_READS)
    app.add_api_route("/athletes/{name}/notes", pages.note_athlete, methods=_WRITES)
    app.add_api_route("/athletes/{name}/settings", roster.settings, methods=_READS)
    app.add_api_route("/athletes/{name}/rename", roster.rename, methods=_WRITES)
    app.add_api_route("/athletes/{name}/team", roster.move, methods=_WRITES)
    app.add_api_route("/athletes/{name}/delete", roster.ask_athlete, methods=_READS)
    app.add_api_route("/athletes/{name}/delete", roster.delete_athlete, methods=_WRITES)
    app.add_api_route("/sessions/{name}", pages.session, methods=_READS)
    app.add_api_route("/sessions/{name}/notes", pages.note_session, methods=_WRITES)
    app.add_api_route("/sessions/{name}/context", pages.context, methods=_WRITES)
    app.add_api_route("/sessions/{name}/delete", roster.ask_session, methods=_READS)
    app.add_api_route("/sessions/{name}/delete", roster.delete_session, methods=_WRITES)
    app.add_api_route("/compare", pages.compare, methods=_READS)
    app.add_api_route("/notes/{number}/edit", pages.note, methods=_READS)
    app.add_api_route("/notes/{number}/edit", pages.edit_note, methods=_WRITES)
    app.add_api_route("/notes/{number}/delete", pages.delete_note, methods=_WRITES)
    app.add_api_route("/notes/{number}/restore", pages.restore_note, methods=_WRITES)


def _add_accounts(app: FastAPI, store: Store, doorman: Doorman) -> None:
    door, joining = LoginPages(store, doorman), JoinPages(store, doorman)
    app.add_api_route("/login", door.form, methods=_READS)
    app.add_api_route("/login", door.log_in, methods=_WRITES)
    app.add_api_route("/logout", door.log_out, methods=_WRITES)
    app.add_api_route("/join", joining.open, methods=_READS)
    app.add_api_route("/join", joining.join, methods=_WRITES)
    account = AccountPages(store, doorman)
    app.add_api_route("/account", account.show, methods=_READS)
    app.add_api_route("/account/password", account.change_password, methods=_WRITES)
    app.add_api_route("/account/logout", account.log_out_everywhere, methods=_WRITES)
    app.add_api_route("/account/tokens", account.make_token, methods=_WRITES)
    app.add_api_route("/account/tokens/{number}/revoke", account.revoke_token, methods=_WRITES)
    people = PeoplePages(store, doorman.entrance)
    app.add_api_route("/people", people.show, methods=_READS)
    app.add_api_route("/people/invitations", people.invite, methods=_WRITES)
    app.add_api_route("/people/invitations/{number}/revoke", people.revoke, methods=_WRITES)
    app.add_api_route("/people/{number}/disable", people.disable, methods=_WRITES)
    app.add_api_route("/people/{number}/enable", people.enable, methods=_WRITES)
    app.add_api_route("/people/{number}/access", people.set_access, methods=_WRITES)
    app.add_api_route("/people/{number}/reset", people.reset, methods=_WRITES)
    app.add_api_route("/audit", AuditPages(store).show, methods=_READS)


async def _no_such_thing(request: Request, error: Exception) -> Response:
    if is_api(request):  # such as one with a line break in it, which no mounted address matches
        return problem_of(404, "There is nothing at this address.", "See /api/docs.")
    status = error.status_code if isinstance(error, HTTPException) else 404
    if status == 405:
        return sentence(405, "That cannot be done here.", "Use hipimu's own pages.")
    return sentence(status, "There is no such page.", "The squad is on the first one.")


async def _failed(_: Request, __: Exception) -> Response:
    return failed()


async def _refused_by_store(_: Request, error: Exception) -> Response:
    if not isinstance(error, StoreError):
        raise error
    return sentence(_STATUS.get(error.reason, 500), error.what, error.remedy)


async def _refused(request: Request, error: Exception) -> Response:
    if not isinstance(error, FormError):
        raise error
    return too_many(request, error)
