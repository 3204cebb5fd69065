"""Requests for data (YZ-28, GY-c5, LYG-18): what no list has is asked for, joined by others, agreed or refused, and opened."""
