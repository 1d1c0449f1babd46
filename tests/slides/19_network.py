# The slides leave the data, mk_batch, the parameters' first values and the sizes open ("..."); they are filled in here, small enough that
# five passes over four minibatches of 50 points take about a second. Every pass must cost less than the one before.
import tensorlab as theano
import tensorlab.tensor as T
import numpy

numpy.random.seed(0)
data_size = 200
batch_number = 4
batch_size = data_size // batch_number
X_all = numpy.random.uniform(-1, 1, (2, data_size)).astype('float32')
Y_hat_all = (X_all[0] > X_all[1]).astype('float32').reshape(1, data_size)

def mk_batch(X_all, Y_hat_all, data_size, batch_number):
    order = numpy.random.permutation(data_size).reshape(batch_number, -1)
    return [X_all[:, each] for each in order], [Y_hat_all[:, each] for each in order]

def first_values(*shape):
    return theano.shared((numpy.random.randn(*shape) / shape[-1] ** 0.5).astype('float32'))

x = T.matrix('input', dtype='float32')
y_hat = T.matrix('reference', dtype='float32')
W1, W2, W3 = first_values(1000, 2), first_values(1000, 1000), first_values(1, 1000)
b1, b2, b3 = first_values(1000), first_values(1000), first_values(1)
parameters = [W1,W2,W3,b1,b2,b3]

z1 = T.dot(W1,x) + b1.dimshuffle(0,'x')
a1 = 1/(1+T.exp(-z1))
z2 = T.dot(W2,a1) + b2.dimshuffle(0,'x')
a2 = 1/(1+T.exp(-z2))
z3 = T.dot(W3,a2) + b3.dimshuffle(0,'x')
y = 1/(1+T.exp(-z3))

cost = T.sum( (y - y_hat)**2 ) / batch_size

gradients = T.grad(cost, parameters)

def MyUpdate(parameters, gradients):
    mu = 0.01
    parameters_updates = \
    [ (p, p - mu * g) for p, g in zip(parameters, gradients) ]
    return parameters_updates

train = theano.function(
    inputs=[x, y_hat],
    updates=MyUpdate(parameters, gradients),
    outputs=cost
)

test = theano.function(
    inputs=[x],
    outputs=y
)

for t in range(5):
    cost = 0
    X_batch, Y_hat_batch \
        = mk_batch(X_all, Y_hat_all, data_size, batch_number)
    for i in range(batch_number):
        cost += train(X_batch[i], Y_hat_batch[i])
    cost /= batch_number
    print(cost)

Y = test(X_all)
