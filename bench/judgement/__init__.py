"""How well harassment, complaint and ordinary talk are told apart: a set, noise, and a report."""
