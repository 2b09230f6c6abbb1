"""A client for crowds: the bare protocol under asyncio, thousands in a process.
It logs in with trust or a SCRAM password, and gives back whole messages."""

import asyncio
import base64
import collections
import hashlib
import hmac
import os
import socket
import struct

from .talk import fields, message, startup, zero

CANCEL = 80877102
ANSWER_TIMEOUT = 60


class Gone(Exception):
    """The connection has ended."""


class Hang(Exception):
    """Nothing came for ANSWER_TIMEOUT seconds."""


def query(text):
    return message(b"Q", zero(text))


def parse(name, text, *oids):
    return message(b"P", zero(name) + zero(text) + struct.pack(f"!h{len(oids)}I", len(oids), *oids))


def bind(statement, *values, portal=""):
    body = [zero(portal), zero(statement), struct.pack("!hh", 0, len(values))]
    for value in values:
        if value is None:
            body.append(b"\xff\xff\xff\xff")
        else:
            data = value.encode()
            body += struct.pack("!i", len(data)), data
    body.append(b"\0\0")
    return message(b"B", b"".join(body))


DESCRIBE = message(b"D", b"P\0")
EXECUTE = message(b"E", b"\0\0\0\0\0")
SYNC = message(b"S")
FLUSH = message(b"H")
TERMINATE = message(b"X")


def values(body):
    """A DataRow's texts."""
    count, at, found = struct.unpack_from("!h", body)[0], 2, []
    for _ in range(count):
        length = struct.unpack_from("!i", body, at)[0]
        at += 4
        if length < 0:
            found.append(None)
        else:
            found.append(body[at:at + length].decode())
            at += length
    return found


class Raw(asyncio.Protocol):
    """One connection. `read` gives (kind, body), one message at a time."""

    def __init__(self):
        self.rest, self.messages, self.waiter = b"", collections.deque(), None
        self.gone, self.key, self.transport, self.parameters = False, None, None, {}

    @classmethod
    async def connect(cls, port, user, password="", database="app", **parameters):
        """Logged in; Gone or a Refused otherwise."""
        loop = asyncio.get_running_loop()
        _, self = await loop.create_connection(cls, "127.0.0.1", port)
        self.transport.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            await self._log_in(password, {"user": user, "database": database, **parameters})
        except BaseException:
            self.transport.abort()
            raise
        return self

    async def _log_in(self, password, parameters):
        self.send(startup(**parameters))
        nonce = base64.b64encode(os.urandom(18)).decode()
        first = f"n=,r={nonce}"
        while True:
            kind, body = await self.read()
            if kind == b"E":
                raise Refused(fields(body))
            if kind == b"K":
                self.key = body
            elif kind == b"S":
                self._note(body)
            elif kind == b"Z":
                return
            elif kind == b"R":
                step = struct.unpack_from("!i", body)[0]
                if step == 10:
                    said = b"n,," + first.encode()
                    self.send(message(b"p", zero("SCRAM-SHA-256") + struct.pack("!i", len(said)) + said))
                elif step == 11:
                    self.send(message(b"p", prove(password, first, body[4:].decode()).encode()))

    def _note(self, body):
        name, value = body.decode().split("\0")[:2]
        self.parameters[name] = value

    # --- what the loop calls

    def connection_made(self, transport):
        self.transport = transport

    def data_received(self, data):
        data = self.rest + data if self.rest else data
        at, end = 0, len(data)
        while end - at >= 5:
            whole = at + 1 + int.from_bytes(data[at + 1:at + 5], "big")
            if whole > end:
                break
            self.messages.append((data[at:at + 1], data[at + 5:whole]))
            at = whole
        self.rest = data[at:]
        self._wake()

    def connection_lost(self, error):
        self.gone = True
        self._wake()

    def _wake(self):
        if self.waiter and not self.waiter.done():
            self.waiter.set_result(None)

    # --- what a client does

    def send(self, data):
        if self.gone:
            raise Gone
        self.transport.write(data)

    async def read(self, timeout=ANSWER_TIMEOUT):
        while not self.messages:
            if self.gone:
                raise Gone
            loop = asyncio.get_running_loop()
            self.waiter = loop.create_future()
            timer = loop.call_later(timeout, self._expire, self.waiter)
            try:
                await self.waiter
            finally:
                timer.cancel()
                self.waiter = None
        return self.messages.popleft()

    @staticmethod
    def _expire(waiter):
        if not waiter.done():
            waiter.set_exception(Hang())

    async def ask(self, text, timeout=ANSWER_TIMEOUT):
        """A simple query: (rows, error fields or None, status)."""
        self.send(query(text))
        rows, error = [], None
        while True:
            kind, body = await self.read(timeout)
            if kind == b"D":
                rows.append(values(body))
            elif kind == b"E":
                error = fields(body)
            elif kind == b"S":
                self._note(body)
            elif kind == b"Z":
                return rows, error, body.decode()

    async def cancel(self, port):
        """Asks for it as libpq does: it is over when the connection is closed."""
        loop = asyncio.get_running_loop()
        transport, other = await loop.create_connection(Raw, "127.0.0.1", port)
        other.send(struct.pack("!ii", 8 + len(self.key), CANCEL) + self.key)
        try:
            await other.read()
        except Gone:
            return
        finally:
            transport.abort()

    def crash(self):
        """RST, whatever is under way."""
        sock = self.transport.get_extra_info("socket")
        try:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        except OSError:
            pass
        self.transport.abort()

    def leave(self):
        if not self.gone:
            self.transport.write(TERMINATE)
            self.transport.close()


class Refused(Exception):
    def __init__(self, told):
        super().__init__(f"{told.get('C')}: {told.get('M')}")
        self.code = told.get("C")


def prove(password, first, challenge):
    """The client's last SCRAM message (RFC 5802), without channel binding."""
    told = dict(part.split("=", 1) for part in challenge.split(","))
    salted = hashlib.pbkdf2_hmac("sha256", password.encode(), base64.b64decode(told["s"]), int(told["i"]))
    key = hmac.digest(salted, b"Client Key", "sha256")
    without = f"c=biws,r={told['r']}"
    whole = f"{first},{challenge},{without}".encode()
    signature = hmac.digest(hashlib.sha256(key).digest(), whole, "sha256")
    return f"{without},p={base64.b64encode(bytes(a ^ b for a, b in zip(key, signature))).decode()}"
