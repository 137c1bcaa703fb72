"""Whole calls over loopback: real SIP, RTP, Vosk, database and HTTP."""
