"""Complaints (投诉): the record, and the statistics by class."""
