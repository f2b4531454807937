"""Peaks of made-up hip angles, whose times and values are known."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hipimu.data import Flag, FloatArray, HipAngleBlock, Reason, Side, Stride
from hipimu.gait import FindStrides
from hipimu.stage import part

MIDDLE_RAD, AMPLITUDE_RAD, STRIDE_S = 0.15, 0.55, 0.75
MILLISECOND = 1e-3
HUNDREDTH_DEGREE = np.radians(0.01)


def curve(
    t_s: FloatArray, stride_s: float = STRIDE_S, amplitude_rad: float = AMPLITUDE_RAD
) -> FloatArray:
    """A cosine that begins deep in extension: peak flexion at (k + ½) strides."""
    return MIDDLE_RAD - amplitude_rad * np.cos(2 * np.pi * t_s / stride_s)


def block(
    flexion_rad: FloatArray, *, rate_hz: float = 100.0, side: Side = "right", flight: float = 0.2
) -> HipAngleBlock:
    """Angles that go with a flexion curve; the pelvis floats for a share of each 0.25 s."""
    t_s = np.arange(len(flexion_rad)) / rate_hz
    zero = np.zeros_like(t_s)
    floating = (t_s / 0.25) % 1.0 < flight
    return HipAngleBlock(
        side=side,
        t_s=t_s,
        rate_hz=rate_hz,
        flexion_rad=flexion_rad,
        adduction_rad=zero,
        rotation_rad=zero,
        thigh_rad=flexion_rad,
        pelvis_tilt_rad=zero,
        pelvis_obliquity_rad=zero,
        pelvis_rotation_rad=zero,
        pelvis_acc_m_s2=np.where(floating, 2.0, 12.0),
        hip_force_m_s2=zero,
        flags=np.zeros(len(t_s), dtype=np.uint8),
    )


def found(*blocks: HipAngleBlock) -> list[Stride]:
    stage = FindStrides()
    return [stride for b in blocks for stride in stage.push(b)] + stage.flush()


def seconds(n: float, rate_hz: float = 100.0) -> FloatArray:
    return np.arange(round(n * rate_hz)) / rate_hz


def smooth_step(t_s: FloatArray, start_s: float, length_s: float, height: float) -> FloatArray:
    """From 0 to `height` along half a cosine."""
    share = np.clip((t_s - start_s) / length_s, 0.0, 1.0)
    return 0.5 * height * (1 - np.cos(np.pi * share))


@pytest.mark.parametrize("rate_hz", [60.0, 100.0, 200.0])
def test_peaks_are_found_between_samples(rate_hz: float) -> None:
    shift_s = 0.1234
    strides = found(block(curve(seconds(10.0, rate_hz) - shift_s), rate_hz=rate_hz))
    k = np.arange(len(strides))

    assert len(strides) == 13
    assert [s.stride for s in strides] == k.tolist()
    np.testing.assert_allclose(
        [s.t_peak_flexion_s for s in strides], shift_s + (k + 0.5) * STRIDE_S, atol=MILLISECOND
    )
    np.testing.assert_allclose(
        [s.t_peak_extension_s for s in strides], shift_s + k * STRIDE_S, atol=MILLISECOND
    )
    for stride in strides:
        assert stride.peak_flexion_rad == pytest.approx(0.70, abs=HUNDREDTH_DEGREE)
        assert stride.peak_extension_rad == pytest.approx(0.40, abs=HUNDREDTH_DEGREE)
        assert stride.t_peak_extension_s < stride.t_peak_flexion_s


@given(
    st.floats(0.5, 1.2), st.floats(0.3, 0.9), st.floats(0.0, 1.0), st.sampled_from([50.0, 128.0])
)
def test_every_rise_is_one_stride(
    stride_s: float, amplitude_rad: float, start: float, rate_hz: float
) -> None:
    t_s = seconds(12.0, rate_hz)
    strides = found(block(curve(t_s - start, stride_s, amplitude_rad), rate_hz=rate_hz))
    peaks = start + (np.arange(-2, 30) + 0.5) * stride_s
    valleys = peaks - 0.5 * stride_s
    whole = (valleys > 0.1) & (peaks < 12.0 - 0.25 * stride_s)

    times = np.array([s.t_peak_flexion_s for s in strides])
    for expected in peaks[whole]:
        assert np.abs(times - expected).min() < 3 * MILLISECOND
    assert len(times) <= whole.sum() + 2


def test_the_stride_time_is_from_peak_to_peak_and_unknown_for_the_first() -> None:
    strides = found(block(curve(seconds(6.0))))

    assert strides[0].stride_time_s is None
    for stride in strides[1:]:
        assert stride.stride_time_s == pytest.approx(STRIDE_S, abs=MILLISECOND)


def test_a_stride_comes_out_before_the_foot_lands() -> None:
    """Half a turn of the angle back to 15 % of the range, and the width of the slope."""
    whole = block(curve(seconds(6.0)))
    stage = FindStrides()
    late_s = []
    for i, t_s in enumerate(whole.t_s):
        one = slice(i, i + 1)
        piece = replace(
            whole,
            **{
                name: getattr(whole, name)[one]
                for name in HipAngleBlock.__slots__
                if name not in ("side", "rate_hz")
            },
        )
        late_s += [t_s - stride.t_peak_flexion_s for stride in stage.push(piece)]

    assert len(late_s) == 7
    assert max(late_s) < 0.15


@pytest.mark.parametrize(
    ("flight", "gait"), [(0.0, "walking"), (0.02, "walking"), (0.2, "running"), (0.5, "running")]
)
def test_running_is_told_by_flight(flight: float, gait: str) -> None:
    strides = found(block(curve(seconds(8.0, 200.0)), rate_hz=200.0, flight=flight))

    assert {s.gait for s in strides} == {gait}


def test_sides_do_not_mix() -> None:
    left = replace(block(curve(seconds(6.0))), side="left")
    right = block(curve(seconds(6.0) - 0.375))
    strides = found(left, right)

    for side, first in (("left", 1.125), ("right", 0.75)):
        own = [s for s in strides if s.side == side]
        assert [s.stride for s in own] == list(range(len(own)))
        assert own[0].t_peak_flexion_s == pytest.approx(first, abs=MILLISECOND)


class TestWhatIsNoStride:
    def test_sway_and_noise_in_standing(self) -> None:
        t_s = seconds(20.0)
        noise = np.random.default_rng(3).normal(0, np.radians(0.3), len(t_s))
        assert found(block(np.radians(4.0) * np.sin(2 * np.pi * 0.8 * t_s) + noise)) == []

    def test_a_slow_deep_bend(self) -> None:
        assert found(block(np.radians(30.0) * np.sin(2 * np.pi * 0.2 * seconds(20.0)))) == []

    def test_ringing_after_the_impact(self) -> None:
        t_s = seconds(12.0, 200.0)
        since = (t_s - 0.45) % STRIDE_S  # just after peak flexion
        ringing = np.radians(2.5) * np.exp(-since / 0.03) * np.sin(2 * np.pi * 18.0 * since)
        ringing[t_s < 0.45] = 0.0
        strides = found(block(curve(t_s) + ringing, rate_hz=200.0))

        assert len(strides) == len(found(block(curve(t_s), rate_hz=200.0)))
        for stride in strides[1:]:
            assert stride.stride_time_s == pytest.approx(STRIDE_S, abs=0.02)

    def test_a_small_swing_among_large_ones(self) -> None:
        """A stumble of less than half the usual swing rate, without a pause before it."""
        t_s = seconds(9.0)
        stumble = (t_s >= 6.0) & (t_s < 6.75)
        small = MIDDLE_RAD - AMPLITUDE_RAD + 0.3 * (curve(t_s) - MIDDLE_RAD + AMPLITUDE_RAD)
        strides = found(block(np.where(stumble, small, curve(t_s))))

        assert len(strides) == 10
        assert not any(6.0 < s.t_peak_flexion_s < 6.75 for s in strides)
        after = next(s for s in strides if s.t_peak_flexion_s > 6.75)
        assert after.stride_time_s is None

    def test_a_second_swing_too_soon(self) -> None:
        """Two rises within 0.6 of a stride: the knee was lifted twice, it was one stride."""
        t_s = seconds(9.0)
        dip = np.abs(t_s - 6.375) < 0.15
        notch = np.where(dip, -0.6 * np.cos((t_s - 6.375) / 0.15 * np.pi / 2) ** 2, 0.0)
        plain, notched = found(block(curve(t_s))), found(block(curve(t_s) + notch))

        assert len(notched) == len(plain)


@pytest.mark.parametrize("slow_s", [0.74, 1.0, 1.2])
def test_no_stride_is_missed_when_the_stride_time_halves(slow_s: float) -> None:
    """A walk or an easy run that breaks into a sprint from one stride to the next."""
    sprint_s, change_s, rate_hz = 0.43, 10 * slow_s, 200.0
    t_s = seconds(change_s + 20 * sprint_s, rate_hz)
    slow = curve(t_s, slow_s, amplitude_rad=0.4)
    fast = curve(t_s - change_s, sprint_s, amplitude_rad=0.9) + 0.5
    strides = found(block(np.where(t_s < change_s, slow, fast), rate_hz=rate_hz))

    sprinting = [s.t_peak_flexion_s for s in strides if s.t_peak_flexion_s > change_s]
    expected = change_s + (np.arange(len(sprinting)) + 0.5) * sprint_s
    np.testing.assert_allclose(sprinting, expected, atol=0.01)
    assert len(sprinting) >= 19


@pytest.mark.parametrize("length", [7, 100, 10_000])
def test_a_knee_held_up_is_no_stride_however_the_samples_come(length: int) -> None:
    """Longer than anything is remembered: eight seconds between the rise and the fall."""
    top_s = 4.5 * STRIDE_S  # at peak flexion
    before, after = seconds(top_s), seconds(6.0) + top_s
    held = np.full(800, MIDDLE_RAD + AMPLITUDE_RAD) + 0.002 * np.sin(np.arange(800))
    whole = block(np.concatenate((curve(before), held, curve(after))))
    n = len(whole.t_s)
    pieces = [part(whole, start, min(start + length, n)) for start in range(0, n, length)]
    strides = found(*pieces)

    times = [s.t_peak_flexion_s for s in strides]
    np.testing.assert_allclose(times[:3], (np.arange(3) + 1.5) * STRIDE_S, atol=0.01)
    later = top_s + 8.0 + (np.arange(len(times) - 3) + 1) * STRIDE_S
    np.testing.assert_allclose(times[3:], later, atol=0.02)
    assert len(later) >= 6
    assert strides == found(whole)


def test_of_two_tops_the_higher_is_the_peak() -> None:
    t_s = seconds(6.0, 200.0)
    peak = curve(t_s) > MIDDLE_RAD + 0.8 * AMPLITUDE_RAD
    wave = np.where(peak, np.radians(1.5) * np.sin(2 * np.pi * t_s / 0.12), 0.0)
    angle = curve(t_s) + wave
    for stride in found(block(angle, rate_hz=200.0)):
        near = np.abs(t_s - stride.t_peak_flexion_s) < 0.2
        assert stride.peak_flexion_rad == pytest.approx(angle[near].max(), abs=np.radians(0.1))


def test_after_a_break_smaller_swings_count_again() -> None:
    t_s = seconds(20.0)
    moving = curve(t_s)
    rest = MIDDLE_RAD - AMPLITUDE_RAD
    small = rest + 0.3 * (moving - rest)
    angle = np.where(t_s < 7.5, moving, np.where(t_s < 12.0, rest, small))
    strides = found(block(angle))
    before = [s for s in strides if s.t_peak_flexion_s < 7.5]
    after = [s for s in strides if s.t_peak_flexion_s > 12.0]

    assert len(before) == 9  # the first rise begins before the recording
    assert len(after) == 10
    assert after[0].stride_time_s is None
    assert after[1].stride_time_s == pytest.approx(STRIDE_S, abs=MILLISECOND)
    assert [s.stride for s in strides] == list(range(19))


@pytest.mark.parametrize(
    ("flag", "quality", "reason"),
    [
        (Flag.GAP, 0.0, Reason.GAP),
        (Flag.SHORT_GAP, 0.5, Reason.GAP),
        (Flag.CLIPPED, 0.5, Reason.CLIPPED),
    ],
)
def test_one_marked_sample_marks_its_stride_alone(
    flag: Flag, quality: float, reason: Reason
) -> None:
    marked = block(curve(seconds(8.0)))
    marked.flags[400] = int(flag)  # between the peaks at 3.375 and 4.125 s
    strides = found(marked)
    own = [s for s in strides if s.reasons]

    assert [s.t_peak_flexion_s for s in own] == [pytest.approx(4.125, abs=MILLISECOND)]
    assert own[0].reasons == (reason,)
    assert own[0].quality == quality
    assert own[0].usable() is (quality > 0)
    assert all(s.quality == 1.0 for s in strides if s not in own)


def test_a_gap_outweighs_clipping() -> None:
    marked = block(curve(seconds(6.0)))
    marked.flags[300], marked.flags[310] = int(Flag.GAP), int(Flag.CLIPPED)
    (own,) = [s for s in found(marked) if s.reasons]

    assert (own.quality, own.reasons) == (0.0, (Reason.GAP, Reason.CLIPPED))


def test_pelvis_and_thigh_are_measured_over_the_stride() -> None:
    t_s = seconds(9.0)
    phase = 2 * np.pi * t_s / STRIDE_S
    whole = replace(
        block(curve(t_s)),
        thigh_rad=curve(t_s) - 0.1,
        pelvis_tilt_rad=0.12 + 0.03 * np.sin(phase),
        pelvis_obliquity_rad=0.05 * np.sin(phase),
        pelvis_rotation_rad=np.angle(np.exp(1j * (np.pi + 0.08 * np.sin(phase)))),
    )
    for stride in found(whole)[1:]:
        assert stride.pelvis_tilt_rad == pytest.approx(0.12, abs=1e-3)
        assert stride.pelvis_tilt_range_rad == pytest.approx(0.06, abs=1e-3)
        assert stride.pelvis_obliquity_range_rad == pytest.approx(0.10, abs=1e-3)
        assert stride.pelvis_rotation_range_rad == pytest.approx(0.16, abs=1e-3)  # across ±180°
        assert stride.thigh_peak_flexion_rad == pytest.approx(0.60, abs=2e-3)
        assert stride.thigh_peak_extension_rad == pytest.approx(0.50, abs=2e-3)


def test_an_hour_of_samples_is_not_kept() -> None:
    stage = FindStrides()
    whole = curve(seconds(60.0))
    sizes = []
    for _ in range(3):
        stage.push(block(whole))
        sizes.append(stage.state()["tracks"]["right"]["rows"].shape[1])

    assert max(sizes) < 500
    assert sizes[0] == sizes[-1]


def test_a_rise_that_takes_too_long_is_no_stride() -> None:
    t_s = seconds(8.0)
    slow = smooth_step(t_s, 2.0, 1.6, 1.4) - smooth_step(t_s, 4.0, 0.4, 1.4)
    quick = smooth_step(t_s, 2.0, 1.0, 1.4) - smooth_step(t_s, 4.0, 0.4, 1.4)
    ease = -smooth_step(t_s, 1.0, 0.6, 0.3)  # so that there is a turn before the rise

    assert found(block(slow + ease)) == []
    assert len(found(block(quick + ease))) == 1


def test_a_deep_turn_long_ago_does_not_hide_the_first_step() -> None:
    """Settling into standing 3 s before the first step goes deeper than the step's own low."""
    t_s = seconds(8.0)
    settling = -smooth_step(t_s, 0.5, 0.4, 0.3) + smooth_step(t_s, 1.0, 0.4, 0.05)
    step = -smooth_step(t_s, 4.0, 0.4, 0.02) + smooth_step(t_s, 4.5, 0.4, 0.9)
    back = -smooth_step(t_s, 5.0, 0.4, 0.8)
    strides = found(block(settling + step + back))

    assert len(strides) == 1
    assert 4.4 < strides[0].t_peak_extension_s < 4.6
