import tensorlab as theano
import tensorlab.tensor as T

print(theano.config.floatX, theano.config.mode, theano.config.device)
theano.config.floatX = 'float32'
print(T.scalar())
