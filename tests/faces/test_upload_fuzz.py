"""A little of `make fuzz-uploads`: spoilt recordings through the whole door."""

from __future__ import annotations

from pathlib import Path

from tests.studies.fuzz_uploads import fuzz


def test_whatever_is_sent_the_server_answers_and_nothing_lands_elsewhere(tmp_path: Path) -> None:
    figures = fuzz(tmp_path, seconds=6.0, most=60, apart=59)
    assert figures.wrong == [], figures.said()
    assert figures.unforeseen == [], figures.said()
    # The rest would prove nothing if nothing was ever taken.
    assert figures.answers[303] > 5
    assert sum(figures.endings.values()) == figures.answers[303]
