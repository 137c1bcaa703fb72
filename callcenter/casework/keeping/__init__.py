"""How long things are kept, what may not be removed, and erasing what is kept of a person."""
