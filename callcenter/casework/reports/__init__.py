"""Figures of a time: calls, promises, the ladder."""
