"""The application below ``/api``: the addresses of version 1, and their documentation."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import Response

from hipimu.pipeline.intake import Intake
from hipimu.store import Store
from hipimu.web.api import access, athletes, notes, sessions, uploads, weeks
from hipimu.web.api.bounded import ApiGuard
from hipimu.web.api.docs_page import DocsPage, docs_page
from hipimu.web.api.document import openapi
from hipimu.web.api.problems import add_handlers
from hipimu.web.coach.render import respond


def mount_api(app: FastAPI, store: Store, intake: Intake | None = None) -> None:
    """Let an application answer below ``/api`` too; whoever asks was found out before.

    Parameters
    ----------
    app : FastAPI
        The coach's pages: the documentation is one of them.
    store : Store
    intake : Intake or None
        Takes recordings. None: nothing can be sent.
    """
    outer, api = _application(), _version_1()
    api.state.store, api.state.intake = store, intake
    outer.mount("/v1", api)
    app.add_api_route("/api/docs", _Documentation(api).page, methods=["GET", "HEAD"])
    app.mount("/api", ApiGuard(outer))


class _Documentation:
    """Answers with the page of the documentation, which is made once.

    Parameters
    ----------
    api : FastAPI
    """

    def __init__(self, api: FastAPI) -> None:
        self._api = api
        self._made: DocsPage | None = None

    def page(self, request: Request) -> Response:
        """Answer with it."""
        if self._made is None:
            self._made = docs_page(self._api.openapi())
        address = f"{request.url.scheme}://{request.url.netloc}"
        return respond(request, "api.html", page=self._made, address=address)


def openapi_document() -> dict[str, Any]:
    """Return the OpenAPI document of version 1."""
    return _version_1().openapi()


def _version_1() -> FastAPI:
    api = _application(openapi_url="/openapi.json")
    for part in (athletes, sessions, weeks, notes, uploads, access):
        api.include_router(part.router)
    api.include_router(uploads.sending)
    api.openapi = lambda: openapi(api)  # type: ignore[method-assign]  # FastAPI's way to say it
    return api


def _application(openapi_url: str | None = None) -> FastAPI:
    app = FastAPI(
        docs_url=None,
        redoc_url=None,
        openapi_url=openapi_url,
        redirect_slashes=False,
        root_path_in_servers=False,
        generate_unique_id_function=_name_of,
    )
    add_handlers(app)
    return app


def _name_of(route: Any) -> str:
    """Name operations as their functions, for those who generate clients."""
    return str(route.name)
