"""Who may do what: officers, the capacities of an agency's people, and a short list of named permissions."""
