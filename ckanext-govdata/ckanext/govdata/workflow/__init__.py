"""State machines that PostgreSQL enforces: no step is skipped, nothing is decided twice, no history is edited.

Rooms define machines in their pure code, register them, and move cases by `cases.open_case` and `cases.take`.
"""
