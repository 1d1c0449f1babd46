import tensorlab as theano

x = theano.tensor.scalar()
y = x ** 2

f = theano.function([x], y)
g = f

f = theano.function(
    inputs=[x],
    outputs=y
)
