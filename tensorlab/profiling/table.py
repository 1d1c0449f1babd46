"""A profile as a table: text for a terminal, HTML for a notebook, with the same figures in both.

Floor 4. Read `report.py` before.
"""

from __future__ import annotations

from base64 import b64encode
from html import escape
from io import BytesIO
from typing import TYPE_CHECKING

from ..backends.work import LONG_WORD
from ..graph.wording import counted
from .limits import Limits
from .wording import bytes_, seconds, shown

if TYPE_CHECKING:
    from .report import Profile, Share

HEAD = ("time", "share", "a call", "GB/s", "Gflop/s", "of limit", "step")
MOST = 20  # rows that are told one by one, the longest first; what is left takes little time
MOST_RULES = 8


def cells(each: Share, machine: Limits) -> tuple[str, ...]:
    """Return what stands in the row of a step."""
    part, bound = each.of_limit(machine)
    moves = each.bytes > 0 or each.work > 0
    apart = ", ".join(f"{times / each.calls:.3g} {word}" for word, times in each.words.items() if each.calls)
    what = f"{each.kind}: {each.what}" if each.what else each.kind
    return (
        seconds(each.seconds),
        f"{100 * each.share:.1f} %",
        seconds(each.seconds / each.calls) if each.calls else "",
        f"{each.bandwidth / 1e9:.3g}" if each.bytes else "",
        f"{each.rate / 1e9:.3g}" if each.operations else "",
        said(part, bound) if moves and each.seconds else "",
        what + (f" ({apart})" if apart else ""),
        each.where,
    )


def said(part: float, bound: str) -> str:
    """Return how near its limit a step is; faster than memory is only what comes from the cache.

    >>> said(0.41, "memory"), said(2.5, "memory"), said(0.8, "arithmetic")
    ('41 % memory', 'in cache', '80 % flops')
    """
    return "in cache" if part > 1 and bound == "memory" else f"{100 * part:.0f} % {'memory' if bound == 'memory' else 'flops'}"


def told(profile: Profile) -> tuple[list[tuple[str, ...]], int]:
    """Return the rows that are shown, the longest first, and how many are left out."""
    rows = sorted(profile.rows, key=lambda each: -each.seconds)
    return [cells(each, profile.machine) for each in rows[:MOST]], max(len(rows) - MOST, 0)


def facts(profile: Profile) -> list[str]:
    """Return what is said below the table, one sentence a line."""
    lines = []
    if profile.memory:
        lines.append(f"Memory: a call holds {bytes_(profile.memory)} at most, beside arguments, constants and shared variables.")
    stages = profile.stages
    parts = ", ".join(f"{stage} {seconds(time)}" for stage, time in stages.items() if time >= 1e-5)
    lines.append(f"Compiled in {seconds(sum(stages.values()))}: {parts}.")
    fired = profile.fired
    if fired:
        names = [name if times == 1 else f"{name} ({times} times)" for name, times in fired.most_common(MOST_RULES)]
        more = f" and {counted(len(fired) - MOST_RULES, 'other')}" if len(fired) > MOST_RULES else ""
        lines.append(f"Rules that fired, {sum(fired.values())} in all: {', '.join(names)}{more}.")
    lines.append(f"This machine: {profile.machine}, measured. \"Of limit\" is the least time that it could need by the time taken; "
                 f"exp and its kin are taken for {LONG_WORD} operations; \"in cache\" is what was faster than memory.")
    return lines


def headline(profile: Profile) -> str:
    """Return what the table is of."""
    calls, timed = profile.calls, profile.timed
    if not calls:
        return f"Profile of {shown(profile.title, 60)}: it was not called yet"
    of_them = "all of them timed" if timed >= calls else f"{timed:,} of them timed"
    of_them += f", {profile.timed_in_parts:,} step by step" if profile.timed_in_parts < timed else ""
    spent = profile.seconds
    return f"Profile of {shown(profile.title, 60)}: {count(calls)}, {seconds(spent)}, {seconds(spent / calls)} a call, {of_them}"


def count(calls: int) -> str:
    """Return a number of calls.

    >>> count(1), count(20_000)
    ('1 call', '20,000 calls')
    """
    return "1 call" if calls == 1 else f"{calls:,} calls"


def text(profile: Profile) -> str:
    """Return the profile as lines of text."""
    if not profile.calls:
        return "\n".join([headline(profile), *facts(profile)]) + "\n"
    rows, left_out = told(profile)
    numbers = [row[:6] for row in rows]
    widths = [max(map(len, column)) for column in zip(HEAD[:6], *numbers)]
    lines = [headline(profile), "  ".join([*(name.rjust(width) for name, width in zip(HEAD, widths)), HEAD[6]])]
    for row in rows:
        figures = "  ".join(value.rjust(width) for value, width in zip(row, widths))
        lines.append(f"{figures}  {row[6]}{f'  [{row[7]}]' if row[7] else ''}")
    if left_out:
        lines.append(f"… and {left_out} steps that take less")
    groups = [(name, time, steps) for name, (time, steps) in profile.by_op.items() if steps > 1]
    if groups:
        lines.append("Steps that do the same, together:")
        lines += [f"{seconds(time).rjust(widths[0])}  {100 * time / profile.seconds:4.1f} %  {steps} × {shown(name, 80)}"
                  for name, time, steps in groups[:MOST] if profile.seconds]
    return "\n".join([*lines, *facts(profile)]) + "\n"


def html(profile: Profile) -> str:
    """Return the profile as a table for a page, with its picture below; the reader's names are escaped."""
    rows, left_out = told(profile)
    style = 'style="text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap"'
    parts = ['<table class="tl-profile">', f"<caption>{escape(headline(profile))}</caption>", "<thead><tr>"]
    parts += [f'<th scope="col">{name}</th>' for name in (*HEAD, "made at")]
    parts.append("</tr></thead><tbody>")
    for row in rows:
        figures = "".join(f"<td {style}>{escape(value)}</td>" for value in row[:6])
        step = f'<th scope="row" style="text-align: left; font-weight: normal">{escape(row[6])}</th>'
        parts.append(f'<tr>{figures}{step}<td style="text-align: left">{escape(row[7])}</td></tr>')
    parts.append("</tbody></table>")
    if left_out:
        parts.append(f"<p>… and {left_out} steps that take less</p>")
    if profile.calls:
        parts.append(picture(profile))
    parts += [f"<p>{escape(line)}</p>" for line in facts(profile)]
    return "\n".join(parts)


def picture(profile: Profile) -> str:
    """Return the chart of a profile as an image for a page, which says in words what it shows."""
    from .chart import alternative, chart

    content = BytesIO()
    chart(profile).savefig(content, format="png", metadata={"Software": None})
    data = b64encode(content.getvalue()).decode()
    return f'<img alt="{escape(alternative(profile), quote=True)}" style="border-radius:8px" src="data:image/png;base64,{data}">'
