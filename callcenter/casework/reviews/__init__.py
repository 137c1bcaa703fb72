"""What people judge of calls: the queue, verdicts as labels, rules tried on old calls."""
