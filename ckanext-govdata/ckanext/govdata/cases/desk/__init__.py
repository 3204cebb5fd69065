"""One desk: all kinds of cases in one list with due days, notes and hand-over, and the figures of a year."""
