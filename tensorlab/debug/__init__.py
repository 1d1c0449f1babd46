"""Modes that watch a function while it runs: what is wrong is named, with the line it was made in.

Floor 6. Nothing here is imported before a function asks for such a mode.

    stepping         a program step by step, with something called around every step
    monitor          `MonitorMode`: functions of the reader's own around every step
    numbers          where a nan, an infinity or a huge number is
    nan_guard        `NanGuardMode`: the first of them ends the call
    evidence         the part of a graph that an error is about, as a picture
    faults           the errors of `DebugMode`
    smallest         arrays made shorter and rounder while a fault stays
    agreement        whether two ways of computing the same agree
    on_trial         one op at a time, watched
    machines         the back ends against the cards
    rules_on_trial   both sides of every rewrite
    derivatives      derivative rules against differences
    debug_mode       `DebugMode`, which does all of it
"""

from ..ops.breakpoints import PdbBreakpoint
from .debug_mode import DebugMode
from .monitor import MonitorMode, detect_nan
from .nan_guard import NanGuardMode

__all__ = ["DebugMode", "MonitorMode", "NanGuardMode", "PdbBreakpoint", "detect_nan"]
