"""Every variant's page, drawn when it is first looked at, and the words on it."""

from __future__ import annotations

import html
import re

from hipimu.report import render
from tests.unit.report.sessions import VARIANTS


class Pages(dict[str, str]):
    """Name of a variant → its page."""

    def __missing__(self, variant: str) -> str:
        self[variant] = render(VARIANTS[variant]())
        return self[variant]


PAGES = Pages()


def text_of(page: str) -> str:
    """What a person reads, in one line."""
    body = re.sub(r"<(style|script)\b.*?</\1>", "", page, flags=re.DOTALL)
    unlinked = re.sub(r'<a class="term"[^>]*>(.*?)</a>', r"\1", body)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", unlinked)).split())


def section_of(page: str, heading: str) -> str:
    """The section that the heading with this id names."""
    found = re.search(
        rf'<section[^>]*aria-labelledby="{heading}">.*?</section>', page, flags=re.DOTALL
    )
    assert found is not None, heading
    return found[0]
