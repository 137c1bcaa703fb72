"""Evidence packages: gathered, told, written, packed."""
