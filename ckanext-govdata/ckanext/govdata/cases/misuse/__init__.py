"""Reports of misuse (LYG-25, LYG-38): anybody reports unlawful use without a name; whoever handles it alone reads it."""
