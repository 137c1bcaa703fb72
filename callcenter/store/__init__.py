"""What is kept: tables, their migrations, and the questions asked of them."""
