"""Sessions over weeks: pure functions on summaries of sessions."""

from hipimu.compare.comparable import comparable
from hipimu.compare.differences import differences
from hipimu.compare.squad import squad
from hipimu.compare.trends import trend, trends

__all__ = ["comparable", "differences", "squad", "trend", "trends"]
