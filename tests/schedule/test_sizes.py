"""Sizes: products of whole numbers that are known later, and what is asked of them: both sides of an agreement are one from then on."""

from __future__ import annotations

import itertools
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tensorlab.schedule.sizes import ONE, ZERO, ImpossibleError, Size, Sizes, newest, product

VALUES = (0, 1, 2, 3)


def three():
    sizes = Sizes()
    return sizes, [sizes.new("length", None, axis) for axis in range(3)]


def value(size, numbers):
    return size.factor * math.prod(numbers[part.number] for part in size.parts)


def test_products():
    _, (a, b, c) = three()
    assert a * b * c == c * (b * a) == product([b, c, a]) and str(c * b * a) == "n0*n1*n2"
    assert Size(2) * a * Size(3) == Size(6, a.parts) and str(Size(2) * a) == "2*n0"
    assert a * ZERO == ZERO and a * ONE == a and product([]) == ONE
    assert Size(7).known == 7 and a.known is None and (a * ZERO).known == 0
    assert str(ONE) == "1" and str(ZERO) == "0" and str(a * a) == "n0*n0"
    assert [newest(each) for each in (ONE, a, a * c)] == [-1, 0, 2]


def test_the_newer_one_is_bound():
    for swap in (False, True):
        sizes, (a, b, c) = three()
        assert sizes.agree(*((b, a) if swap else (a, b))) == a
        assert sizes.agree(c, b) == a
        assert [sizes.settled(each) for each in (a, b, c)] == [a] * 3 and not sizes.equal
        assert sizes.settled(b * c * Size(2)) == a * a * Size(2)


def test_a_number_wins():
    sizes, (a, b, c) = three()
    sizes.agree(a, b)
    assert sizes.agree(b, Size(5)) == Size(5)
    assert sizes.settled(a * b * c) == Size(25) * c
    assert sizes.agree(a, Size(5)) == Size(5) and not sizes.equal


def test_known_lengths_that_differ_are_told_at_once():
    sizes, (a, b, _) = three()
    sizes.agree(a, Size(2))
    sizes.agree(b, Size(3))
    for one, other in ((a, b), (Size(2), Size(3)), (a * b, Size(5)), (a, ONE)):
        with pytest.raises(ImpossibleError):
            sizes.agree(one, other)


def test_products_are_kept_to_be_checked():
    sizes, (a, b, c) = three()
    assert sizes.agree(a * b, Size(2) * c) == a * b
    assert sizes.equal == [(a * b, Size(2) * c)]
    sizes.agree(c, a * b)
    assert sizes.settled(c) == a * b, "a newer quantity can be a product of older ones"


@given(st.data())
def test_what_is_checked_is_what_was_asked(data):
    """Whatever the numbers turn out to be: the checks that are left hold exactly if all agreements do."""
    sizes, quantities = three()
    part = st.lists(st.sampled_from(quantities), max_size=2)
    size = st.builds(lambda factor, parts: Size(factor) * product(parts), st.integers(0, 3), part)
    asked = data.draw(st.lists(st.tuples(size, size), max_size=4))
    impossible = False
    try:
        for one, other in asked:
            both = sizes.agree(one, other)
            assert sizes.settled(both) == both
    except ImpossibleError:
        impossible = True
    for quantity in sizes.quantities:
        assert quantity.bound is None or newest(quantity.bound) < quantity.number
    bound = [(Size(1, (each,)), each.bound) for each in sizes.quantities if each.bound is not None]
    for numbers in itertools.product(VALUES, repeat=3):
        wanted = all(value(one, numbers) == value(other, numbers) for one, other in asked)
        checked = all(value(one, numbers) == value(other, numbers) for one, other in (*bound, *sizes.equal))
        if impossible:
            assert not wanted
        else:
            assert wanted == checked
            if checked:
                assert all(value(sizes.settled(each), numbers) == value(each, numbers) for pair in asked for each in pair)
