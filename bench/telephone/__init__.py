"""How many calls the telephone holds, how evenly it speaks, and what that costs."""
