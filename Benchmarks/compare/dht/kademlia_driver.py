#!/usr/bin/env python3
"""kademlia_driver.py NODES OPERATIONS

A network of PyPI kademlia nodes in one process on loopback: put, and get to the first value (it knows no other stop).
k is 8, as for the other rivals. Values have 200 bytes and are compared. Whoever asks is neither the publisher nor near
the key. Prints one JSON line with the fields of driver.hpp."""
import asyncio, hashlib, json, logging, random, resource, sys, time
from importlib.metadata import version

from kademlia.network import Server

K = 8
logging.disable(logging.CRITICAL)


def processor():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def resident(name="VmRSS"):
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith(name)) * 1024


def datagrams():
    with open("/proc/net/snmp") as counters:
        names, values = [line.split() for line in counters if line.startswith("Udp:")]
    return int(values[names.index("OutDatagrams")])


def quantile(values, fraction):
    values = sorted(values)
    return round(values[min(len(values) - 1, max(0, -int(-fraction * len(values) // 1) - 1))], 3) if values else 0


async def measure(count, operation):
    times = []
    spent, sent = processor(), datagrams()
    for number in range(count):
        begun = time.perf_counter()
        if await operation(number):
            times.append((time.perf_counter() - begun) * 1e3)
    spent, sent = processor() - spent, datagrams() - sent
    return {
        "count": count, "success": len(times) / count,
        "milliseconds": {"p50": quantile(times, 0.5), "p99": quantile(times, 0.99)},
        "datagrams": sent / count, "rpcs": sent / 2 / count, "cpuMicroseconds": round(spent / count * 1e6, 1),
        "cpuMicrosecondsPerRPC": round(spent / max(sent / 2, 1) * 1e6, 2),
    }


async def main():
    nodes_wanted = int(sys.argv[1]) if len(sys.argv) > 1 else 100
    operations = int(sys.argv[2]) if len(sys.argv) > 2 else 200
    before, begun, spent, sent = resident(), time.time(), processor(), datagrams()
    anonymous = resident("RssAnon")
    choice = random.Random(1)
    nodes = []
    for index in range(nodes_wanted):
        node = Server(ksize=K)
        await node.listen(26000 + index, interface="127.0.0.1")
        if index:
            await node.bootstrap([("127.0.0.1", 26000 + choice.randrange(index))])
        nodes.append(node)
    report = {
        "rival": "PyPI kademlia", "version": version("kademlia"), "nodes": nodes_wanted, "k": K, "alpha": 3,
        "encrypted": False, "joinMilliseconds": round((time.time() - begun) * 1e3, 1),
        "joinCPUMillisecondsPerNode": round((processor() - spent) / nodes_wanted * 1e3, 3),
        "joinDatagramsPerNode": round((datagrams() - sent) / nodes_wanted, 1),
        "rssBytesPerIdleNode": (resident() - before) // nodes_wanted,
        "anonymousBytesPerIdleNode": (resident("RssAnon") - anonymous) // nodes_wanted,
    }
    spent, sent = processor(), datagrams()
    await asyncio.sleep(5)
    report["idleCPUPercentPerNode"] = round((processor() - spent) / 5 / nodes_wanted * 100, 4)
    report["idleDatagramsPerSecondPerNode"] = round((datagrams() - sent) / 5 / nodes_wanted, 3)
    key = lambda number: f"key {number}"
    value = lambda number: f"{number:06}" + "x" * 194
    publishers = [choice.randrange(nodes_wanted) for _ in range(operations)]

    def asker(number):
        place = int(hashlib.sha1(key(number).encode()).hexdigest(), 16)
        order = sorted(range(nodes_wanted), key=lambda index: int(nodes[index].node.id.hex(), 16) ^ place)
        return nodes[choice.choice([index for index in order[2 * K:] if index != publishers[number]])]

    async def get(number):
        return await askers[number].get(key(number)) == value(number)

    report["put"] = await measure(
        operations, lambda number: nodes[publishers[number]].set(key(number), value(number)))
    askers = [asker(number) for number in range(operations)]
    report["getFirst"] = await measure(operations, get)
    report["rssBytesPerNode"] = (resident() - before) // nodes_wanted
    print(json.dumps(report), flush=True)
    for node in nodes:
        node.stop()


asyncio.run(main())
