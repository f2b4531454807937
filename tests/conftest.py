"""Options that all tests share."""

from __future__ import annotations

import os

import pytest
from hypothesis import settings

# Laws are about results; how long one example takes depends on what else the machine does. CI
# repeats the same examples, so that a change is judged by what it changes; everywhere else each
# run tries new ones.
settings.register_profile("hipimu", deadline=None, derandomize=os.environ.get("CI") == "true")
settings.load_profile("hipimu")


TOGETHER = ("tests/unit/report/",)
"""Modules that look at the same costly things; those of one module always do."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give tests that share something to one worker (``--dist loadgroup``): it makes it once."""
    for item in items:
        module = item.nodeid.partition("::")[0]
        group = next((place for place in TOGETHER if module.startswith(place)), module)
        item.add_marker(pytest.mark.xdist_group(group))


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-golden",
        action="store_true",
        help="write the stored results of tests/golden anew; say why in the changelog",
    )


@pytest.fixture
def cheap_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let hashing a password take no time, in all accounts that the test's process opens."""
    from hipimu.store import passwords

    monkeypatch.setattr(passwords, "USUAL", passwords.Cost(1, 8, 1))
