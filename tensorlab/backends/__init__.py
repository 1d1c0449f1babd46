"""Floor 4: machines that run programs. A back end implements words and steps, never particular ops."""
