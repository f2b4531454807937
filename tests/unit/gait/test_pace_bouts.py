"""What ends a bout, what does not, and which evidence is asked at all."""

from __future__ import annotations

import numpy as np
import pytest

from hipimu.data import Bout, PaceEvidence, PelvisRhythm, SpeedTrack, Stride
from hipimu.gait import label_strides
from tests.paces import INTERVALS, Part, rhythm_of, speeds, strides_over, track, watch_file

TWICE: tuple[Part, ...] = ((180.0, 3.0), (90.0, 5.0)) * 2


def bouts_of(strides: list[Stride], evidence: PaceEvidence) -> tuple[Bout, ...]:
    return label_strides(strides, evidence)[1]


def outline(bouts: tuple[Bout, ...]) -> list[tuple[str, int, int]]:
    return [(bout.pace, round(bout.start_s), round(bout.end_s)) for bout in bouts]


WHOLE = [("easy", 0, 180), ("fast", 180, 270), ("easy", 270, 450), ("fast", 450, 540)]


def test_strides_that_were_lost_for_a_few_seconds_do_not_end_a_bout() -> None:
    strides = [s for s in strides_over(540.0) if not 80.0 < s.t_peak_flexion_s < 88.0]

    assert outline(bouts_of(strides, PaceEvidence(speed=track(TWICE)))) == WHOLE


@pytest.mark.parametrize("seconds", [8.0, 25.0])
def test_walking_ends_a_bout(seconds: float) -> None:
    strides = [
        s._replace(gait="walking") if 80.0 < s.t_peak_flexion_s < 80.0 + seconds else s
        for s in strides_over(540.0)
    ]
    bouts = bouts_of(strides, PaceEvidence(speed=track(TWICE)))

    assert outline(bouts) == [("easy", 0, 80), ("easy", round(80 + seconds), 180), *WHOLE[1:]]


def test_standing_ends_a_bout() -> None:
    strides = [s for s in strides_over(540.0) if not 80.0 < s.t_peak_flexion_s < 105.0]
    bouts = bouts_of(strides, PaceEvidence(speed=track(TWICE)))

    assert outline(bouts) == [("easy", 0, 80), ("easy", 105, 180), *WHOLE[1:]]


def test_a_single_walking_stride_does_not_end_a_bout() -> None:
    strides = strides_over(540.0)
    strides[100] = strides[100]._replace(gait="walking")

    assert outline(bouts_of(strides, PaceEvidence(speed=track(TWICE)))) == WHOLE


@pytest.mark.parametrize(("unknown_s", "count"), [(20, 4), (45, 5)])
def test_speed_unknown_for_less_than_a_bout_does_not_end_one(unknown_s: int, count: int) -> None:
    whole = track(TWICE)
    kept = (whole.t_s < 60.0) | (whole.t_s > 60.0 + unknown_s)
    strides, bouts = label_strides(
        strides_over(540.0),
        PaceEvidence(speed=SpeedTrack(whole.t_s[kept], whole.speed_m_s[kept])),
    )

    assert len(bouts) == count
    assert all(s.speed_m_s is None for s in strides if 61.0 < s.t_peak_flexion_s < 79.0)


def test_a_bout_shorter_than_half_a_minute_is_none() -> None:
    """Its strides stay without, and the easy running around is two bouts."""
    parts: tuple[Part, ...] = (*TWICE, (60.0, 3.0), (20.0, 5.0), (60.0, 3.0))
    strides, bouts = label_strides(strides_over(680.0), PaceEvidence(speed=track(parts)))

    assert outline(bouts)[4:] == [("easy", 540, 600), ("easy", 620, 679)]
    assert {s.pace for s in strides if 602.0 < s.t_peak_flexion_s < 618.0} == {"other"}


def test_a_bout_between_the_paces_is_neither() -> None:
    parts: tuple[Part, ...] = (*TWICE, (60.0, 3.9), *TWICE)
    bouts = bouts_of(strides_over(1140.0), PaceEvidence(speed=track(parts)))

    assert outline(bouts)[4] == ("other", 540, 600)


