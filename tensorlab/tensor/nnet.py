"""The namespace `T.nnet`: what neural networks are made of. It re-exports and defines nothing."""

from ..ops.classification import (
    binary_crossentropy,
    categorical_crossentropy,
    logsoftmax,
    sigmoid_binary_crossentropy,
    softmax,
)
from ..ops.neural import elu, hard_sigmoid, relu, selu, sigmoid, softplus, softsign, ultra_fast_sigmoid
from ..ops.normalization import batch_normalization

__all__ = [
    "batch_normalization",
    "binary_crossentropy",
    "categorical_crossentropy",
    "elu",
    "hard_sigmoid",
    "logsoftmax",
    "relu",
    "selu",
    "sigmoid",
    "sigmoid_binary_crossentropy",
    "softmax",
    "softplus",
    "softsign",
    "ultra_fast_sigmoid",
]


def __dir__() -> list[str]:
    return __all__
