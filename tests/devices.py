"""A device that is none: arrays that numpy may not touch, as cupy's, and ops that take no others.

Code that runs under `guarded_device` may use arrays of the device with each other, with numbers, and through
`model.ops`, `ops.xp` and `get_array_module`. What cupy would refuse raises a TypeError here too: a numpy function on an
array of the device, an operator between one and an array of the host, an array of the host where the device works.
What cupy would do and let wait is counted: reading a value, and moving an array to the device or from it. So is each
operation on arrays of the device, which costs a launch however small they are.
"""

import functools
import sys
from contextlib import contextmanager

import numpy
import thinc.backends
import thinc.util
from thinc.api import NumpyOps, get_current_ops, set_current_ops

from .device_ledger import Ledger, find_place

HOST_FUNCTIONS = {name: getattr(numpy, name) for name in ("array", "asarray", "ascontiguousarray", "asanyarray")}
METHODS = (
    *("all", "any", "argmax", "argmin", "argsort", "astype", "clip", "copy", "cumsum", "dot", "flatten", "max", "mean"),
    *("min", "nonzero", "prod", "ravel", "repeat", "reshape", "squeeze", "sum", "swapaxes", "take", "transpose"),
)
# arguments that may lie on the host, by place: lengths and borders, which it cuts by, and rows
OF_HOST = {"unflatten": 1, "split": 1, "scatter_add": 1}
# other shapes of the same memory
VIEWS = {"ravel", "reshape", "squeeze", "swapaxes", "transpose", "asarray", "broadcast_to", "expand_dims"}
# of how many elements the result has, the device tells after the work
SIZED_BY_VALUES = ("nonzero", "flatnonzero", "argwhere", "unique")
READS = ("__float__", "__int__", "__bool__", "__index__", "tolist", "item")


_ledger = Ledger()
_depth = 0


@contextmanager
def _on_device():
    """Whatever happens in the block happens on the device."""
    global _depth
    _depth += 1
    try:
        yield
    finally:
        _depth -= 1


def _refuse(what):
    raise TypeError(f"Implicit conversion to a NumPy array is not allowed: {what} ({find_place()})")


def to_host(value):
    """The same without arrays of the device."""
    if isinstance(value, DeviceArray):
        return value.view(numpy.ndarray)
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return type(value)(*map(to_host, value))
    if isinstance(value, (list, tuple)):
        return type(value)(map(to_host, value))
    if isinstance(value, dict):
        return {key: to_host(one) for key, one in value.items()}
    return value


def to_device(value):
    """The same with arrays of the device, also for what numpy gives as a number: cupy gives an array then."""
    if isinstance(value, numpy.ndarray):
        return value.view(DeviceArray)
    if isinstance(value, numpy.generic):
        return HOST_FUNCTIONS["asarray"](value).view(DeviceArray)
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return type(value)(*map(to_device, value))
    if isinstance(value, (list, tuple)):
        return type(value)(map(to_device, value))
    return value


def _is_of_host(value):
    if isinstance(value, (list, tuple)):
        return any(map(_is_of_host, value))
    return type(value) is numpy.ndarray


def _leave_out(arguments, place):
    return [one for i, one in enumerate(arguments) if i != place]


def _is_mask(index):
    """Whether how much an index takes is known to the device alone."""
    parts = index if isinstance(index, tuple) else (index,)
    return any(isinstance(one, DeviceArray) and one.dtype == bool and one.ndim for one in parts)


def _is_gathered(index):
    """Whether an index copies what it takes."""
    return any(isinstance(one, (list, numpy.ndarray)) for one in (index if isinstance(index, tuple) else (index,)))


