"""The desks of calls: live, wall, review, replay, cases, blocks, rules."""
