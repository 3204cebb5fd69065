"""Signatures in the PDF (PAdES with timestamp): keys, timestamps, seal providers, three levels."""
