"""Floor 2: the operations, one card each. Read `families` first, then `arithmetic` for what a card looks like."""
