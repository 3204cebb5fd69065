"""Whose delivery a leaked file is consistent with: marks in row order and format, and the score that reads them. Pure."""
