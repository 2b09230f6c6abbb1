"""Conversations at the level of the protocol: what tests/talk/*.talk are
written in, and a client that speaks it. It reads the protocol by itself, with
nothing but the standard library, so that it shares no mistake with a driver.

    # what is shown, in a sentence or two
    roads: direct postgres          only these (all, if the line is absent)
    weir: --pool-size 1             a weir of its own, with these options
    sql: CREATE TABLE ...           run by a client that leaves before the talk

    alice > Parse p "select 1" | Sync       one write, two messages
    alice < ParseComplete
    alice < ReadyForQuery I

A client logs in when it is first named, unless it `opens` (a bare socket) or
`logs in with name=value ...`. It can `leave` (Terminate), `crash`, `cancel`
what it runs (or cancel until it is answered), `start tls`, `dribble` (from then on one byte at a time) and
`read slowly`. `<` also takes Refused CODE, Closed, Ends (with a word or
without one), Rows COUNT and Silence SECONDS. What a
server says unasked (ParameterStatus, Notice) is passed over unless named.
Also: `wait SECONDS`, `weir SIGNAL`, and `weir < EXITCODE`."""

import ast
import base64
import hashlib
import hmac
import os
import pathlib
import select
import shlex
import signal
import socket
import ssl
import struct
import time

TIMEOUT = 60
UNASKED = {"ParameterStatus", "Notice", "Notification"}
KINDS = {b"1": "ParseComplete", b"2": "BindComplete", b"3": "CloseComplete", b"n": "NoData",
         b"s": "PortalSuspended", b"I": "EmptyQuery", b"C": "CommandComplete", b"D": "DataRow",
         b"T": "RowDescription", b"t": "ParameterDescription", b"Z": "ReadyForQuery", b"E": "Error",
         b"N": "Notice", b"A": "Notification", b"S": "ParameterStatus", b"G": "CopyIn", b"H": "CopyOut",
         b"d": "CopyData", b"c": "CopyDone", b"V": "FunctionResult", b"R": "Authentication",
         b"K": "BackendKey", b"v": "NegotiateVersion"}


def text_of(value):
    """Long values are told by their length."""
    text = value.decode(errors="replace")
    return text if len(text) < 200 else f"{len(text)} bytes"


def row(body):
    count, at, values = struct.unpack_from("!h", body)[0], 2, []
    for _ in range(count):
        length = struct.unpack_from("!i", body, at)[0]
        at += 4
        values.append("NULL" if length < 0 else text_of(body[at:at + length]))
        at += max(length, 0)
    return values


def columns(body):
    count, at, names = struct.unpack_from("!h", body)[0], 2, []
    for _ in range(count):
        end = body.index(b"\0", at)
        names.append(body[at:end].decode())
        at = end + 19
    return names


def fields(body):
    return {part[:1].decode(): part[1:].decode(errors="replace") for part in body.split(b"\0") if part}


def meaning(kind, body):
    name = KINDS.get(kind, repr(kind))
    if name == "DataRow":
        return name, row(body)
    if name == "RowDescription":
        return name, columns(body)
    if name in ("Error", "Notice"):
        told = fields(body)
        return name, [told["C"], told["M"]] + [told[letter] for letter in "DH" if letter in told]
    if name == "CommandComplete":
        return name, body[:-1].decode().split()
    if name == "ReadyForQuery":
        return name, [body.decode()]
    if name == "ParameterStatus":
        return name, body.decode().split("\0")[:2]
    if name == "CopyData":
        return name, [text_of(body.rstrip(b"\n"))]
    if name == "ParameterDescription":
        return name, [str(oid) for oid in struct.unpack(f"!{(len(body) - 2) // 4}I", body[2:])]
    return name, []


def message(letter, body=b""):
    return letter + struct.pack("!i", len(body) + 4) + body


def zero(text):
    return text.encode() + b"\0"


def spread(text):
    """`x*1000` in a value means it that often: large things in a small file."""
    head, star, count = text.rpartition("*")
    return head * int(count) if star and head and count.isdigit() else text


