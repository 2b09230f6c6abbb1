"""Just enough of Postgres's protocol to ask a server thousands of questions
at once: one value in, the same value out as text and as binary."""
import socket
import struct


class Wire:
    def __init__(self, address, user="postgres", database="postgres"):
        if address.startswith("/"):
            self.socket = socket.socket(socket.AF_UNIX)
            self.socket.connect(address)
        else:
            host, port = address.rsplit(":", 1)
            self.socket = socket.create_connection((host, int(port)))
        self.file = self.socket.makefile("rb")
        body = struct.pack("!i", 196608)
        for word in ("user", user, "database", database, "client_encoding",
                     "UTF8", "DateStyle", "ISO, MDY", "TimeZone", "UTC"):
            body += word.encode() + b"\0"
        body += b"\0"
        self.socket.sendall(struct.pack("!i", len(body) + 4) + body)
        while self.message()[0] != b"Z":
            pass

    def message(self):
        letter = self.file.read(1)
        length, = struct.unpack("!i", self.file.read(4))
        return letter, self.file.read(length - 4)

    def query(self, text):
        """Rows of text columns, or raises."""
        body = text.encode() + b"\0"
        self.socket.sendall(b"Q" + struct.pack("!i", len(body) + 4) + body)
        rows, error = [], None
        while True:
            letter, body = self.message()
            if letter == b"D":
                rows.append(columns(body))
            elif letter == b"E":
                error = fields(body)
            elif letter == b"Z":
                if error:
                    raise RuntimeError(error)
                return [[c if c is None else c.decode() for c in row]
                        for row in rows]

    def ask(self, sql, type_oid, values, in_format=0):
        """For each value (bytes) of $1 the answer: (text, binary) or a
        tuple (state, message, detail) in a list."""
        answers = []
        # Few at a time: two sides that only send wait for each other.
        out, waiting = b"", 0
        for value in values:
            out += self.exchange(sql, type_oid, value, in_format)
            waiting += 1
            if len(out) > 20000 or waiting == 100:
                self.socket.sendall(out)
                answers += [self.answer() for _ in range(waiting)]
                out, waiting = b"", 0
        self.socket.sendall(out)
        return answers + [self.answer() for _ in range(waiting)]

    def ask_all(self, statements):
        """The first column of the first row of each statement, as text;
        an error as a list."""
        answers = []
        for start in range(0, len(statements), 200):
            batch = statements[start:start + 200]
            out = b""
            for sql in batch:
                for letter, body in (
                        (b"P", b"\0" + sql.encode() + b"\0\0\0"),
                        (b"B", b"\0\0" + bytes(6)),
                        (b"E", b"\0" + bytes(4)), (b"S", b"")):
                    out += letter + struct.pack("!i", len(body) + 4) + body
            self.socket.sendall(out)
            for _ in batch:
                answer = self.answer()
                if isinstance(answer, tuple):
                    answer = answer[0].decode() if answer[0] else answer[0]
                answers.append(answer)
        return answers

    @staticmethod
    def exchange(sql, type_oid, value, in_format):
        def framed(letter, body):
            return letter + struct.pack("!i", len(body) + 4) + body
        out = framed(b"P", b"\0" + sql.encode() + b"\0" +
                     struct.pack("!hI", 1, type_oid))
        for result_format in (0, 1):
            out += framed(b"B", b"\0\0" + struct.pack("!hhh", 1, in_format, 1)
                          + struct.pack("!i", len(value)) + value
                          + struct.pack("!hh", 1, result_format))
            out += framed(b"E", b"\0" + struct.pack("!i", 0))
        return out + framed(b"S", b"")

    def answer(self):
        values, error = [], None
        while True:
            letter, body = self.message()
            if letter == b"D":
                values.append(columns(body)[0])
            elif letter == b"E":
                error = fields(body)
            elif letter == b"Z":
                return error if error else tuple(values)


def columns(body):
    count, = struct.unpack_from("!h", body)
    at, row = 2, []
    for _ in range(count):
        length, = struct.unpack_from("!i", body, at)
        at += 4
        row.append(None if length < 0 else body[at:at + length])
        at += max(length, 0)
    return row


def fields(body):
    found = {part[:1]: part[1:].decode("utf-8", "replace")
             for part in body.split(b"\0") if part}
    return [found.get(b"C", ""), found.get(b"M", ""), found.get(b"D", "")]
