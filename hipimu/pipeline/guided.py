"""Which sensor is worn where: asked of the movement, in a short guided start."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from hipimu.data import SEGMENTS, FloatArray, ImuBlock
from hipimu.motion.guided_start import Step, progress
from hipimu.motion.role_suggestion import RoleSuggestion, suggest_roles
from hipimu.pipeline.assigned import Assigned
from hipimu.pipeline.choose_sensors import Recognised, RoleRequest, assign
from hipimu.pipeline.radio import RadioPath
from hipimu.pipeline.stream import stream
from hipimu.sources.ble import Backend

LONGEST_S = 90.0
_LOOK_EVERY = 3
"""Looking is worth it at every third handful of samples: 0.75 s."""

RawSamples = tuple[FloatArray, FloatArray, FloatArray]


class Guide:
    """Collects what unnamed sensors send, and says what the runner should do next.

    Parameters
    ----------
    addresses : dict
        Provisional name → address of the device.
    on_step : callable
        Called with each new step: ``"stand"``, ``"lift"``, ``"walk"``, ``"done"``.
    """

    def __init__(self, addresses: dict[str, str], on_step: Callable[[Step], None]) -> None:
        self._addresses, self._on_step = addresses, on_step
        self._blocks: dict[str, list[ImuBlock]] = {name: [] for name in addresses}
        self._step: Step | None = None
        self._calls = 0

    def take(self, path: RadioPath, blocks: list[ImuBlock]) -> bool:
        """Take new samples; return whether everything was seen."""
        del path
        for block in blocks:
            self._blocks[block.sensor].append(block)
        self._calls += 1
        if self._calls % _LOOK_EVERY or not all(self._blocks.values()):
            return False
        step = progress(self.samples()).next
        if step != self._step:
            self._step = step
            self._on_step(step)
        return step == "done"

    def samples(self) -> dict[str, RawSamples]:
        """Return what each device sent so far, by its address."""
        return {
            self._addresses[name]: (
                np.concatenate([b.t_s for b in blocks]),
                np.concatenate([b.gyr_rad_s for b in blocks]),
                np.concatenate([b.acc_m_s2 for b in blocks]),
            )
            for name, blocks in self._blocks.items()
            if blocks
        }


async def ask_the_movement(
    devices: Sequence[Recognised],
    on_step: Callable[[Step], None],
    *,
    backend: Backend | None = None,
) -> RoleSuggestion:
    """Let devices stream until the runner has stood, lifted the left knee and walked.

    Parameters
    ----------
    devices : sequence of Recognised
        Two or three sensors for movement.
    on_step : callable
        Called with what the runner should do next.
    backend : Backend or None
        None: the system's Bluetooth.

    Returns
    -------
    RoleSuggestion
        By address.

    Raises
    ------
    SensorError
        When one of them does not deliver.
    """
    assigned = _provisional(devices)
    names = {entry.sensor: entry.heard.advertisement.address for entry in assigned}
    guide = Guide(names, on_step)
    await stream(assigned, LONGEST_S, backend=backend, on_blocks=guide.take)
    return suggest_roles(guide.samples())


def _provisional(devices: Sequence[Recognised]) -> list[Assigned]:
    """Give devices any segment each: samples need one, and which does not matter here."""
    requests = [
        RoleRequest(segment, device.heard.advertisement.address)
        for segment, device in zip(SEGMENTS, devices, strict=False)
    ]
    return assign(devices, requests)
