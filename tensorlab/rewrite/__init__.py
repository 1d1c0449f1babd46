"""Floor 3: from graph to graph, the same values said better. Rules are equations with a reason."""
