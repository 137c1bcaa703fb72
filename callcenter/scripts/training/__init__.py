"""Makes the statistical judge's model out of labelled lines; never imported by the service."""
