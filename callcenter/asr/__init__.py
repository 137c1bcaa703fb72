"""The recogniser: who spoke what and when, from frames of sound, offline.

`gate` decides which frames are worth hearing, `decoder` turns them into segments in call time,
`ear` moves that off the event loop, `vosk_engine` joins them to Vosk, `models` guards the model.
"""

from callcenter.asr.models import bundled, check, resolve
from callcenter.asr.vosk_engine import VoskEngine

__all__ = ["VoskEngine", "bundled", "check", "resolve"]
