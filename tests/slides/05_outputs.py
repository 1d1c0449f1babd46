import tensorlab as theano
import tensorlab.tensor as T

x1 = T.scalar()
x2 = T.scalar()
x3 = T.matrix()
x4 = T.matrix()

y1 = x1 + x2

y2 = x1 * x2

y3 = x3 * x4

y4 = T.dot( x3 , x4 )
