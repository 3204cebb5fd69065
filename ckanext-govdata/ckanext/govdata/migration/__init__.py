"""Migrations of the plugin's tables, and what several of them share. A helper here never changes what it makes."""
