"""Where samples come from: recording folders, vendor exports, simulated runners."""

from hipimu.sources.recording import Recording, open_recording

__all__ = ["Recording", "open_recording"]
