"""`python -m benchmarks.compiler`: the door to `command.py`."""

import os

for _name in ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE"):  # they make OpenBLAS take other kernels than this processor's, and slow ones
    os.environ.pop(_name, None)  # before NumPy is imported, and for all processes that are started

from .command import main  # noqa: E402

if __name__ == "__main__":
    main()
