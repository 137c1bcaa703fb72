"""Sound on this machine: WAV files, recordings, the headset, the rendered voice.

Imports `core` and, each in one file: numpy (wav), sounddevice (headset), pyttsx3 (voice).
"""
