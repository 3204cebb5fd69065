"""Rule packs: each city's rule on public data as data, every entry with its article and words. Pure."""
