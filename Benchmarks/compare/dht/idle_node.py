"""What a real node costs that nobody asks for anything: three nodes of one network, one of them watched."""
import json, os, subprocess, sys, tempfile, time

SETTLE_SECONDS = 10
WATCH_SECONDS = 20

# Runs inside of the namespace, so that its counters are those of the three nodes alone.
INSIDE = """
import idle_node, sys
idle_node.inside(sys.argv[1])
"""


def measure(binary, namespace):
    here = os.path.dirname(os.path.abspath(__file__))
    done = subprocess.run(
        [sys.executable, str(namespace), sys.executable, "-c", INSIDE, binary], capture_output=True, text=True,
        timeout=120, env=dict(os.environ, PYTHONPATH=here))
    if done.returncode:
        raise RuntimeError(f"idle node: {done.stderr.strip()[-500:]}")
    return json.loads(done.stdout.splitlines()[-1])


def processor(pid):
    with open(f"/proc/{pid}/stat") as status:
        fields = status.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def datagrams():
    with open("/proc/net/snmp") as counters:
        names, values = [line.split() for line in counters if line.startswith("Udp:")]
    return int(values[names.index("OutDatagrams")])


def memory(pid):
    with open(f"/proc/{pid}/status") as status:
        fields = dict(line.split(":", 1) for line in status)
    return {name: int(fields[name].split()[0]) * 1024 for name in ("VmRSS", "RssAnon")}


def inside(binary):
    nodes = []
    with tempfile.TemporaryDirectory() as home:
        try:
            bootstrap = []
            for number in range(3):
                node = subprocess.Popen(
                    [binary, "run", "--json", "--home", f"{home}/{number}", "--listen", "/ip4/127.0.0.1/tcp/0",
                     "--listen", "/ip4/127.0.0.1/udp/0/noise", "--api", "127.0.0.1:0", *bootstrap],
                    stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
                nodes.append(node)
                ready = json.loads(node.stdout.readline())
                bootstrap += ["--bootstrap", ready["addresses"][0]]
            time.sleep(SETTLE_SECONDS)
            watched = nodes[-1].pid
            spent, sent = sum(processor(node.pid) for node in nodes), datagrams()
            time.sleep(WATCH_SECONDS)
            share = WATCH_SECONDS * len(nodes)
            resident = memory(watched)
            print(json.dumps({
                "nodes": len(nodes), "seconds": WATCH_SECONDS, "rssBytes": resident["VmRSS"],
                "anonymousBytes": resident["RssAnon"],
                "cpuPercent": round((sum(processor(node.pid) for node in nodes) - spent) / share * 100, 4),
                "datagramsPerSecond": round((datagrams() - sent) / share, 4),
            }))
        finally:
            for node in nodes:
                node.terminate()
            for node in nodes:
                node.wait(10)
