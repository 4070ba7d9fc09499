#!/usr/bin/env python3
"""Recomputes what stands behind KWH from a node's raw storage, and trusts no function of the chain: backing.py http://127.0.0.1:9944"""
import hashlib, json, sys, urllib.request
def rpc(method, *params):
    body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params}).encode()
    return json.load(urllib.request.urlopen(urllib.request.Request(sys.argv[1], body, {"Content-Type": "application/json"})))["result"]
KWH, BLD = "c2261276cc9d1f8598ea4b6a74b15c2f57c875e4cff74148e4628f264b974c80", "5641285262b8f970e4cbaafbff8d6ab0b99d880ec681799c0cf30e8886371da9"
ASSETS, SYSTEM = "682a59d51ab9e48a8c8cc418ff9708d2b99d880ec681799c0cf30e8886371da9", "26aa394eea5630e07c48ae0c9558cef7b99d880ec681799c0cf30e8886371da9"
VAULTS, TYPES, FROZEN = ("7aa4a87ada28e2799cda3106a4ec643e" + entry for entry in ("8200ee1e7ffeceaefd524b3ceb4c2a19", "97d83815ba0b75d1b7121168713250a8", "582254b574b1e2f5e74ad6a71f83607d"))  # twox128(pallet), twox128(entry)
HEAD, KEEPER = rpc("chain_getFinalizedHead"), b"modlbl/vault".ljust(32, b"\0")  # whose account holds all collateral and the pools
blake = lambda data: (hashlib.blake2b(data, digest_size=16).digest() + data).hex()
number = lambda data, at, size=16: int.from_bytes(data[at:at + size], "little")
read = lambda key: bytes.fromhex((rpc("state_getStorage", "0x" + key, HEAD) or "0x")[2:])
def entries(prefix, keys=()):  # end of each key (8 bytes of hash and the id), and the value
    while page := rpc("state_getKeysPaged", "0x" + prefix, 512, keys[-1] if keys else None, HEAD): keys = [*keys, *page]
    return [(bytes.fromhex(key[2 + len(prefix):]), read(key[2:])) for key in keys]
report, vaults = {"block": HEAD, "supply": number(read(KWH), 0), "types": []}, [vault for _, vault in entries(VAULTS)]
for key, data in entries(TYPES):  # after 44 bytes of parameters and the time of their last change
    token, frozen, (D, N, C, A) = number(key, 8, 4), read(FROZEN + key.hex()), (number(data, at, size) for at, size in ((44, 16), (60, 32), (92, 16), (108, 32)))
    shortfall, reserve, revenue, active, waiting, pooled, owed = (number(data, at) for at in (156, 172, 188, 204, 220, 236, 304))
    mine = [(number(v, 36, 32), number(v, 68), number(v, 84, 32)) for v in vaults if number(v, 32, 4) == token]
    vaulted = [(-(-n * D // N) if n else 0, c + (n * (A - a) >> 192)) for n, c, a in mine]
    debts, owned = [debt for debt, _ in vaulted if debt], sum(collateral for _, collateral in vaulted)
    price = (number(frozen, 0), number(frozen, 16)) if frozen else (C, 1)  # after a shutdown what exceeds the debt is the owners'
    behind = reserve + sum(min(collateral, -(-debt * price[0] // price[1])) for debt, collateral in vaulted)
    held = number(read(BLD + blake(KEEPER)) if token == 0 else read(ASSETS + blake(key[8:]) + blake(KEEPER)), 0)
    report["types"].append({"token": token, "debt": D, "shortfall": shortfall, "collateral": C, "behind": behind, "reserve": reserve, "revenue": revenue, "pool_kwh": active + waiting,
        "pool_collateral": pooled, "vaults": len(mine), "sum_of_debts": sum(debts), "sum_of_collateral": owned, "held": held})
    assert 0 <= sum(debts) - D <= len(debts), "the vaults do not owe what the type says"
    assert owned <= C and C + reserve + revenue + pooled + owed <= held, "collateral is missing"
total = lambda name: sum(kind[name] for kind in report["types"])
assert report["supply"] == total("debt") + total("shortfall") and total("pool_kwh") <= number(read(SYSTEM + blake(KEEPER)), 16), "KWH exist that nobody owes, or are missing"
print(json.dumps(json.loads(json.dumps(report), parse_int=str)))  # amounts are text: not every reader keeps large numbers
