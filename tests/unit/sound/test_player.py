"""The player asks a program of the system, and nobody waits for it."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from hipimu.sound import Player, clip

if sys.platform == "win32":
    pytest.skip("Windows plays sounds itself", allow_module_level=True)

Install = Callable[..., Path]


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Install:
    """Put a program on a PATH that has no other; it notes how it was called."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))

    def add(name: str, *, seconds: float = 0.0, code: int = 0) -> Path:
        notes = tmp_path / f"{name}.notes"
        program = folder / name
        program.write_text(
            f"#!{sys.executable}\n"
            "import hashlib, pathlib, sys, time\n"
            "sound = hashlib.md5(pathlib.Path(sys.argv[-1]).read_bytes()).hexdigest()\n"
            f"with open({str(notes)!r}, 'a') as file:\n"
            "    print(*sys.argv[1:-1], pathlib.Path(sys.argv[-1]).suffix, sound, file=file)\n"
            f"time.sleep({seconds})\n"
            f"sys.exit({code})\n"
        )
        program.chmod(0o755)
        return notes

    return add


def played(notes: Path, count: int, seconds: float = 5.0) -> list[str]:
    """Wait until so many sounds were played."""
    end_s = time.monotonic() + seconds
    while True:
        lines = notes.read_text().splitlines() if notes.exists() else []
        if len(lines) >= count:
            return lines
        assert time.monotonic() < end_s, f"{len(lines)} sounds of {count} were played"
        time.sleep(0.02)


def digest(sound: bytes) -> str:
    from hashlib import md5

    return md5(sound).hexdigest()  # noqa: S324


def test_the_first_program_plays(install: Install) -> None:
    aplay, pulse = install("aplay"), install("paplay")
    player = Player()
    assert player.missing == ""
    player.play(clip("easy"))
    assert played(pulse, 1) == [f".wav {digest(clip('easy'))}"]
    assert not aplay.exists()
    player.close()


def test_arguments_of_a_program_are_kept(install: Install) -> None:
    notes = install("aplay")
    player = Player()
    player.play(clip("fast"))
    assert played(notes, 1)[0].startswith("-q .wav ")
    player.close()


def test_a_program_that_cannot_gives_way_to_the_next(install: Install) -> None:
    broken, works = install("pw-play", code=1), install("aplay")
    player = Player()
    for count in (1, 2):
        player.play(clip("rest"))
        played(works, count)
    assert len(played(broken, 1)) == 1, "what worked last is asked first"
    assert player.missing == ""
    player.close()


def test_without_a_program_it_says_so(install: Install) -> None:
    player = Player()
    assert "pw-play" in player.missing
    player.play(clip("rest"))
    player.close()


def test_a_sound_that_nothing_could_play_is_told(install: Install) -> None:
    notes = install("pw-play", code=1)
    player = Player()
    player.play(clip("rest"))
    played(notes, 1)
    end_s = time.monotonic() + 3.0
    while not player.missing:
        assert time.monotonic() < end_s
        time.sleep(0.02)
    assert "loudspeaker" in player.missing
    install("pw-play")
    player.play(clip("rest"))
    played(notes, 2)
    end_s = time.monotonic() + 3.0
    while player.missing:
        assert time.monotonic() < end_s
        time.sleep(0.02)
    player.close()


def test_one_at_a_time_and_old_ones_are_left_out(install: Install) -> None:
    notes = install("pw-play", seconds=0.3)
    player = Player()
    begun_s = time.monotonic()
    player.play(clip("ready"))
    played(notes, 1)
    for _ in range(50):
        player.play(clip("easy"))
    player.play(clip("fast"))
    assert time.monotonic() - begun_s < 2.0
    lines = played(notes, 3)
    time.sleep(0.5)
    expected = [digest(clip(name)) for name in ("ready", "easy", "fast")]
    assert [line.split()[-1] for line in lines] == expected
    assert len(played(notes, 3)) == 3
    player.close()


def test_a_stuck_program_is_ended_and_holds_up_nobody(install: Install) -> None:
    notes = install("pw-play", seconds=60.0)
    player = Player(longest_s=0.5)
    begun_s = time.monotonic()
    player.play(clip("easy"))
    player.play(clip("fast"))
    assert time.monotonic() - begun_s < 0.1
    assert len(played(notes, 2)) == 2
    player.close()
    assert time.monotonic() - begun_s < 5.0
