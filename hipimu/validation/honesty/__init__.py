"""Do the intervals of fatigue keep their promise? Sessions whose truth is known, many times."""

from hipimu.validation.honesty.scenarios import SCENARIOS, Scenario
from hipimu.validation.honesty.study import Asked, Outcomes, Study, run_study

__all__ = ["SCENARIOS", "Asked", "Outcomes", "Scenario", "Study", "run_study"]
