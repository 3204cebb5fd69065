"""The engine that takes agencies' lists in: reading, mapping, deciding, writing, reporting."""
