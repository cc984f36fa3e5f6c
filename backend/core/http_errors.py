"""What can go wrong between us and an HTTP server. The names are what the log shows of it."""


class WireError(Exception):
    """Base of all."""


class ConnectError(WireError):
    """No address of the host took a connection, or it could not be encrypted."""


class ConnectTimeout(WireError):
    """Making a connection took too long."""


class WriteTimeout(WireError):
    """The server took too long to take in the request."""


class ReadTimeout(WireError):
    """The server said nothing more of its answer for too long."""


class ReadError(WireError):
    """The connection ended or broke before the answer was whole."""


class ProtocolError(WireError):
    """What came, or what we were to send, is not HTTP/1.1."""
