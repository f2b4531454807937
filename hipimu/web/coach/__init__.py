"""The coach's pages: athletes and their sessions over weeks, served on this computer."""

from hipimu.web.coach.server import PORT, CoachServer

__all__ = ["PORT", "CoachServer"]
