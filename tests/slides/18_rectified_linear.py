import tensorlab as theano
import tensorlab.tensor as T

z = T.vector()

a = T.switch(z<0,0,z)
f1 = theano.function([z], a)

a = T.maximum(z,0)
f2 = theano.function([z], a)

a = z * (z>0)
f3 = theano.function([z], a)

print(f1([-2, 0, 3]))
print(f2([-2, 0, 3]))
print(f3([-2, 0, 3]))
