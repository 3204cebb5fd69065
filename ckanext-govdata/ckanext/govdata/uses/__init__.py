"""How data is used: statistics by COUNTER's rules for everybody, and tracing of single uses for those whom the rules name."""
