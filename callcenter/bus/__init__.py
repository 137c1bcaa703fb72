"""Carries events to whoever listens: within one process now, across nodes later."""
