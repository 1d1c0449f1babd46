import tensorlab as theano
import tensorlab.tensor as T

A = T.matrix()
B = T.matrix()

C = A * B
D = T.sum(C)

g = T.grad( D , A )

y_prime = theano.function( [A, B], g )

A = [[1, 2], [3, 4]]
B = [[2, 4], [6, 8]]

print(y_prime(A,B))
