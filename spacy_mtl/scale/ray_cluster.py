"""The connection to a Ray cluster, or to Ray on this machine."""

import os
import socket
from importlib import import_module
from typing import Any, Dict, Optional

from ..errors import Errors

_SECONDS = 5.0
# where Ray itself says which cluster a program belongs to
_ADDRESS = "RAY_ADDRESS"


class Cluster:
    """A connection.

    ray (module): Ray.
    """

    def __init__(self, address: Optional[str]) -> None:
        """Connect to a cluster, or start Ray on this machine.

        address (Optional[str]): The cluster, as "auto"; None for the one that is connected, the one that RAY_ADDRESS
            names, or this machine.
        RAISES (ImportError): E749 if Ray is not installed.
        RAISES (OSError): E748 if the cluster is not there.
        """
        try:
            ray: Any = import_module("ray")
        except ImportError as error:
            raise ImportError(Errors.E749.format(problem=error)) from error
        self.ray = ray
        self._is_ours = not ray.is_initialized()
        if self._is_ours:
            address = address or os.environ.get(_ADDRESS)
            try:
                _check_address(address)
                # without "local" it would be whatever cluster was started on this machine last, be it there or not
                place: Dict[str, Any] = {"address": address or "local"}
                ray.init(log_to_driver=False, **place, **({} if address else {"include_dashboard": False}))
            # Ray's errors for an address are of several kinds
            except Exception as error:
                raise OSError(Errors.E748.format(address=address, problem=error)) from error

    def close(self) -> None:
        """End Ray, if it was started here."""
        if self._is_ours:
            self.ray.shutdown()


def _check_address(address: Optional[str]) -> None:
    """Ray would try for a minute, and end the process then."""
    host, _, port = (address or "").rpartition(":")
    if host and port.isdigit() and "/" not in host:
        socket.create_connection((host.strip("[]"), int(port)), timeout=_SECONDS).close()
