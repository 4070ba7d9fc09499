"""A Modbus TCP server of a SunSpec device, for tests: pymodbus serves, and the registers are laid out by the model files of
the SunSpec Alliance, as the package pysunspec2 carries them.

Each line on standard input is a JSON object, and is answered by a line:
  {"base": 40000, "unit": 1, "models": [{"id": 203, "points": {"TotWhExp": 5}}]}   serve this map from now on: "serving PORT"
  {"offsets": 203}                                                                 where each point of a model begins: JSON
Points that are not given have the value that means "not implemented".
"""

import asyncio
import json
import logging
import pathlib
import struct
import sys

import sunspec2
from pymodbus.datastore import ModbusDeviceContext, ModbusServerContext, ModbusSparseDataBlock
from pymodbus.server import ModbusTcpServer

MODELS = pathlib.Path(sunspec2.__file__).parent / "models" / "json"

# How each type is packed, and what means that a point of it is not implemented
TYPES = {
    "int16": (">h", b"\x80\x00"),
    "sunssf": (">h", b"\x80\x00"),
    "uint16": (">H", b"\xff\xff"),
    "count": (">H", b"\xff\xff"),
    "enum16": (">H", b"\xff\xff"),
    "bitfield16": (">H", b"\xff\xff"),
    "pad": (">H", b"\x80\x00"),
    "acc16": (">H", b"\x00\x00"),
    "int32": (">i", b"\x80\x00\x00\x00"),
    "uint32": (">I", b"\xff\xff\xff\xff"),
    "enum32": (">I", b"\xff\xff\xff\xff"),
    "bitfield32": (">I", b"\xff\xff\xff\xff"),
    "acc32": (">I", b"\x00\x00\x00\x00"),
    "float32": (">f", b"\x7f\xc0\x00\x00"),
    "uint64": (">Q", b"\xff" * 8),
    "acc64": (">Q", b"\x00" * 8),
}


def points(model):
    """The points of a model without repeating groups: (name, type, size in registers), in their order."""
    group = json.loads((MODELS / f"model_{model}.json").read_text())["group"]
    return [(point["name"], point["type"], point["size"]) for point in group["points"]]


def offsets(model):
    at, found = 0, {}
    for name, kind, size in points(model):
        found[name] = {"offset": at, "type": kind, "size": size}
        at += size
    return found


def packed(kind, size, value):
    if kind == "string":
        return (value or "").encode().ljust(2 * size, b"\x00")
    form, missing = TYPES[kind]
    return missing if value is None else struct.pack(form, value)


def model(model, values):
    """The registers of a model, its number and length first."""
    laid_out = points(model)
    assert set(values) <= {name for name, _, _ in laid_out}, values
    length = sum(size for _, _, size in laid_out) - 2
    values = {"ID": model, "L": length, **values}
    data = b"".join(packed(kind, size, values.get(name)) for name, kind, size in laid_out)
    return list(struct.unpack(f">{len(data) // 2}H", data))


def registers(wanted):
    """All registers of a device, by their addresses."""
    all_registers = [0x5375, 0x6E53]
    for one in wanted["models"]:
        all_registers += model(one["id"], one.get("points", {}))
    all_registers += [0xFFFF, 0]
    # The library counts registers from 1 within a device
    return {wanted["base"] + 1 + at: value for at, value in enumerate(all_registers)}


async def main():
    # Requests that a device must refuse are part of the tests
    logging.getLogger("pymodbus").setLevel(logging.CRITICAL + 1)
    block = ModbusSparseDataBlock({1: 0})
    devices = {}
    server = None
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while line := await reader.readline():
        command = json.loads(line)
        if "offsets" in command:
            print(json.dumps(offsets(command["offsets"])), flush=True)
            continue
        block.values = registers(command)
        if server is None:
            devices[command["unit"]] = ModbusDeviceContext(hr=block)
            server = ModbusTcpServer(ModbusServerContext(devices=devices, single=False), address=("127.0.0.1", 0))
            await server.serve_forever(background=True)
        port = server.transport.sockets[0].getsockname()[1]
        print(f"serving {port}", flush=True)


asyncio.run(main())
