"""Floor 6: the notebook. Magics, formatters, pictures; thin, over functions that work anywhere."""
