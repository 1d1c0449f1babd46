"""The film of rewrites: what its scenes hold, and the page with its slider, in Chromium."""

from __future__ import annotations

import json

import pytest

import tensorlab as tl
import tensorlab.tensor as T
from tensorlab.graph.errors import PictureError
from tensorlab.widgets import film
from tensorlab.widgets.base import ROOM


def cross_entropy():
    """A gradient in which many rules fire."""
    x, y_hat = T.scalars("x", "y_hat")
    w = tl.shared(0.5, name="w")
    y = 1 / (1 + T.exp(-w * x))
    cost = -(y_hat * T.log(y) + (1 - y_hat) * T.log(1 - y))
    return tl.function([x, y_hat], T.grad(cost, w))


def test_scenes_follow_the_history():
    f = cross_entropy()
    view = film(f)
    assert [scene["rule"] for scene in view.scenes] == [event.rule.name.replace("_", " ") for event in f.stages.history]
    assert [scene["reason"] for scene in view.scenes] == [event.rule.reason for event in f.stages.history]
    assert view.left_out == 0 and len(json.dumps(view.own_state())) < ROOM


def test_a_scene_shows_both_sides_and_the_difference():
    x = T.scalar("x")
    view = film(tl.function([x], T.log(1 + T.exp(x) * T.exp(x))))
    scene = next(each for each in view.scenes if each["rule"] == "log of one plus")
    assert scene["texts"][0].startswith("log((1 + ") and scene["texts"][1].startswith("log1p(")
    gone = [node["label"] for node in scene["old"]["nodes"] if node.get("state") == "gone"]
    new = [node["label"] for node in scene["new"]["nodes"] if node.get("state") == "new"]
    assert "log" in gone and "+" in gone and len(new) == 1
    assert scene["where"]  # the part that stays has a letter, and it is said what it is


def test_what_becomes_a_part_of_itself():
    x = T.scalar("x")
    (scene,) = (each for each in film(tl.function([x], T.exp(x * 1))).scenes if each["texts"][1] == "x")
    assert [node["label"] for node in scene["new"]["nodes"]] == ["x"] and not any("state" in node for node in scene["new"]["nodes"])
    assert any(node.get("state") == "gone" for node in scene["old"]["nodes"])


def test_a_long_history_is_cut():
    x = T.scalar("x")
    y = x
    for _ in range(150):
        y = T.log(1 + y) * 1
    view = film(tl.function([x], y))
    assert len(view.scenes) <= 100 and view.left_out > 0 and len(json.dumps(view.own_state())) < ROOM


def test_only_functions_have_a_film():
    with pytest.raises(PictureError):
        film(T.scalar("x") ** 2)


def test_without_a_widget_it_is_a_list():
    bundle = film(cross_entropy())._repr_mimebundle_()
    assert bundle["text/html"].startswith('<ol class="tl-film"><li>') and "1." in bundle["text/plain"]
    assert "image/svg+xml" not in bundle


def test_the_page(stage):
    view = film(cross_entropy())
    shown = stage.show(view)
    assert shown.page.inner_text("h4").startswith(view.scenes[0]["rule"])
    shown.page.get_by_role("button", name="Next scene").click()
    assert shown.page.inner_text(".tl-reason") == view.scenes[1]["reason"]
    slider = shown.page.get_by_role("slider", name="Scene")
    slider.focus()
    shown.page.keyboard.press("End")
    assert shown.page.inner_text(".tl-count") == f"{len(view.scenes)} of {len(view.scenes)}"
    slider.fill("5")
    assert shown.page.locator(".tl-one-side math").count() == 2
    assert shown.page.locator(".tl-one-side svg[aria-label*='gone: ']").count() == 1
    assert shown.page.locator(".tl-gone .tl-strike").count() >= 1
    shown.exchange()
    assert view.scene == 5
    view.scene = 2
    shown.exchange()
    assert shown.page.inner_text(".tl-reason") == view.scenes[2]["reason"]
    shown.nothing_serious()


def test_the_page_without_a_kernel_in_the_dark_and_narrow(stage):
    view = film(cross_entropy())
    shown = stage.show(view, kernel=False, theme="dark", width=800, zoom=2)
    shown.page.get_by_role("button", name="Last scene").click()
    assert shown.page.inner_text(".tl-reason") == view.scenes[-1]["reason"]
    shown.nothing_serious()
    assert shown.page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")


def test_nothing_to_show(stage):
    x = T.scalar("x")
    f = tl.function([x], T.sin(x))
    assert f.stages.history == () or not list(f.stages.history)
    shown = stage.show(film(f))
    assert "Nothing was rewritten" in shown.page.inner_text("#here")
    shown.nothing_serious()