def bind(portal="", statement="", *values):
    body = zero(portal) + zero(statement) + struct.pack("!hh", 0, len(values))
    for value in values:
        data = spread(value).encode()
        body += struct.pack("!i", -1) if value == "NULL" else struct.pack("!i", len(data)) + data
    return message(b"B", body + struct.pack("!h", 0))


SENT = {
    "Query": lambda text: message(b"Q", zero(spread(text))),
    "Parse": lambda name, text, *oids: message(b"P", zero(name) + zero(text) + struct.pack(
        f"!h{len(oids)}I", len(oids), *map(int, oids))),
    "Bind": bind,
    "Describe": lambda kind, name="": message(b"D", zero(kind + name)),
    "Execute": lambda portal="", rows="0": message(b"E", zero(portal) + struct.pack("!i", int(rows))),
    "Close": lambda kind, name="": message(b"C", zero(kind + name)),
    "Sync": lambda: message(b"S"),
    "Flush": lambda: message(b"H"),
    "CopyData": lambda text: message(b"d", spread(text).encode() + b"\n"),
    "CopyDone": lambda: message(b"c"),
    "CopyFail": lambda text: message(b"f", zero(text)),
    "Terminate": lambda: message(b"X"),
    "SSLRequest": lambda: struct.pack("!ii", 8, 80877103),
    "GSSRequest": lambda: struct.pack("!ii", 8, 80877104),
    # any bytes, as a Python literal
    "Bytes": lambda text: ast.literal_eval(f'b"""{text}"""'),
    # the header of a message whose body is said to be this long
    "Header": lambda letter, length: letter.encode() + struct.pack("!I", int(length)),
}


def startup(version=196608, **parameters):
    body = struct.pack("!i", version)
    for name, value in parameters.items():
        body += zero(name) + zero(spread(value))
    return struct.pack("!i", len(body) + 5) + body + b"\0"


class Client:
    """One socket, and what was read of it so far."""

    def __init__(self, endpoint, name):
        self.endpoint, self.name = endpoint, name
        self.rest, self.key, self.dribbling, self.closed = b"", None, False, False
        self.slowly, self.negotiated, self.refusal = False, [], {}
        self.socket = socket.create_connection(("127.0.0.1", endpoint.port), TIMEOUT)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    # --- bytes

    def send(self, data):
        if not self.dribbling:
            self.socket.sendall(data)
            return
        for at in range(len(data)):
            self.socket.sendall(data[at:at + 1])

    def more(self, timeout=TIMEOUT):
        """False at the end of the stream."""
        if not isinstance(self.socket, ssl.SSLSocket) or not self.socket.pending():
            if not select.select([self.socket], [], [], timeout)[0]:
                raise AssertionError(f"{self.name} hears nothing for {timeout} s; unread: {self.rest[:200]!r}")
        if self.slowly:
            time.sleep(0.01)
        try:
            data = self.socket.recv(65536)
        except (ConnectionResetError, ssl.SSLError):
            data = b""
        self.rest += data
        return bool(data)

    def take(self, count):
        while len(self.rest) < count:
            if not self.more():
                self.closed = True
                return None
        data, self.rest = self.rest[:count], self.rest[count:]
        return data

    def read(self):
        header = self.take(5)
        if header is None:
            return "Closed", []
        body = self.take(struct.unpack("!i", header[1:])[0] - 4)
        return (header[:1], body) if body is not None else ("Closed", [])

    def hear(self):
        """What it is told up to a ReadyForQuery or the end: (name, words) each."""
        told = []
        while not told or told[-1][0] not in ("ReadyForQuery", "Closed"):
            kind, body = self.read()
            told.append(meaning(kind, body) if kind != "Closed" else (kind, body))
        return told

    def ask(self, text):
        self.send(SENT["Query"](text))
        return self.hear()

    def hears_nothing(self, seconds):
        return not self.rest and not select.select([self.socket], [], [], seconds)[0]

    # --- log-in

    def start_tls(self):
        self.send(SENT["SSLRequest"]())
        assert self.take(1) == b"S"
        self.wrap()

    def wrap(self):
        context = ssl.create_default_context(cafile=self.endpoint.ca)
        context.check_hostname = False
        self.socket = context.wrap_socket(self.socket)

    def log_in(self, **parameters):
        """"" or the SQLSTATE it was refused with."""
        if self.endpoint.ca and not isinstance(self.socket, ssl.SSLSocket):
            self.start_tls()
        self.send(startup(**{"user": self.endpoint.user, "database": "app", **parameters}))
        scram = None
        while True:
            kind, body = self.read()
            if kind == "Closed":
                return "Closed"
            if kind == b"E":
                self.refusal = fields(body)
                return self.refusal["C"]
            if kind == b"v":
                self.negotiated.append(body)
            if kind == b"K":
                self.key = body
            if kind == b"Z":
                return ""
            if kind != b"R" or not struct.unpack_from("!i", body)[0]:
                continue
            step = struct.unpack_from("!i", body)[0]
            assert step in (10, 11, 12), "only SCRAM is spoken here"
            if step == 10:
                scram = Scram(self.endpoint.password)
                first = scram.first()
                self.send(message(b"p", zero("SCRAM-SHA-256") + struct.pack("!i", len(first)) + first))
            elif step == 11:
                self.send(message(b"p", scram.last(body[4:])))
            else:
                assert body[4:] == scram.proof_of_server

    # --- the end

    def leave(self):
        self.send(message(b"X"))
        self.socket.close()

    def crash(self):
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()

    def cancel(self, key=None):
        other = Client(self.endpoint, self.name + "'s cancel")
        if self.endpoint.ca:
            other.start_tls()
        key = key or self.key
        other.send(struct.pack("!ii", 8 + len(key), 80877102) + key)
        assert other.read()[0] == "Closed"
        other.socket.close()


