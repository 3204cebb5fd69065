"""Verification: `verify.pyz` (see packed.py), one file that anybody runs without the portal; the portal runs the same modules."""
