"""What people say of datasets (LYG-18, LYG-29, GY-c6): ratings, questions, suggestions, and what they made with the data."""
