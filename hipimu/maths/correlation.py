"""How alike two series with gaps are at each lag."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import fft

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


class Agreement(NamedTuple):
    """How alike two series are at each lag at which they overlap, (k,) each."""

    lag: IntArray
    """left[i] is beside right[i + lag]."""
    r: FloatArray
    """Pearson's correlation; NaN where either side does not vary."""
    concordance: FloatArray
    """Lin's: like r, but below it where level or scale differ; NaN where either does not vary."""
    known: FloatArray
    """Samples known on both sides."""


def lagged_agreement(left: FloatArray, right: FloatArray, least_sd: float) -> Agreement:
    """Compare two evenly sampled series at every lag, over what both know there.

    Sums, squares and products of what overlaps come from FFTs (D. Padfield, Masked object
    registration in the Fourier domain, IEEE Transactions on Image Processing 21:2706–2718, 2012).
    Concordance is 2 cov ÷ (var + var + (difference of means)²) (L. Lin, A concordance correlation
    coefficient to evaluate reproducibility, Biometrics 45:255–268, 1989).

    Parameters
    ----------
    left : (n,)
        NaN where unknown.
    right : (m,)
        NaN where unknown.
    least_sd : float
        Where either side varies less, it does not vary.

    Returns
    -------
    Agreement
        At n + m − 1 lags, ascending.
    """
    size = fft.next_fast_len(len(left) + len(right))

    def lagged(x: FloatArray, y: FloatArray) -> FloatArray:
        product = fft.irfft(np.conj(fft.rfft(x, size)) * fft.rfft(y, size), size)
        return np.concatenate((product[size - len(left) + 1 :], product[: len(right)]))

    # About one common level, so that squares of small differences keep their digits.
    level = _mean(np.concatenate((left, right)))
    (a, m), (b, n) = _filled(left - level), _filled(right - level)
    known = np.rint(lagged(m, n))
    each = np.maximum(known, 1.0)
    moments = Moments(
        lagged(a, n) / each,
        lagged(m, b) / each,
        lagged(a * a, n) / each,
        lagged(m, b * b) / each,
        lagged(a, b) / each,
    )
    r, concordance = moments.agreement(least_sd)
    return Agreement(np.arange(1 - len(left), len(right)), r, concordance, known)


class Moments(NamedTuple):
    """Means of two series and of their products, (k,) each."""

    a: FloatArray
    b: FloatArray
    aa: FloatArray
    bb: FloatArray
    ab: FloatArray

    def agreement(self, least_sd: float) -> tuple[FloatArray, FloatArray]:
        """Pearson's r and Lin's concordance, (k,); NaN where either varies less than said."""
        cov = self.ab - self.a * self.b
        var_a, var_b = self.aa - self.a**2, self.bb - self.b**2
        varies = (var_a >= least_sd**2) & (var_b >= least_sd**2) & (var_a * var_b > 0)
        product = np.where(varies, var_a * var_b, 1.0)
        spread = np.where(varies, var_a + var_b + (self.a - self.b) ** 2, 1.0)
        r = np.clip(cov / np.sqrt(product), -1.0, 1.0)
        return np.where(varies, r, np.nan), np.where(varies, 2 * cov / spread, np.nan)


def _mean(values: FloatArray) -> float:
    known = values[~np.isnan(values)]
    return float(known.mean()) if len(known) else 0.0


def _filled(values: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Values, 0 where unknown, and 1 where known."""
    known = ~np.isnan(values)
    return np.where(known, values, 0.0), known.astype(np.float64)