@pytest.mark.parametrize(("duration_s", "source"), [(58.0, "none"), (70.0, "speed")])
def test_what_has_no_room_for_two_bouts_is_not_looked_at(duration_s: float, source: str) -> None:
    evidence = PaceEvidence(
        speed=track([(duration_s, 3.0)]), pelvis=rhythm_of(np.full(round(duration_s), 3.0))
    )
    (bout,) = bouts_of(strides_over(duration_s), evidence)

    assert (bout.pace, bout.pace_source) == ("other", source)


def test_speed_is_asked_before_the_pelvis() -> None:
    """Also where it sees one pace and the pelvis would see two."""
    pelvis = rhythm_of(speeds(INTERVALS))
    (bout,) = bouts_of(
        strides_over(1080.0), PaceEvidence(speed=track([(1080.0, 3.0)]), pelvis=pelvis)
    )

    assert (bout.pace, bout.pace_source) == ("other", "speed")


@pytest.mark.parametrize("speed", [0.0, 0.4, 25.0, np.nan])
def test_a_watch_without_satellites_is_not_asked(speed: float) -> None:
    watch = watch_file(INTERVALS, speed_m_s=np.full(1080, speed))
    pelvis = rhythm_of(speeds(INTERVALS))
    bouts = bouts_of(strides_over(1080.0), PaceEvidence(activity=watch, pelvis=pelvis))

    assert {bout.pace_source for bout in bouts} == {"pelvis"}
    assert [bout.pace for bout in bouts] == ["easy", "fast"] * 6


def test_a_fast_stretch_that_is_only_downhill_is_no_pace() -> None:
    """Two minutes up and one down, at one effort; then the same speeds on the level."""
    grade = np.concatenate([np.repeat([0.04, -0.05], (120, 60))] * 6)
    paced = {}
    for name, course in (("hills", grade), ("level", np.zeros(1080))):
        watch = watch_file(((120.0, 2.7), (60.0, 3.5)) * 6, grade=course)
        bouts = bouts_of(strides_over(1080.0), PaceEvidence(activity=watch))
        paced[name] = {(bout.pace, bout.pace_source) for bout in bouts}

    assert paced["hills"] == {("other", "speed")}
    assert paced["level"] == {("easy", "speed"), ("fast", "speed")}


@pytest.mark.parametrize(
    ("step_power", "bounce_power"), [(0.3, 0.0), (0.0, 0.6), (0.5, -0.1), (-0.1, 0.6)]
)
def test_a_rhythm_of_which_only_one_half_changes_is_no_pace(
    step_power: float, bounce_power: float
) -> None:
    pelvis = rhythm_of(speeds(INTERVALS), None, step_power, bounce_power)
    (bout,) = bouts_of(strides_over(1080.0), PaceEvidence(pelvis=pelvis))

    assert (bout.pace, bout.pace_source) == ("other", "pelvis")


def test_a_pelvis_sensor_out_of_reach_has_no_bounce_to_speak_of() -> None:
    """Without samples it looks like standing; that there is no rhythm says that it is not."""
    whole = rhythm_of(speeds(INTERVALS))
    lost = np.mod(whole.t_s, 180.0) > 155.0
    pelvis = PelvisRhythm(
        whole.t_s,
        np.where(lost, np.nan, whole.step_rate_hz),
        np.where(lost, 0.01, whole.bounce_m_s2),
    )
    found = bouts_of(strides_over(1080.0), PaceEvidence(pelvis=pelvis))
    trusted = bouts_of(strides_over(1080.0), PaceEvidence(speed=track(INTERVALS), pelvis=pelvis))

    assert [bout.pace for bout in found] == ["easy", "fast"] * 6
    assert [bout.pace for bout in trusted] == ["easy", "fast"] * 6
    assert {bout.pace_source for bout in trusted} == {"speed"}
