"""Model texts and the vocabulary of use codes."""
