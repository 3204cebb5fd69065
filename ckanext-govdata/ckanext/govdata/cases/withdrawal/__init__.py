"""Withdrawal (LYG-26, LYG-34): a dataset that leaked is shut on every route, its holders are told, and what leaked is sealed."""
