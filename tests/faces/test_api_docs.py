"""The page that documents the REST API, in a real browser and without."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from hipimu.web.api.problems import KINDS
from tests.faces.api_program import document
from tests.faces.coach_pages import A4, DESK, FAINT, PHONE, Served, opened, small_season

DOCS = "/api/docs"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with small_season(tmp_path_factory.mktemp("season"), squad=1, sessions=1) as running:
        yield running


def test_every_address_form_and_kind_of_problem_is_there(server: Served) -> None:
    page = server.ask(DOCS).text
    told = document()
    for path, operations in told["paths"].items():
        for method, operation in operations.items():
            assert f'id="{operation["operationId"]}"' in page
            assert re.search(
                rf'<span class="method">{method.upper()}</span> <code>{re.escape(path)}<', page
            )
    assert all(f'id="form-{name}"' in page for name in told["components"]["schemas"])
    assert all(f'id="problem-{reason}"' in page for reason in KINDS)


def test_every_link_within_the_page_leads_somewhere(server: Served) -> None:
    page = server.ask(DOCS).text
    links = set(re.findall(r'href="#([^"]+)"', page))
    assert links
    assert links <= set(re.findall(r'id="([^"]+)"', page))


def test_the_address_is_the_one_that_was_asked(server: Served) -> None:
    assert f"{server.url}api/v1/squad" in server.ask(DOCS).text


def test_nothing_of_it_is_a_script_and_nothing_comes_from_elsewhere(server: Served) -> None:
    page = server.ask(DOCS).text
    assert re.findall(r"<script[^>]*>", page) == [
        '<script type="module" src="/static/coach/coach.js">'
    ]
    assert re.findall(r'(?:src|href)="(?:https?:)?//', page) == []
    assert " style=" not in page


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [DESK, PHONE])
def test_it_can_be_read_by_everybody(
    server: Served, browser: Browser, size: tuple[int, int], scheme: str
) -> None:
    with opened(browser, server, size, color_scheme=scheme) as shown:
        shown.go(DOCS)
        assert shown.page.title() == "REST API – hipimu"
        assert shown.unnamed() == []
        assert shown.page.evaluate(FAINT) == []
        assert shown.overflow() <= 0
        assert shown.violations() == []


def test_a_link_leads_to_an_operation_and_on_to_its_form(server: Served, browser: Browser) -> None:
    with opened(browser, server) as shown:
        shown.go(DOCS)
        shown.page.get_by_role("link", name="GET /sessions/{name}", exact=True).click()
        operation = shown.page.locator("#get_session")
        assert operation.evaluate("node => node.matches(':target')")
        operation.get_by_role("link", name="WholeSession").click()
        form = shown.page.locator("#form-WholeSession")
        assert form.evaluate("node => node.matches(':target')")
        assert "The answer in a sentence." in form.inner_text()


def test_it_needs_no_javascript(server: Served, browser: Browser) -> None:
    with opened(browser, server, java_script_enabled=False) as shown:
        shown.go(f"{DOCS}#problem-not_found")
        assert shown.page.locator("#problem-not_found").is_visible()


def test_it_can_be_printed(server: Served, browser: Browser) -> None:
    with opened(browser, server, A4) as shown:
        shown.page.emulate_media(media="print")
        shown.go(DOCS)
        assert shown.overflow() <= 0
        assert not shown.page.locator(".contents").is_visible()
