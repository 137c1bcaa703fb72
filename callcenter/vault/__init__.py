"""Seals what nobody may read from the disk or the store: keys in a file, AES-GCM over them."""
