"""A demo company with a month of plausible calls, so that every page and report has something to
show: an agenda of deeds, done one after the other through the books."""
