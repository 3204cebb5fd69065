"""Objections (LYG-20, GY-c5): anybody says what is wrong, the agency verifies and acts, all who have it hear of it."""