class Scram:
    """SCRAM-SHA-256 without channel binding (RFC 5802)."""

    def __init__(self, password):
        self.password = password.encode()
        self.nonce = base64.b64encode(os.urandom(18)).decode()

    def first(self):
        self.bare = f"n=,r={self.nonce}"
        return f"n,,{self.bare}".encode()

    def last(self, server_first):
        server_first = server_first.decode()
        told = dict(part.split("=", 1) for part in server_first.split(","))
        assert told["r"].startswith(self.nonce)
        salted = hashlib.pbkdf2_hmac("sha256", self.password, base64.b64decode(told["s"]), int(told["i"]))
        sign = lambda key, text: hmac.digest(key, text.encode(), "sha256")  # noqa: E731
        client_key = sign(salted, "Client Key")
        without = f"c=biws,r={told['r']}"
        everything = f"{self.bare},{server_first},{without}"
        signature = sign(hashlib.sha256(client_key).digest(), everything)
        proof = bytes(a ^ b for a, b in zip(client_key, signature))
        self.proof_of_server = b"v=" + base64.b64encode(sign(sign(salted, "Server Key"), everything))
        return f"{without},p={base64.b64encode(proof).decode()}".encode()


class Talk:
    def __init__(self, path):
        self.path = pathlib.Path(path)
        self.roads, self.options, self.sql, self.lines = None, None, [], []
        for number, line in enumerate(self.path.read_text().splitlines(), 1):
            line = line.strip()
            head, colon, rest = line.partition(":")
            if not line or line.startswith("#"):
                continue
            if colon and head == "roads":
                self.roads = rest.split()
            elif colon and head == "weir":
                self.options = shlex.split(rest)
            elif colon and head == "sql":
                self.sql.append(rest.strip())
            else:
                self.lines.append((number, line))

    def run(self, endpoint):
        self.endpoint, self.clients = endpoint, {}
        try:
            for text in self.sql:
                self.prepare(text)
            for number, line in self.lines:
                try:
                    self.step(line)
                except (AssertionError, OSError, TypeError) as error:
                    raise AssertionError(f"{self.path.name}:{number}: {line}\n{error}") from error
            for name, client in self.clients.items():
                assert not client.rest, f"{name} was told more: {client.rest[:200]!r}"
        finally:
            for client in self.clients.values():
                client.socket.close()

    def prepare(self, text):
        client = Client(self.endpoint, "sql")
        assert not client.log_in()
        client.send(SENT["Query"](text))
        while True:
            kind, body = client.read()
            assert kind not in (b"E", "Closed"), f"{text}: {body}"
            if kind == b"Z":
                break
        client.leave()

    def client(self, name):
        if name not in self.clients:
            self.clients[name] = Client(self.endpoint, name)
            refused = self.clients[name].log_in()
            assert not refused, f"{name} is refused: {refused}"
        return self.clients[name]

    def step(self, line):
        name, _, rest = line.partition(" ")
        words = shlex.split(rest)
        if name == "wait":
            time.sleep(float(words[0]))
        elif name == "weir":
            self.weir(words)
        elif words[0] == "opens":
            self.clients[name] = Client(self.endpoint, name)
        elif words[:3] == ["logs", "in", "with"]:
            self.log_in(name, words[3:])
        elif words[0] == ">":
            self.send(self.client(name), words[1:])
        elif words[0] == "<":
            self.expect(self.client(name), words[1:])
        else:
            self.act(self.client(name), " ".join(words))

    def weir(self, words):
        if self.endpoint.is_direct:
            return
        if words[0] == "<":
            assert self.endpoint.weir.wait(TIMEOUT) == int(words[1])
        else:
            self.endpoint.weir.signal(getattr(signal, words[0]))

    def log_in(self, name, words):
        client = self.clients.setdefault(name, None) or Client(self.endpoint, name)
        self.clients[name] = client
        parameters = dict(word.split("=", 1) for word in words if word != "dribbling")
        client.dribbling = "dribbling" in words
        self.refused = client.log_in(**parameters)

    def act(self, client, what):
        if what == "leaves":
            client.leave()
        elif what == "crashes":
            client.crash()
        elif what == "cancels":
            client.cancel()
        elif what == "cancels until it is answered":
            # one that comes before the query is lost, with Postgres as well
            while client.hears_nothing(0.3):
                client.cancel()
        elif what == "cancels with a wrong key":
            client.cancel(client.key[:-1] + bytes([client.key[-1] ^ 1]))
        elif what == "dribbles":
            client.dribbling = True
        elif what == "reads slowly":
            client.slowly = True
        elif what == "starts tls":
            client.wrap()
        else:
            raise AssertionError(f"nobody can do this: {what}")

    def send(self, client, words):
        data, part = b"", []
        for word in [*words, "|"]:
            if word != "|":
                part.append(word)
                continue
            data += SENT[part[0]](*part[1:])
            part = []
        client.send(data)

    def expect(self, client, words):
        kind, *wanted = words
        if kind == "Silence":
            ready = select.select([client.socket], [], [], float(wanted[0]))[0]
            assert not ready and not client.rest, f"it is told: {client.rest or client.socket.recv(200)!r}"
        elif kind == "Refused":
            assert self.refused == wanted[0], f"it is: {self.refused or 'let in'}"
        elif kind == "Ends":
            # with a word or without one
            while client.more():
                pass
            client.rest = b""
        elif kind == "Byte":
            assert client.take(1) == wanted[0].encode()
        elif kind == "Rows":
            for _ in range(int(wanted[0])):
                self.match(client, "DataRow", [])
        else:
            self.match(client, kind, wanted)

    def match(self, client, kind, wanted):
        while True:
            found, body = client.read()
            if found != "Closed":
                found, body = meaning(found, body)
            if found == kind or found not in UNASKED:
                break
        said = f"it is told: {found} {' '.join(body)}"
        assert found == kind, said
        if kind == "Error" and wanted:
            assert body[0] == wanted[0] and all(word in " ".join(body) for word in wanted[1:]), said
        elif wanted:
            assert body == wanted, said
