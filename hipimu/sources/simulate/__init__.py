"""A simulated runner with known truth: plan → stride table → motion → sensors → files."""

from hipimu.sources.simulate.plan import Plan, demo_plan, read_plan
from hipimu.sources.simulate.worn import WornMotion
from hipimu.sources.simulate.writer import Simulated, simulate

__all__ = ["Plan", "Simulated", "WornMotion", "demo_plan", "read_plan", "simulate"]
