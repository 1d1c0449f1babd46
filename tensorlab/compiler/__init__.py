"""Floor 5: where the floors meet. From symbols to a function that can be called."""
