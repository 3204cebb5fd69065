"""Data with the list: the files that a list names are fetched, and held here as versions, for sources that ask for it."""
