"""Data that is held here: the files of a dataset as numbered versions, each with its digest and where it came from."""
