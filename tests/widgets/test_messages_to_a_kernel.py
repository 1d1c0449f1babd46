"""Malformed messages over the wire: the kernel lives on, and the widget is what it was.

Here 1,500 of them, since each takes a kernel some milliseconds; `test_graph_view.py` gives 10,000 to the widget itself.
"""

from __future__ import annotations

import json
import random

from jupyter_client.manager import start_new_kernel

SETUP = """
import json, tensorlab as tl, tensorlab.tensor as T
x, w = T.scalar("x"), tl.shared(2.0, name="w")
view = tl.widgets.steps((w * x) ** 2, w, at={x: 3.0})
state = lambda: json.dumps([view.own_state(), float(w.get_value())])
before = state()
print(view.model_id)
"""
ODD = [None, True, -1, 10**9, 2.5, "0", "w", [], [1] * 9, {}, ["1"], [None], [[1]], {"a": {}}, "\u202e", "x" * 300]


def malformed(dice: random.Random) -> object:
    """Data that fits no table of the stepper."""
    odd = dice.choice(ODD)
    return dice.choice([
        odd, {"method": odd}, {"method": "update"}, {"method": "update", "state": odd},
        {"method": "update", "state": {"step": -1, "run": odd}}, {"method": "update", "state": {"scene": odd}},
        {"method": "update", "state": {"step": [odd]}}, {"method": "custom", "content": odd},
        {"method": "custom", "content": {"kind": odd}}, {"method": "custom", "content": {"kind": "value", "node": odd, "values": odd}},
        {"method": "custom", "content": {"kind": "descend", "rate": [odd]}}, {"method": "custom", "content": {"kind": "apply", "now": odd}},
        {"method": "close", "content": odd}, {"state": {"step": 1}},
    ])  # fmt: skip


def said(client, code):
    """Run a cell, and return what it printed."""
    printed = []

    def keep(message):
        assert message["msg_type"] != "error", message["content"]
        if message["msg_type"] == "stream":
            printed.append(message["content"]["text"])

    assert client.execute_interactive(code, timeout=600, output_hook=keep)["content"]["status"] == "ok"
    return "".join(printed).strip()


def test_the_kernel_lives_and_the_widget_is_what_it_was():
    manager, client = start_new_kernel(startup_timeout=600, kernel_name="python3")
    try:
        comm = said(client, SETUP)
        dice = random.Random(7)
        for _ in range(6):  # by 250, since a channel drops what nobody reads
            for _ in range(250):
                client.shell_channel.send(client.session.msg("comm_msg", {"comm_id": comm, "data": malformed(dice)}))
            assert said(client, "print(state() == before)") == "True"
        good = {"method": "custom", "content": {"kind": "descend", "rate": 0.01}}
        client.shell_channel.send(client.session.msg("comm_msg", {"comm_id": comm, "data": json.loads(json.dumps(good))}))
        assert said(client, "print(view.trace.values[w] < 2, float(w.get_value()))") == "True 2.0"
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
