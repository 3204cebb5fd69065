"""Verification: `verify.py`, one file that anybody runs without the portal; the portal's own page runs the same file."""
