"""Tests of the recogniser room, through the real engine and the bundled model."""
