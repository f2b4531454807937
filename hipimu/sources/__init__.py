"""Where samples come from: recording folders, vendor exports, simulated runners."""

from hipimu.sources.fingerprint import Fingerprint, fingerprint
from hipimu.sources.recording import Recording, open_recording

__all__ = ["Fingerprint", "Recording", "fingerprint", "open_recording"]
