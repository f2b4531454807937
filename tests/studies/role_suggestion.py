"""How often roles are suggested right: `python -m tests.studies.role_suggestion 200`.

So many random guided starts of each kind, the same for the same number; about six minutes for 200.
"""

from __future__ import annotations

import sys
from collections import Counter

from hipimu.data import SEGMENTS, Segment, Side
from hipimu.motion.role_suggestion import suggest_roles
from tests.guided_starts import heard_start, judged, mirrored

KINDS: dict[str, tuple[Side | None, int, tuple[Segment, ...]]] = {
    "three sensors, left knee twice": ("left", 2, SEGMENTS),
    "three sensors, no knee": (None, 2, SEGMENTS),
    "three sensors, left knee once": ("left", 1, SEGMENTS),
    "three sensors, right knee by mistake": ("right", 2, SEGMENTS),
    "pelvis and left thigh, left knee twice": ("left", 2, ("pelvis", "thigh_left")),
    "pelvis and right thigh, left knee twice": ("left", 2, ("pelvis", "thigh_right")),
    "pelvis and left thigh, no knee": (None, 2, ("pelvis", "thigh_left")),
    "pelvis and right thigh, no knee": (None, 2, ("pelvis", "thigh_right")),
    "both thighs, left knee twice": ("left", 2, ("thigh_left", "thigh_right")),
}


def study(count: int) -> None:
    """Print how often suggestions are right, for `count` random starts of each kind."""
    for kind, (lifted, lifts, segments) in KINDS.items():
        for axes in ("", ", some axes left-handed") if segments == SEGMENTS else ("",):
            found: Counter[str] = Counter()
            for seed in range(count):
                heard, worn = heard_start(seed, lifted, lifts, segments)
                said = suggest_roles(mirrored(heard, seed) if axes else heard)
                found[f"{said.confidence} {judged(said.roles, worn)}"] += 1
            print(f"{kind}{axes}: {dict(sorted(found.items()))}", flush=True)


if __name__ == "__main__":
    study(int(sys.argv[1]))
