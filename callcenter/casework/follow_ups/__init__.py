"""Follow-ups (回访): the record, plans, lists, report."""
