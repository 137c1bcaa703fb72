"""What programs elsewhere are told of what happens here: facts, forms, and what is yet to leave."""
