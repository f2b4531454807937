"""The terminal's face: the page for people on a laptop, or one line where there is less."""

from hipimu.tui.plain import PlainFace, run_plain

__all__ = ["PlainFace", "run_plain"]
