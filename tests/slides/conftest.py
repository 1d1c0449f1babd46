"""The numbered scripts are run by `test_slides.py`; pytest must not import them in search of doctests."""

collect_ignore_glob = ["[0-9]*.py"]