class DeviceArray(numpy.ndarray):
    """An array of the device."""

    def __array_ufunc__(self, ufunc, method, *inputs, out=None, **settings):
        if not _depth:
            if any(type(one) is numpy.ndarray for one in inputs):
                _refuse(f"{ufunc.__name__} of an array of the device and one of the host")
            if out is not None and any(type(one) is numpy.ndarray for one in out):
                _refuse(f"{ufunc.__name__} into an array of the host")
            _ledger.count(_ledger.launches, ufunc.__name__)
        if out is not None:
            settings["out"] = tuple(map(to_host, out))
        found = getattr(ufunc, method)(*map(to_host, inputs), **to_host(settings))
        return out[0] if out is not None else to_device(found)

    def __array_function__(self, function, types, arguments, settings):
        if not _depth:
            _refuse(f"numpy.{function.__name__}")
        return to_device(function(*to_host(arguments), **to_host(settings)))

    def get(self, *arguments, **settings):
        _ledger.count(_ledger.reads, "get")
        return self.view(numpy.ndarray).copy()

    def __iter__(self):
        if self.ndim == 1 and not _depth:
            _ledger.count(_ledger.reads, "iteration")
        return (self[i] for i in range(len(self)))

    def __getitem__(self, index):
        if not _depth and _is_of_host(index):
            _ledger.count(_ledger.writes, "index of the host")
        if not _depth and _is_mask(index):
            _ledger.count(_ledger.reads, "mask")
        if not _depth and _is_gathered(index):
            _ledger.count(_ledger.launches, "index")
        return to_device(numpy.ndarray.__getitem__(self.view(numpy.ndarray), to_host(index)))

    def __setitem__(self, index, value):
        if not _depth:
            if _is_of_host(index):
                _ledger.count(_ledger.writes, "index of the host")
            if type(value) is numpy.ndarray and value.ndim:
                _refuse("an array of the host put into one of the device")
            _ledger.count(_ledger.launches, "setitem")
        numpy.ndarray.__setitem__(self.view(numpy.ndarray), to_host(index), to_host(value))


def _make_read(name):
    def read(self, *arguments):
        if not _depth:
            _ledger.count(_ledger.reads, name.strip("_"))
        return getattr(numpy.ndarray, name)(self.view(numpy.ndarray), *arguments)

    return read


def _make_method(name):
    def method(self, *arguments, **settings):
        if not _depth and name not in VIEWS:
            _ledger.count(_ledger.launches, name)
        if not _depth and name in SIZED_BY_VALUES:
            _ledger.count(_ledger.reads, name)
        with _on_device():
            found = getattr(self.view(numpy.ndarray), name)(*to_host(arguments), **to_host(settings))
        return to_device(found)

    return method


for _name in READS:
    setattr(DeviceArray, _name, _make_read(_name))
for _name in METHODS:
    setattr(DeviceArray, _name, _make_method(_name))


class DeviceModule:
    """Stands for the module cupy."""

    def __init__(self, module):
        self._module = module

    def __getattr__(self, name):
        thing = getattr(self._module, name)
        if isinstance(thing, type(numpy)):
            return DeviceModule(thing)
        if isinstance(thing, type) or not callable(thing):
            return thing
        is_move = name in HOST_FUNCTIONS

        def call(*arguments, **settings):
            if _is_of_host(_leave_out(arguments, OF_HOST.get(name))) and not _depth:
                if not is_move:
                    _refuse(f"xp.{name} of an array of the host")
                _ledger.count(_ledger.writes, name)
            elif not _depth and name not in VIEWS:
                _ledger.count(_ledger.launches, name)
            if not _depth and name in SIZED_BY_VALUES:
                _ledger.count(_ledger.reads, name)
            with _on_device():
                found = HOST_FUNCTIONS.get(name, thing)(*to_host(arguments), **to_host(settings))
            return to_device(found)

        return call


xp = DeviceModule(numpy)


class DeviceOps(NumpyOps):
    """thinc's ops on the device."""

    name = "numpy"
    xp = xp

    def to_numpy(self, data, *, byte_order=None):
        return thinc.util.to_numpy(data, byte_order=byte_order)


