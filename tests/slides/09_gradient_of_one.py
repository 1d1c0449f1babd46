import tensorlab as theano
import tensorlab.tensor as T

x = T.scalar('x')
y = x ** 2
g = T.grad( y , x )

f = theano.function( [x] , y )
f_prime = theano.function( [x] , g )

print(f(-2))
print(f_prime(-2))
