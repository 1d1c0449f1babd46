import tensorlab as theano
import tensorlab.tensor as T

a = T.scalar()
b = T.matrix()
c = T.matrix('ha ha ha')
