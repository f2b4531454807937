"""How accurate hipimu is: simulated sessions with known truth, and references from elsewhere."""

from hipimu.validation.run import Accuracy, Request, validate

__all__ = ["Accuracy", "Request", "validate"]
