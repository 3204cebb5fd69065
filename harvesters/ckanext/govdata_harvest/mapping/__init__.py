"""Mapping: from a list's own columns and words to the fields and keys of the catalogue. The vocabularies are data."""
