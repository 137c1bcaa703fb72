"""How big a centre must be: queues by formula, nodes by simulation, both checked by a real run."""
