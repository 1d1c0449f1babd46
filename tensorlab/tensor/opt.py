"""The namespace `T.opt`: Theano's place of asserts. It re-exports and defines nothing."""

from ..ops.asserting import Assert, assert_op

__all__ = ["Assert", "assert_op"]


def __dir__() -> list[str]:
    return __all__
