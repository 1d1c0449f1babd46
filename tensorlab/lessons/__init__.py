"""Lessons: notebooks that are made from texts, checked, run again and given away. `python -m tensorlab lessons` is the door.

Floor 6. Nothing here is imported by `import tensorlab`; what a command needs beyond Python is imported when the command runs.

    cells       a notebook as it is stored: cells, tags, outputs, without a kernel
    python      what Python a cell holds, without its magics
    findings    one line for the author: file, cell, what, what to do
    outcome     rules on what was run and stored
    repeat      rules on what differs from run to run and from machine to machine
    reading     rules on headings and on words for pictures
    links       rules on links and badges
    twins       rules on texts and the notebooks made from them
    mistakes    what goes wrong
    check       all rules, over a notebook or a folder
    texts       texts in MyST, and the notebooks that they describe
    slides      where cells stand on slides
    making      executing texts and notebooks, and writing what came out
    isomorphism whether two graphs, as data, are one
    agreement   whether two outputs say the same: graphs by isomorphism, numbers by tolerance
    formulas    how formulas stand in a page: MathML, or MathJax
    pages       notebooks as pages and slides that need no network
    command     `python -m tensorlab lessons`
"""
