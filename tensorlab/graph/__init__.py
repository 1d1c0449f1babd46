"""Floor 1: what an expression is. Types, nodes, ops in the abstract, and walks over graphs.

Nothing here knows a particular op. Read in this order: `types`, `node`, `op`, `walk`; then `syntax`
for how `x + y` reaches an addition that this floor has never heard of.
"""
