"""Random numbers: every fault has a stream of its own, so that none moves another's draws."""

from __future__ import annotations

import numpy as np


def stream(seed: int, *names: str) -> np.random.Generator:
    """Return the generator of one concern, the same for the same seed and names.

    Parameters
    ----------
    seed : int
    *names : str
        Concern and, where each has its own, the sensor: ``"slip", "pelvis"``.
    """
    key = tuple("/".join(names).encode())
    return np.random.default_rng(np.random.SeedSequence(seed, spawn_key=key))
