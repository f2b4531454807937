"""Low-pass a whole series without delay, with its derivatives and between its samples.

Differences of raw samples make noise of angles; each derivative here is taken of the series after a
low-pass, in one step, so that all have one band and no delay. 12 Hz keep five harmonics of a
sprinter's stride (2.3 Hz); what lies above is straps and skin.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy import fft

from hipimu.data import FloatArray

ComplexArray = NDArray[np.complex128]

BAND_HZ: Final = 12.0
_ORDER: Final = 4
_MARGIN_S: Final = 1.0
"""The filter has forgotten what was so long ago: e⁻²⁸ is left of it."""


@dataclass(frozen=True, slots=True, eq=False)
class Smooth:
    """A low-passed series, to be asked for its values and derivatives."""

    spectrum: ComplexArray
    """Of the series continued beyond both ends."""
    frequency_hz: FloatArray
    rate_hz: float
    samples: int
    margin: int
    """Samples before the first."""
    padded: int

    def series(self, order: int, factor: int) -> FloatArray:
        """Return a derivative at `factor` times the rate.

        Parameters
        ----------
        order : int
            0 for the values themselves.
        factor : int

        Returns
        -------
        ((samples − 1)·factor + 1,)
            In units of the values per secondᵒʳᵈᵉʳ.
        """
        turned = self.spectrum * (2j * np.pi * self.frequency_hz) ** order
        whole = fft.irfft(turned, n=factor * self.padded) * factor
        start = factor * self.margin
        return np.asarray(whole[start : start + factor * (self.samples - 1) + 1])

    def analytic(self, above_hz: float) -> ComplexArray:
        """Return the values and, as imaginary part, their Hilbert transform, (samples,).

        Parameters
        ----------
        above_hz : float
            What is slower is taken out, gently. A Hilbert transform forgets slowly: a change of
            the mean, as when a walk becomes a run, would be felt for a minute.
        """
        kept = 1.0 - 1.0 / (1.0 + (self.frequency_hz / above_hz) ** 4)
        both = np.zeros(self.padded, dtype=np.complex128)
        both[: len(self.spectrum)] = 2.0 * kept * self.spectrum
        whole = fft.ifft(both)
        return np.asarray(whole[self.margin : self.margin + self.samples])


def smooth(values: FloatArray, rate_hz: float) -> Smooth:
    """Low-pass a series at 12 Hz: a fourth-order Butterworth filter, forward and backward.

    Parameters
    ----------
    values : (n,)
        Finite, n ≥ 2.
    rate_hz : float
    """
    margin = max(round(_MARGIN_S * rate_hz), 1)
    padded = fft.next_fast_len(len(values) + 2 * margin, real=True)
    # continued by its own reflection in the end point: no jump of value or slope
    continued = np.pad(
        values, (margin, padded - len(values) - margin), "reflect", reflect_type="odd"
    )
    frequency = fft.rfftfreq(padded, 1.0 / rate_hz)
    gain = 1.0 / (1.0 + (frequency / BAND_HZ) ** (2 * _ORDER))
    if padded % 2 == 0:
        gain[-1] = 0.0  # the last frequency has no phase, so no derivative
    return Smooth(fft.rfft(continued) * gain, frequency, rate_hz, len(values), margin, padded)


def filled(values: FloatArray) -> FloatArray:
    """Put straight lines where values are missing; nothing but zeros where all are."""
    known = np.isfinite(values)
    if known.all():
        return values
    if not known.any():
        return np.zeros(len(values))
    at = np.arange(len(values), dtype=np.float64)
    return np.asarray(np.interp(at, at[known], values[known]))
