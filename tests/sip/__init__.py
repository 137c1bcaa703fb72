"""Tests of the sip room."""
