import tensorlab as theano
import tensorlab.tensor as T
import numpy

x = T.vector()
w = theano.shared(numpy.array([-1., 1.]))
b = theano.shared(0.)

z = T.dot(w, x) + b
y = 1 / ( 1 + T.exp( -z ) )

neuron = theano.function(
    inputs=[x],
    outputs=y
)

y_hat = T.scalar()
cost = T.sum((y-y_hat)**2)

dw, db = T.grad(cost, [w, b])

gradient = theano.function(
    inputs=[x, y_hat],
    outputs=[dw, db]
)

x = [1, -1]
y_hat = 1
for i in range(100):
    print(neuron(x))
    dw, db = gradient(x, y_hat)
    w.set_value( w.get_value() - 0.1 * dw )
    b.set_value( b.get_value() - 0.1 * db )
    print(w.get_value(), b.get_value())
