"""People who work here: accounts, appraisals, recovery breaks, shifts."""
