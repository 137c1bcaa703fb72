"""The pages of the reports, and the lists that their figures lead to."""