def _make_op(name):
    original = getattr(NumpyOps, name)

    @functools.wraps(original)
    def op(self, *arguments, **settings):
        if not _depth and _is_of_host(_leave_out(arguments, OF_HOST.get(name))):
            if not name.startswith("asarray"):
                _refuse(f"ops.{name} of an array of the host")
            _ledger.count(_ledger.writes, name)
        elif not _depth:
            _ledger.count(_ledger.launches, name)
        with _on_device():
            found = getattr(_HOST_OPS, name)(*to_host(arguments), **to_host(settings))
        return to_device(found)

    return op


_HOST_OPS = NumpyOps()
# what asks an array for another shape works on either
_KEPT = ("minibatch", "multibatch", "to_numpy", "xp", *(name for name in dir(NumpyOps) if name.startswith("reshape")))
for _name in dir(NumpyOps):
    if not _name.startswith("_") and callable(getattr(NumpyOps, _name)) and _name not in _KEPT:
        setattr(DeviceOps, _name, _make_op(_name))


def _make_replacements(ops):
    """What thinc and numpy have to do otherwise, by name."""
    to_torch, from_torch = thinc.util.xp2torch, thinc.util.torch2xp

    def get_array_module(array):
        return xp if isinstance(array, DeviceArray) else numpy

    def get_array_ops(array):
        return ops if isinstance(array, DeviceArray) else _HOST_OPS

    def to_numpy(data, *, byte_order=None):
        if isinstance(data, DeviceArray):
            _ledger.count(_ledger.reads, "to_numpy")
        return to_host(data)

    def torch2xp(tensor, *, ops=None):
        found = from_torch(tensor)
        return found if type(ops) is NumpyOps else to_device(found)

    def xp2torch(array, requires_grad=False, device=None):
        if type(array) is numpy.ndarray and not _depth:
            _ledger.count(_ledger.writes, "xp2torch")
        return to_torch(to_host(array), requires_grad, device)

    def to_cpu(value):
        if isinstance(value, (list, tuple)):
            return type(value)(map(to_cpu, value))
        return value.get() if isinstance(value, DeviceArray) else value

    return {
        # it tells arrays of the host by their class, of which those of this device are
        (sys.modules["thinc.layers.with_cpu"], "_to_cpu"): to_cpu,
        (thinc.util, "get_array_module"): get_array_module,
        (thinc.util, "to_numpy"): to_numpy,
        (thinc.util, "torch2xp"): torch2xp,
        (thinc.util, "xp2torch"): xp2torch,
        (thinc.backends, "get_array_ops"): get_array_ops,
    }


def _make_host_function(name):
    original = HOST_FUNCTIONS[name]

    @functools.wraps(original)
    def function(value, *arguments, **settings):
        is_of_device = isinstance(value, DeviceArray)
        if isinstance(value, (list, tuple)):
            is_of_device = any(isinstance(one, DeviceArray) for one in value)
        if is_of_device and not _depth:
            _refuse(f"numpy.{name}")
        return original(to_host(value), *arguments, **settings)

    return function


@contextmanager
def guarded_device():
    """Make the device thinc's in the block. Models that are made in it keep their arrays there.

    YIELDS (Ledger): What is waited for.
    """
    ops, before = DeviceOps(), get_current_ops()
    undo = []

    def replace(module, name, value):
        undo.append((module, name, getattr(module, name)))
        setattr(module, name, value)

    for (home, name), new in _make_replacements(ops).items():
        old = getattr(home, name)
        for module in list(sys.modules.values()):
            if getattr(module, "__dict__", {}).get(name) is old:
                replace(module, name, new)
    for name in HOST_FUNCTIONS:
        replace(numpy, name, _make_host_function(name))
    set_current_ops(ops)
    _ledger.clear()
    try:
        yield _ledger
    finally:
        set_current_ops(before)
        for module, name, value in reversed(undo):
            setattr(module, name, value)
