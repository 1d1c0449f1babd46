import tensorlab as theano

a = theano.tensor.scalar()
b = theano.tensor.matrix()
c = theano.tensor.matrix('ha ha ha')

print(a)
print(b)
print(c)
