"""What is said of axes that gait shows only faintly."""

from __future__ import annotations

from collections.abc import Mapping

from hipimu.data import Segment

GAIT_S = 20.0
"""So much gait is enough to find the axes in."""
CLEAR_MARGIN = 0.5
"""From this margin on a sign counts as decided."""
_CLEAR_RATIO = 1.5


def about(
    ratio: Mapping[Segment, float], margin: Mapping[Segment, float], gait_s: float
) -> list[str]:
    """Return one sentence for each doubt.

    Parameters
    ----------
    ratio, margin : dict
        Segment → how clearly its axis stands out, and how far the votes on its sign agree.
    gait_s : float
        How much gait there was.
    """
    said = []
    if gait_s < GAIT_S:
        said.append(
            f"only {gait_s:.0f} s of gait were there to find the axes in, {GAIT_S:.0f} s are better"
        )
    for segment, value in ratio.items():
        if value < _CLEAR_RATIO:
            said.append(f"the {segment}'s medio-lateral axis does not stand out clearly")
    for segment, value in margin.items():
        if value < CLEAR_MARGIN:
            said.append(f"the {segment}'s sign self-test is undecided: flexion may be reversed")
    return said
