"""The rules, in files by subject."""
