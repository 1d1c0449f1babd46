# The slides multiply matrices of 10000 rows; 300 are enough to see that it works.
import tensorlab as theano
import tensorlab.tensor as T
import numpy
import time

X = T.matrix(dtype='float32')
Y = T.matrix(dtype='float32')
Z = T.dot(X, Y)
f = theano.function([X, Y], Z)

x = numpy.random.randn(300, 300).astype(dtype='float32')
y = numpy.random.randn(300, 300).astype(dtype='float32')
tStart = time.time()
z = f(x, y)
tEnd = time.time()
print("It cost %f sec" % (tEnd - tStart))
