/* The floors: what the workloads cost when written in C by hand, as a small extension module.

   Built (`build.py`) with `-Ofast -march=native` and libmvec, so that the elementwise loops call vector functions. Part 1 is compiled twice by
   including this file in itself, for float and for double. Part 2 are the entries that Python calls:

     elementwise(x), slope(x)   W4 and its derivative W4g, into a fresh array, on OMP_NUM_THREADS threads
     neuron(x, y_hat)           W1; x a list or an array; bind_neuron(state) before, state = [w0, w1, b]
     xor(x, y_hat)              W2; bind_xor(state) before, state = [w1 (2), b1, w2 (2), b2, w (2), b]
     products(gemm, gemv, [(a, b, out)], [(source, target)], bytes) -> a plan; run(plan): bare BLAS calls, then copies, then one fresh
                                output of so many bytes (none if 0)
*/
#ifdef REAL /* ------------------------------------------------------------------------------------------ part 1, once for each type */

static void NAME(elementwise)(const REAL *restrict x, REAL *restrict y, npy_intp length)
{
#pragma omp parallel for simd schedule(static) if (parallel : length >= WORTH_A_THREAD)
    for (npy_intp k = 0; k < length; k++) {
        REAL v = x[k], t = TANH(v);
        y[k] = v / (1 + EXP(-v)) + HALF * t * t - EXP(-v * v);
    }
}

static void NAME(slope)(const REAL *restrict x, REAL *restrict y, npy_intp length)
{
#pragma omp parallel for simd schedule(static) if (parallel : length >= WORTH_A_THREAD)
    for (npy_intp k = 0; k < length; k++) {
        REAL v = x[k], t = TANH(v), s = 1 / (1 + EXP(-v));
        y[k] = s + v * s * (1 - s) + t * (1 - t * t) + 2 * v * EXP(-v * v);
    }
}

typedef void (*NAME(gemm_t))(char *, char *, int *, int *, int *, REAL *, REAL *, int *, REAL *, int *, REAL *, REAL *, int *);
typedef void (*NAME(gemv_t))(char *, int *, int *, REAL *, REAL *, int *, REAL *, int *, REAL *, REAL *, int *);

/* BLAS counts by columns: a row-major matrix is its transpose there, so out = a b is asked for as out' = b' a'. */
static void NAME(multiply)(const struct plan *plan, const struct product *p)
{
    REAL one = 1, zero = 0;
    int step = 1;
    char flag_a = p->a_transposed ? 'T' : 'N', flag_b = p->b_transposed ? 'T' : 'N', vector_flag = p->a_transposed ? 'N' : 'T';
    int rows = p->rows, columns = p->columns, inner = p->inner, lda = p->lda, ldb = p->ldb;
    if (columns)
        ((NAME(gemm_t))plan->gemm)(&flag_b, &flag_a, &columns, &rows, &inner, &one, p->b, &ldb, p->a, &lda, &zero, p->out, &columns);
    else if (p->a_transposed)
        ((NAME(gemv_t))plan->gemv)(&vector_flag, &rows, &inner, &one, p->a, &lda, p->b, &step, &zero, p->out, &step);
    else
        ((NAME(gemv_t))plan->gemv)(&vector_flag, &inner, &rows, &one, p->a, &lda, p->b, &step, &zero, p->out, &step);
}

#else /* ---------------------------------------------------------------------------------------------------------------------- part 2 */
#define PY_SSIZE_T_CLEAN
#include <Python.h>
#define NPY_NO_DEPRECATED_API NPY_1_23_API_VERSION
#include <math.h>
#include <numpy/arrayobject.h>

/* Elements from which on another thread is woken ("parallel :", or the condition would switch vectors off, too): below, a sleeping one costs more than it saves, and a spinning one disturbs others. */
#define WORTH_A_THREAD 32768

struct product {
    void *a, *b, *out;
    int rows, inner, columns; /* columns = 0: b and out are vectors */
    int lda, ldb, a_transposed, b_transposed;
};

struct copy {
    const void *source;
    void *target;
    size_t bytes;
};

struct plan {
    void *gemm, *gemv;
    int type;
    Py_ssize_t products, copies;
    npy_intp fresh; /* bytes of a fresh output */
    PyObject *kept; /* the arrays */
    struct product product[16];
    struct copy copy[16];
};

