"""What people and programs see: the API, the pages, the live stream. Reaches calls by ports."""
