"""Short forms of the drills in bench/drills."""
