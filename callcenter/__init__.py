"""A call-centre telephony agent that listens, offline, and leaves evidence that stands."""

__version__ = "0.1.0"
