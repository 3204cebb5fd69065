"""Harvesters written for ckanext-harvest (`IHarvester`), run in a process of their own in which they can write nothing."""
