"""The application below ``/api``: the addresses of version 1, and their documentation."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from starlette.types import ASGIApp

from hipimu.store import Store
from hipimu.web.api import athletes, notes, sessions, weeks
from hipimu.web.api.bounded import ApiGuard
from hipimu.web.api.document import openapi
from hipimu.web.api.problems import add_handlers


def create_api(store: Store) -> ASGIApp:
    """Make what answers below ``/api``; whoever asks was found out before.

    Parameters
    ----------
    store : Store

    Returns
    -------
    ASGI application
    """
    outer = _application()
    outer.mount("/v1", _version_1(store))
    return ApiGuard(outer)


def _version_1(store: Store) -> FastAPI:
    api = _application(openapi_url="/openapi.json")
    api.state.store = store
    for part in (athletes, sessions, weeks, notes):
        api.include_router(part.router)
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
