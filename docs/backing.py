#!/usr/bin/env python3
"""Recomputes what stands behind KWH from a node's raw storage, and trusts no function of the chain: backing.py http://127.0.0.1:9944"""
import hashlib, json, sys, urllib.request

def rpc(method, *params):
    body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params}).encode()
    answer = urllib.request.urlopen(urllib.request.Request(sys.argv[1], body, {"Content-Type": "application/json"}))
    return json.load(answer)["result"]

# The storage prefixes of entries: twox128(pallet) and twox128(entry)
KWH, BLD, ASSETS, SYSTEM = ("c2261276cc9d1f8598ea4b6a74b15c2f57c875e4cff74148e4628f264b974c80", "5641285262b8f970e4cbaafbff8d6ab0b99d880ec681799c0cf30e8886371da9",
    "682a59d51ab9e48a8c8cc418ff9708d2b99d880ec681799c0cf30e8886371da9", "26aa394eea5630e07c48ae0c9558cef7b99d880ec681799c0cf30e8886371da9")
VAULTS, TYPES = ("7aa4a87ada28e2799cda3106a4ec643e" + entry for entry in ("8200ee1e7ffeceaefd524b3ceb4c2a19", "97d83815ba0b75d1b7121168713250a8"))
HEAD = rpc("chain_getFinalizedHead")
KEEPER = b"modlbl/vault".ljust(32, b"\0")  # the account that holds all collateral and the pools
blake = lambda data: (hashlib.blake2b(data, digest_size=16).digest() + data).hex()
number = lambda data, at, size=16: int.from_bytes(data[at:at + size], "little")
read = lambda key: bytes.fromhex((rpc("state_getStorage", "0x" + key, HEAD) or "0x")[2:])

def entries(prefix):  # raw end of each key (8 bytes of hash, then the id), and the value
    keys = []
    while page := rpc("state_getKeysPaged", "0x" + prefix, 512, keys[-1] if keys else None, HEAD):
        keys += page
    return [(bytes.fromhex(key[2 + len(prefix):])[8:], read(key[2:])) for key in keys]

report, vaults = {"block": HEAD, "supply": number(read(KWH), 0), "types": []}, [vault for _, vault in entries(VAULTS)]
for key, data in entries(TYPES):
    token, at = number(key, 0, 4), 44  # past the parameters and the time of their last change
    D, N, C, A = number(data, at), number(data, at + 16, 32), number(data, at + 48), number(data, at + 64, 32)
    shortfall, reserve, revenue, active, waiting, pooled = (number(data, at + offset) for offset in (112, 128, 144, 160, 176, 192))
    owed = number(data, at + 260)
    mine = [(number(v, 36, 32), number(v, 68), number(v, 84, 32)) for v in vaults if number(v, 32, 4) == token]
    debts = [-(-n * D // N) for n, _, _ in mine if n]
    owned = [c + (n * (A - a) >> 192) for n, c, a in mine]
    held = number(read(BLD + blake(KEEPER)), 0) if token == 0 else number(read(ASSETS + blake(key) + blake(KEEPER)), 0)
    report["types"].append({"token": token, "debt": D, "shortfall": shortfall, "collateral": C, "reserve": reserve, "revenue": revenue, "pool_kwh": active + waiting,
        "pool_collateral": pooled, "vaults": len(mine), "sum_of_debts": sum(debts), "sum_of_collateral": sum(owned), "held": held})
    assert 0 <= sum(debts) - D <= len(debts), "the vaults do not owe what the type says"
    assert sum(owned) <= C and C + reserve + revenue + pooled + owed <= held, "collateral is missing"
total = lambda name: sum(kind[name] for kind in report["types"])
assert report["supply"] == total("debt") + total("shortfall"), "KWH exist that nobody owes and no shortfall explains"
assert total("pool_kwh") <= number(read(SYSTEM + blake(KEEPER)), 16), "the pools' KWH are missing"
print(json.dumps(json.loads(json.dumps(report), parse_int=str)))  # amounts are text: not every reader keeps large numbers
