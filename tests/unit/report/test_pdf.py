"""The report on paper: A4, numbered, whole, and nothing that only a screen understands."""

from __future__ import annotations

import io
import re
import sys
from types import ModuleType
from typing import Any

import pytest
from pypdf import PdfReader

from hipimu.errors import OutputError
from hipimu.report import sentence
from hipimu.report.page import page
from hipimu.report.pdf import check_pdf, render_pdf
from tests.unit.report.pages import text_of
from tests.unit.report.sessions import VARIANTS

weasyprint: Any = pytest.importorskip("weasyprint")
SHOWN = ("compensated", "short", "empty")


@pytest.fixture(scope="module", params=SHOWN)
def variant(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def read(variant: str) -> PdfReader:
    return PdfReader(io.BytesIO(render_pdf(VARIANTS[variant]())))


def test_a4_with_page_numbers_and_the_whole_sentence(variant: str, read: PdfReader) -> None:
    total = len(read.pages)
    session = VARIANTS[variant]()

    assert 3 <= total <= 16
    for number, sheet in enumerate(read.pages, 1):
        assert [float(edge) for edge in sheet.mediabox] == pytest.approx(
            [0, 0, 595.28, 841.89], abs=0.1
        )
        text = " ".join(sheet.extract_text().split())
        assert f"{number} / {total}" in text
        assert session.recording in text
    first = " ".join(read.pages[0].extract_text().split())
    assert sentence(session).split(". ")[0] in first


def test_charts_are_drawn_and_not_pictures(read: PdfReader) -> None:
    assert [image.name for sheet in read.pages for image in sheet.images] == []


def test_links_lead_into_the_document_only(read: PdfReader) -> None:
    links = [
        note.get_object()
        for sheet in read.pages
        for note in sheet.get("/Annots", [])
        if note.get_object()["/Subtype"] == "/Link"
    ]
    assert links
    assert [link["/A"] for link in links if "/A" in link and "/URI" in link["/A"]] == []


def test_nothing_reaches_beyond_the_margins(variant: str) -> None:
    """Every box of every page ends before the paper does."""
    made = weasyprint.HTML(string=page(VARIANTS[variant](), "paper")).render()
    margin_px = 14 / 25.4 * 96
    for number, sheet in enumerate(made.pages, 1):
        boxes = [b for b in sheet._page_box.descendants() if hasattr(b, "width")]
        assert len(boxes) > 20
        for box in boxes:
            if isinstance(box.width, (int, float)):
                right = box.position_x + box.width
                assert right <= sheet.width - margin_px + 1, (number, box)


def test_paper_needs_neither_variables_nor_scripts(variant: str) -> None:
    html = page(VARIANTS[variant](), "paper")
    drawings = "".join(re.findall(r"<svg\b.*?</svg>", html, flags=re.DOTALL))

    assert "var(" not in drawings
    assert "currentColor" not in drawings
    assert "<script" not in html
    assert 'class="narrow"' not in html
    assert not re.search(r"\b(nan|None|inf)\b", text_of(html))


def test_many_dots_are_strokes_with_round_ends() -> None:
    html = page(VARIANTS["supported"](), "paper")

    assert "<marker" not in html
    assert html.count('stroke-linecap="round"') >= 8
    strides = VARIANTS["supported"]().strides
    usable = sum(stride.usable() for stride in strides)
    # Two peaks each, the right side's rings twice, and the pelvis's two panels of one side.
    assert html.count("h.01") >= 2 * usable


def test_the_same_session_gives_the_same_pages() -> None:
    once, again = (render_pdf(VARIANTS["short"]()) for _ in range(2))
    assert once == again


def test_without_weasyprint_one_sentence_says_how_to_get_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "weasyprint", None)
    with pytest.raises(OutputError, match="weasyprint is not installed") as refused:
        check_pdf()

    assert "pip install 'hipimu[pdf]'" in refused.value.remedy


def test_a_missing_library_of_the_system_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    class Broken:
        def find_spec(self, name: str, *_: object) -> ModuleType | None:
            if name != "weasyprint":
                return None
            print("a page of advice")
            raise OSError("cannot load library 'libpango-1.0-0': not found")

    monkeypatch.delitem(sys.modules, "weasyprint", raising=False)
    monkeypatch.setattr(sys, "meta_path", [Broken(), *sys.meta_path])
    with pytest.raises(OutputError, match=r"finds no libpango-1\.0-0\.") as refused:
        check_pdf()

    assert "pip install 'hipimu[pdf]'" in refused.value.remedy
    assert capsys.readouterr().out == ""
