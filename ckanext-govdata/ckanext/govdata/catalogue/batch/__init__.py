"""The parts of writing in batches: the validation plan, the rows, the dictionaries and index documents."""
