"""Differential testing: random graphs, computed in several ways that must agree.

Floor 6. `python -m tensorlab.testing.fuzz --count 20000 --jobs 2` is run before a release, 500 graphs with every test run.

    dice       choices that depend on a seed alone
    leaves     the inputs, shared variables and constants of a random graph, and their values
    recipes    a graph as data: one line of JSON from which it is built again
    choosing*  for every card, operands that it takes
    growing    a recipe from a seed
    exact      what a graph means, computed with more digits
    doubt      how far rounding alone may move a result
    running    a graph compiled in one mode, called, and watched
    judging    results compared with what the graph means
    shrinking  a smaller recipe that still goes wrong
    fuzz       the command
    lessons     a plugin for pytest that compares notebooks, for teachers (docs/teaching.md)
"""
