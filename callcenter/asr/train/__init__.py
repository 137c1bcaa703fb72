"""Builds the bundled model: its words and graph, and what it hears. Not needed to run calls."""
