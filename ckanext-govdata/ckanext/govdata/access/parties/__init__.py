"""Parties: who uses data as whom. A person or an enterprise, its people, its proof of identity, its blocks."""
