"""What a guest did on its network, from the frames that QEMU wrote down (pcap)."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import IPv4Address

IPV4, TCP, UDP = 0x0800, 6, 17
RST, SYN = 0x04, 0x02
DHCP_SERVER, DHCP_CLIENT, SSH = 67, 68, 22
ACK = b"\x63\x82\x53\x63\x35\x01\x05"
"""DHCP's magic, then the option that says that this is an ACK (RFC 2131, RFC 2132), as QEMU's
server orders them."""


@dataclass
class Wire:
    """``address`` is what DHCP gave; ``calls`` counts tries to connect to its ssh port."""

    asked: bool = False
    address: str = ""
    calls: int = 0
    refused: bool = False
    answered: bool = False


def seen(capture: bytes) -> Wire:
    """Read a capture; one that is cut off counts as far as it goes."""
    wire = Wire()
    for frame in _frames(capture):
        if len(frame) < 34 or struct.unpack_from("!H", frame, 12)[0] != IPV4:
            continue
        packet = frame[14:]
        start = (packet[0] & 15) * 4
        if packet[9] == UDP and len(packet) >= start + 8:
            _dhcp(wire, packet[start:])
        elif packet[9] == TCP and len(packet) >= start + 14:
            _ssh(wire, packet[start:])
    return wire


def _dhcp(wire: Wire, segment: bytes) -> None:
    source, target = struct.unpack_from("!HH", segment)
    if (source, target) == (DHCP_CLIENT, DHCP_SERVER):
        wire.asked = True
    elif (source, target) == (DHCP_SERVER, DHCP_CLIENT) and ACK in segment[8:]:
        wire.address = str(IPv4Address(segment[8 + 16 : 8 + 20]))


def _ssh(wire: Wire, segment: bytes) -> None:
    source, target = struct.unpack_from("!HH", segment)
    flags = segment[13]
    if target == SSH and flags & SYN:
        wire.calls += 1
    if source == SSH and flags & RST:
        wire.refused = True
    if source == SSH and flags & SYN:
        wire.answered = True


def _frames(capture: bytes) -> Iterator[bytes]:
    """Frames of a capture in this machine's byte order: a header of 24 bytes, 16 before each."""
    at = 24
    while at + 16 <= len(capture):
        (length,) = struct.unpack_from("=I", capture, at + 8)
        yield capture[at + 16 : at + 16 + length]
        at += 16 + length
