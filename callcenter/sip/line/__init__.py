"""Telephone lines: the sockets, clocks and names around signalling and sound."""
