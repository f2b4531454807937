"""Logs and warnings of libraries reach the terminal, and hold up nobody while it takes nothing."""

from __future__ import annotations

import io
import logging
import sys
import threading
import warnings

import pytest

from hipimu.cli.aside import told_aside

PATIENCE_S = 10.0


class Hanging(io.StringIO):
    """A terminal that takes nothing until it is let."""

    def __init__(self) -> None:
        super().__init__()
        self.let = threading.Event()
        self.asked = threading.Event()

    def write(self, text: str) -> int:
        self.asked.set()
        assert self.let.wait(PATIENCE_S)
        return super().write(text)


def complain() -> None:
    logging.getLogger("some.library").warning("no connection %d", 7)
    logging.getLogger("some.library").info("of no interest")
    warnings.warn("mean of nothing", RuntimeWarning, stacklevel=1)


def test_a_terminal_that_hangs_holds_up_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Hanging()
    monkeypatch.setattr(sys, "stderr", terminal)
    with told_aside():
        warnings.simplefilter("always")
        thread = threading.Thread(target=complain, daemon=True)
        thread.start()
        assert terminal.asked.wait(PATIENCE_S)
        thread.join(PATIENCE_S)
        assert not thread.is_alive()
        assert terminal.getvalue() == ""
        terminal.let.set()
    said = terminal.getvalue()
    assert said.startswith("no connection 7\n")
    assert "RuntimeWarning: mean of nothing" in said
    assert "of no interest" not in said


def test_afterwards_all_is_as_before(capsys: pytest.CaptureFixture[str]) -> None:
    root = logging.getLogger()
    before = list(root.handlers), warnings.showwarning
    with told_aside():
        assert list(root.handlers) != before[0]
    assert (list(root.handlers), warnings.showwarning) == before
    assert capsys.readouterr().err == ""


def test_a_terminal_that_is_gone_ends_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    gone = io.StringIO()
    gone.close()
    monkeypatch.setattr(sys, "stderr", gone)
    later = threading.Event()
    with told_aside() as aside:
        logging.getLogger("some.library").error("lost")
        aside.do(later.set)
        assert later.wait(PATIENCE_S), "the thread that writes has ended"
