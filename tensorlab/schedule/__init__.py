"""Floor 3: from a graph to a program, the order of work and the buffers it needs."""
