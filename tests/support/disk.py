"""A disk that forgets what was not synced, and fails when it is told to.

disk.c is preloaded into a weir and records its writes and syncs of a database
and its log. From the record images are made, as a power cut at that moment
might leave them: sectors of 512 bytes that were written and not yet synced are
there, or not, or as an earlier write left them. What a sync that failed should
have made durable never becomes so (Linux marks such pages clean)."""

import ctypes
import mmap
import os
import pathlib
import sqlite3
import struct
import subprocess

SECTOR = 512
WROTE, TRUNCATED, SYNC_BEGAN, SYNC_ENDED, SYNC_FAILED = range(1, 6)
EVENT = struct.Struct("=QIIQQ")
NAMES = ("app.db", "app.db-wal")


class Control(ctypes.Structure):
    _fields_ = [(name, ctypes.c_int32) for name in
                ("write_countdown", "sync_countdown", "error", "is_short", "full", "lies", "sync_delay_us", "only",
                 "writes", "syncs", "failures")]


class Disk:
    """One per weir: `environment` is what weir is started with, `control` says what fails."""

    def __init__(self, directory):
        self.directory = pathlib.Path(directory)
        library = self.directory / "disk.so"
        source = pathlib.Path(__file__).with_name("disk.c")
        subprocess.run(["gcc", "-shared", "-fPIC", "-O1", "-o", library, source], check=True)
        self.trace = self.directory / "trace"
        page = self.directory / "control"
        page.write_bytes(bytes(mmap.PAGESIZE))
        with open(page, "r+b") as file:
            self.page = mmap.mmap(file.fileno(), mmap.PAGESIZE)
        self.control = Control.from_buffer(self.page)
        self.environment = {"LD_PRELOAD": str(library), "WEIR_DISK_TRACE": str(self.trace),
                            "WEIR_DISK_CONTROL": str(page)}

    def events(self):
        """(time in ns, kind, file, offset, bytes or length)"""
        data, at, found = self.trace.read_bytes(), 0, []
        while at + EVENT.size <= len(data):
            time_ns, kind, file, offset, length = EVENT.unpack_from(data, at)
            at += EVENT.size
            if at + length > len(data):
                break
            found.append((time_ns, kind, file, offset, data[at:at + length]))
            at += length
        return found


class File:
    """What is durable of it, and what was written since, sector by sector."""

    def __init__(self):
        self.durable, self.durable_size, self.size = bytearray(), 0, 0
        self.current, self.pending, self.sizes, self.syncing = bytearray(), {}, [], {}
        self.lost = set()       # pending, and a sync has failed over them

    def wrote(self, offset, data):
        end = offset + len(data)
        self.size = max(self.size, end)
        self.sizes.append(self.size)
        if len(self.current) < end + SECTOR:
            self.current.extend(bytes(end + SECTOR - len(self.current)))
        self.current[offset:end] = data
        for sector in range(offset // SECTOR, (end - 1) // SECTOR + 1):
            self.pending.setdefault(sector, []).append(self.sector(sector))

    def sector(self, number):
        return bytes(self.current[number * SECTOR:(number + 1) * SECTOR])

    def truncated(self, size):
        first = -(-size // SECTOR)
        for sector in range(first, -(-self.size // SECTOR)):
            self.current[sector * SECTOR:(sector + 1) * SECTOR] = bytes(SECTOR)
            self.pending.setdefault(sector, []).append(bytes(SECTOR))
        self.size = size
        self.sizes.append(size)

    def sync_began(self, fd):
        self.syncing[fd] = ({sector: len(versions) for sector, versions in self.pending.items()}, self.size)

    def sync_failed(self, fd):
        self.lost.update(self.pending)

    def sync_ended(self, fd):
        counts, size = self.syncing.pop(fd)
        for sector, count in counts.items():
            versions = self.pending.get(sector, [])
            if sector in self.lost or count > len(versions):
                continue        # another sync has been quicker
            self.keep(sector, versions[count - 1])
            del versions[:count]
            if not versions:
                del self.pending[sector]
        for counts, _ in self.syncing.values():
            for sector in list(counts):
                counts[sector] = min(counts[sector], len(self.pending.get(sector, ())))
                if not counts[sector]:
                    del counts[sector]
        self.durable_size, self.sizes = size, []

    def keep(self, sector, data):
        end = (sector + 1) * SECTOR
        if len(self.durable) < end:
            self.durable.extend(bytes(end - len(self.durable)))
        self.durable[end - SECTOR:end] = data

    def image(self, chance, probability):
        """Of each sector that was not synced: none of its writes, or up to one of them."""
        data, size = bytearray(self.durable), self.durable_size
        if self.sizes and chance.random() < probability:
            size = self.sizes[-1] if probability == 1 else chance.choice(self.sizes)
        for sector, versions in self.pending.items():
            if chance.random() >= probability:
                continue
            end = (sector + 1) * SECTOR
            if len(data) < end:
                data.extend(bytes(end - len(data)))
            data[end - SECTOR:end] = versions[-1] if probability == 1 else chance.choice(versions)
            if any(versions[-1]):
                size = max(size, min(end, self.size))
        return bytes(data[:size]) + bytes(max(0, size - len(data)))


def images(events, moments, chance):
    """At each of these moments (places in `events`): the time, and what the files are then."""
    files, at = [File(), File()], 0
    for moment in sorted(moments):
        while at < moment:
            _, kind, file, offset, data = events[at]
            at += 1
            if kind == WROTE:
                files[file].wrote(offset, data)
            elif kind == TRUNCATED:
                files[file].truncated(offset)
            elif kind == SYNC_BEGAN:
                files[file].sync_began(offset)
            elif kind == SYNC_FAILED:
                files[file].sync_failed(offset)
            else:
                files[file].sync_ended(offset)
        probability = chance.choice((0, 0.5, 1))
        yield events[moment - 1][0], [file.image(chance, probability) for file in files]


def recovered(directory, contents, query):
    """What a recovery makes of an image: integrity_check, and the rows of the query."""
    for name, data in zip(NAMES, contents):
        pathlib.Path(directory, name).write_bytes(data)
    pathlib.Path(directory, "app.db-shm").unlink(missing_ok=True)
    conn = sqlite3.connect(os.path.join(directory, "app.db"), isolation_level=None)
    try:
        return conn.execute("PRAGMA integrity_check").fetchone()[0], conn.execute(query).fetchall()
    except sqlite3.Error as error:
        return str(error), []
    finally:
        conn.close()
