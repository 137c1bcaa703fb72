"""What a service that has been running for months answers: `python -m bench.archive`."""