#define REAL float
#define NAME(word) word##_f32
#define EXP expf
#define TANH tanhf
#define HALF 0.5f
#include __FILE__
#undef REAL
#undef NAME
#undef EXP
#undef TANH
#undef HALF
#define REAL double
#define NAME(word) word##_f64
#define EXP exp
#define TANH tanh
#define HALF 0.5
#include __FILE__
#undef REAL

/* ---------------------------------------------------------------------------------------------------------------------- elementwise */
#define ENTRY(word)                                                                                                                     \
    static PyObject *word(PyObject *self, PyObject *given)                                                                             \
    {                                                                                                                                   \
        if (!PyArray_CheckExact(given) || !PyArray_IS_C_CONTIGUOUS((PyArrayObject *)given))                                           \
            return PyErr_Format(PyExc_TypeError, #word " takes a contiguous array");                                                  \
        PyArrayObject *x = (PyArrayObject *)given;                                                                                    \
        int type = PyArray_TYPE(x);                                                                                                    \
        if (type != NPY_FLOAT && type != NPY_DOUBLE)                                                                                   \
            return PyErr_Format(PyExc_TypeError, #word " takes float32 or float64");                                                  \
        PyObject *y = PyArray_SimpleNew(PyArray_NDIM(x), PyArray_DIMS(x), type);                                                       \
        if (!y)                                                                                                                        \
            return NULL;                                                                                                               \
        npy_intp length = PyArray_SIZE(x);                                                                                             \
        void *from = PyArray_DATA(x), *to = PyArray_DATA((PyArrayObject *)y);                                                          \
        Py_BEGIN_ALLOW_THREADS                                                                                                         \
        if (type == NPY_FLOAT)                                                                                                         \
            word##_f32(from, to, length);                                                                                              \
        else                                                                                                                           \
            word##_f64(from, to, length);                                                                                              \
        Py_END_ALLOW_THREADS                                                                                                           \
        return y;                                                                                                                      \
    }
ENTRY(elementwise)
ENTRY(slope)

/* -------------------------------------------------------------------------------------------------------------------- W1 and W2 */
static double *neuron_state, *xor_state;

static int read_number(PyObject *given, double *number)
{
    if (PyFloat_CheckExact(given))
        *number = PyFloat_AS_DOUBLE(given);
    else if (PyArray_CheckExact(given) && PyArray_TYPE((PyArrayObject *)given) == NPY_DOUBLE && PyArray_NDIM((PyArrayObject *)given) == 0)
        *number = *(double *)PyArray_DATA((PyArrayObject *)given);
    else {
        *number = PyFloat_AsDouble(given);
        return !(*number == -1 && PyErr_Occurred());
    }
    return 1;
}

static int read_pair(PyObject *given, double pair[2])
{
    if (PyList_CheckExact(given) && PyList_GET_SIZE(given) == 2)
        return read_number(PyList_GET_ITEM(given, 0), pair) && read_number(PyList_GET_ITEM(given, 1), pair + 1);
    if (PyArray_CheckExact(given)) {
        PyArrayObject *array = (PyArrayObject *)given;
        if (PyArray_TYPE(array) == NPY_DOUBLE && PyArray_NDIM(array) == 1 && PyArray_DIM(array, 0) == 2 && PyArray_IS_C_CONTIGUOUS(array)) {
            pair[0] = ((double *)PyArray_DATA(array))[0];
            pair[1] = ((double *)PyArray_DATA(array))[1];
            return 1;
        }
    }
    PyErr_SetString(PyExc_TypeError, "x is a list of two numbers or an array of two float64");
    return 0;
}

static PyObject *fresh(int axes, double value)
{
    npy_intp length = 1;
    PyObject *array = PyArray_SimpleNew(axes, &length, NPY_DOUBLE);
    if (array)
        *(double *)PyArray_DATA((PyArrayObject *)array) = value;
    return array;
}

static PyObject *bind(PyObject *given, npy_intp length, double **state)
{
    if (!PyArray_CheckExact(given) || PyArray_TYPE((PyArrayObject *)given) != NPY_DOUBLE || PyArray_SIZE((PyArrayObject *)given) != length)
        return PyErr_Format(PyExc_TypeError, "the state is an array of %d float64", (int)length);
    Py_INCREF(given); /* for good: a process binds once or twice */
    *state = PyArray_DATA((PyArrayObject *)given);
    Py_RETURN_NONE;
}

static PyObject *bind_neuron(PyObject *self, PyObject *given) { return bind(given, 3, &neuron_state); }
static PyObject *bind_xor(PyObject *self, PyObject *given) { return bind(given, 9, &xor_state); }

static double sigmoid(double z) { return 1 / (1 + exp(-z)); }

static PyObject *neuron(PyObject *self, PyObject *const *arguments, Py_ssize_t count)
{
    double x[2], y_hat, *w = neuron_state;
    if (count != 2 || !w)
        return PyErr_Format(PyExc_TypeError, "neuron takes x and y_hat, after bind_neuron");
    if (!read_pair(arguments[0], x) || !read_number(arguments[1], &y_hat))
        return NULL;
    double y = sigmoid(w[0] * x[0] + w[1] * x[1] + w[2]), error = y - y_hat, slope = 0.2 * error * y * (1 - y);
    w[0] -= slope * x[0];
    w[1] -= slope * x[1];
    w[2] -= slope;
    return fresh(0, error * error);
}

static PyObject *xor_step(PyObject *self, PyObject *const *arguments, Py_ssize_t count)
{
    double x[2], y_hat, *s = xor_state;
    if (count != 2 || !s)
        return PyErr_Format(PyExc_TypeError, "xor takes x and y_hat, after bind_xor");
    if (!read_pair(arguments[0], x) || !read_number(arguments[1], &y_hat))
        return NULL;
    double a1 = sigmoid(s[0] * x[0] + s[1] * x[1] + s[2]), a2 = sigmoid(s[3] * x[0] + s[4] * x[1] + s[5]);
    double y = sigmoid(s[6] * a1 + s[7] * a2 + s[8]), cost = -(y_hat * log(y) + (1 - y_hat) * log(1 - y));
    double slope = 0.01 * (y - y_hat), first = slope * s[6] * a1 * (1 - a1), second = slope * s[7] * a2 * (1 - a2);
    s[0] -= first * x[0], s[1] -= first * x[1], s[2] -= first;
    s[3] -= second * x[0], s[4] -= second * x[1], s[5] -= second;
    s[6] -= slope * a1, s[7] -= slope * a2, s[8] -= slope;
    PyObject *outputs = PyList_New(2), *first_output = fresh(1, y), *second_output = fresh(0, cost);
    if (!outputs || !first_output || !second_output) {
        Py_XDECREF(outputs), Py_XDECREF(first_output), Py_XDECREF(second_output);
        return NULL;
    }
    PyList_SET_ITEM(outputs, 0, first_output);
    PyList_SET_ITEM(outputs, 1, second_output);
    return outputs;
}

/* --------------------------------------------------------------------------------------------------------------------------- BLAS */
static void forget(PyObject *capsule)
{
    struct plan *plan = PyCapsule_GetPointer(capsule, "plan");
    Py_XDECREF(plan->kept);
    PyMem_Free(plan);
}

static void *pointer_in(PyObject *capsule) { return PyCapsule_GetPointer(capsule, PyCapsule_GetName(capsule)); }

/* Leading length and orientation of a matrix whose rows or columns are contiguous. */
static int orientation(PyArrayObject *matrix, int *leading, int *transposed)
{
    npy_intp item = PyArray_ITEMSIZE(matrix), *strides = PyArray_STRIDES(matrix), *lengths = PyArray_DIMS(matrix);
    *transposed = !(strides[1] == item && (strides[0] >= item * lengths[1] || lengths[0] == 1));
    if (*transposed && strides[0] != item) {
        PyErr_SetString(PyExc_ValueError, "a matrix with contiguous rows or columns is needed");
        return 0;
    }
    npy_intp width = *transposed ? strides[1] / item : strides[0] / item, least = *transposed ? lengths[0] : lengths[1];
    *leading = (int)(width < least ? least : width);
    return 1;
}

static PyObject *products(PyObject *self, PyObject *given)
{
    PyObject *gemm, *gemv, *products, *copies, *kept;
    Py_ssize_t fresh_bytes;
    if (!PyArg_ParseTuple(given, "OOO!O!n", &gemm, &gemv, &PyList_Type, &products, &PyList_Type, &copies, &fresh_bytes))
        return NULL;
    struct plan *plan = PyMem_Calloc(1, sizeof *plan);
    if (!plan)
        return PyErr_NoMemory();
    kept = PyTuple_Pack(2, products, copies);
    *plan = (struct plan){.gemm = pointer_in(gemm), .gemv = pointer_in(gemv), .fresh = fresh_bytes, .kept = kept,
                          .products = PyList_GET_SIZE(products), .copies = PyList_GET_SIZE(copies)};
    PyObject *capsule = PyCapsule_New(plan, "plan", forget);
    if (!capsule || !kept || !plan->gemm || !plan->gemv || plan->products > 16 || plan->copies > 16)
        goto wrong;
    for (Py_ssize_t k = 0; k < plan->products; k++) {
        PyArrayObject *a, *b, *out;
        struct product *p = plan->product + k;
        if (!PyArg_ParseTuple(PyList_GET_ITEM(products, k), "O!O!O!", &PyArray_Type, &a, &PyArray_Type, &b, &PyArray_Type, &out))
            goto wrong;
        plan->type = PyArray_TYPE(a);
        p->a = PyArray_DATA(a), p->b = PyArray_DATA(b), p->out = PyArray_DATA(out);
        p->rows = (int)PyArray_DIM(a, 0), p->inner = (int)PyArray_DIM(a, 1);
        p->columns = PyArray_NDIM(b) == 2 ? (int)PyArray_DIM(b, 1) : 0;
        if (!orientation(a, &p->lda, &p->a_transposed) || (p->columns && !orientation(b, &p->ldb, &p->b_transposed)))
            goto wrong;
    }
    for (Py_ssize_t k = 0; k < plan->copies; k++) {
        PyArrayObject *source, *target;
        if (!PyArg_ParseTuple(PyList_GET_ITEM(copies, k), "O!O!", &PyArray_Type, &source, &PyArray_Type, &target))
            goto wrong;
        plan->copy[k] = (struct copy){PyArray_DATA(source), PyArray_DATA(target), (size_t)PyArray_NBYTES(source)};
    }
    return capsule;
wrong:
    if (!PyErr_Occurred())
        PyErr_SetString(PyExc_ValueError, "at most 16 products and 16 copies, with the BLAS functions as capsules");
    Py_XDECREF(capsule);
    return NULL;
}

static PyObject *run(PyObject *self, PyObject *capsule)
{
    const struct plan *plan = PyCapsule_GetPointer(capsule, "plan");
    if (!plan)
        return NULL;
    Py_BEGIN_ALLOW_THREADS
    for (Py_ssize_t k = 0; k < plan->products; k++)
        if (plan->type == NPY_FLOAT)
            multiply_f32(plan, plan->product + k);
        else
            multiply_f64(plan, plan->product + k);
    for (Py_ssize_t k = 0; k < plan->copies; k++)
        memcpy(plan->copy[k].target, plan->copy[k].source, plan->copy[k].bytes);
    Py_END_ALLOW_THREADS
    if (plan->fresh) {
        npy_intp length = plan->fresh;
        return PyArray_SimpleNew(1, &length, NPY_BYTE);
    }
    return fresh(0, 0);
}

static PyMethodDef methods[] = {
    {"elementwise", elementwise, METH_O, NULL}, {"slope", slope, METH_O, NULL},
    {"bind_neuron", bind_neuron, METH_O, NULL}, {"bind_xor", bind_xor, METH_O, NULL},
    {"neuron", (PyCFunction)(void (*)(void))neuron, METH_FASTCALL, NULL}, {"xor", (PyCFunction)(void (*)(void))xor_step, METH_FASTCALL, NULL},
    {"products", products, METH_VARARGS, NULL}, {"run", run, METH_O, NULL}, {NULL}};

static struct PyModuleDef definition = {PyModuleDef_HEAD_INIT, "floors", NULL, -1, methods};

PyMODINIT_FUNC PyInit_floors(void)
{
    import_array();
    return PyModule_Create(&definition);
}
#endif
