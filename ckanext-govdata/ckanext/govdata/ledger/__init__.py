"""The ledger: what was done with data, by whom and when, kept so that nobody changes it without being seen."""
