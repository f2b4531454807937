"""The unit in which tolerances of the truth tests are written."""

from __future__ import annotations

import numpy as np

DEGREE = np.pi / 180
