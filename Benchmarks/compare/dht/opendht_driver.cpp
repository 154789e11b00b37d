// A network of OpenDHT nodes in one process on loopback: put, get to the first value, get to the closest set.
//
//   opendht_driver NODES OPERATIONS SETTLE_SECONDS
//
// Rate limits are off, as they would be what is measured. k is 8 (TARGET_NODES), and a put is over when the 8 closest
// have acknowledged. Values have 200 bytes and are compared. Whoever asks is neither the publisher nor near the key.
#include <opendht.h>

#include <future>
#include <random>

#include "driver.hpp"

using namespace dht;

static std::vector<std::unique_ptr<DhtRunner>> nodes;
static std::vector<InfoHash> ids;
static const int base_port = 20000;
static const auto patience = std::chrono::seconds(20);

static void start(int count) {
  std::mt19937 random(1);
  for (int i = 0; i < count; i++) {
    DhtRunner::Config config;
    auto& node = config.dht_config.node_config;
    node.max_req_per_sec = node.max_peer_req_per_sec = node.max_searches = -1;
    node.max_store_size = node.max_store_keys = -1;
    node.network = 4242;
    node.is_bootstrap = i == 0;
    node.public_stable = true;
    config.peer_discovery = config.peer_publish = false;
    config.threaded = true;
    auto runner = std::make_unique<DhtRunner>();
    runner->run("127.0.0.1", "", std::to_string(base_port + i).c_str(), config);
    if (i) {
      sockaddr_in address{};
      address.sin_family = AF_INET;
      address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
      address.sin_port = htons(base_port + (i > 4 ? random() % i : 0));
      runner->bootstrap(SockAddr((sockaddr*)&address, sizeof address));
    }
    nodes.push_back(std::move(runner));
    if (i % 10 == 9) wait(0.05);
  }
}

static int connected() {
  int count = 0;
  for (auto& node : nodes) count += node->getNodesStats(AF_INET).good_nodes > 0;
  return count;
}

static std::vector<uint8_t> value(int number) { return std::vector<uint8_t>(200, uint8_t(number)); }

static InfoHash key(const char* kind, int number) { return InfoHash::get(kind + std::to_string(number)); }

static auto distance_to(const InfoHash& key) {
  return [key](const InfoHash& id) {
    std::array<uint8_t, HASH_LEN> distance;
    for (size_t i = 0; i < HASH_LEN; i++) distance[i] = id[i] ^ key[i];
    return distance;
  };
}

static Meter put(const char* kind, int operations, std::vector<int>& publishers, std::mt19937_64& random) {
  Meter meter;
  meter.begin();
  for (int i = 0; i < operations; i++) {
    publishers.push_back(int(random() % nodes.size()));
    auto done = std::make_shared<std::promise<bool>>();
    auto future = done->get_future();
    double begun = now();
    nodes[publishers.back()]->put(
        key(kind, i), Value(value(i)),
        [done](bool ok, const std::vector<std::shared_ptr<Node>>&) { done->set_value(ok); });
    bool ok = future.wait_for(patience) == std::future_status::ready && future.get();
    meter.note(ok, now() - begun);
  }
  meter.end();
  return meter;
}

// With `stops`, the search ends at the first right value; else it goes on to the closest set.
static Meter get(const char* kind, int operations, bool stops, const std::vector<int>& publishers,
                 std::mt19937_64& random) {
  Meter meter;
  meter.begin();
  for (int i = 0; i < operations; i++) {
    auto askers = strangers(ids, publishers[i], 16, distance_to(key(kind, i)));
    auto found = std::make_shared<std::atomic<double>>(0.0);
    auto done = std::make_shared<std::promise<double>>();
    auto future = done->get_future();
    double begun = now();
    nodes[askers[random() % askers.size()]]->get(
        key(kind, i),
        [found, i, stops](const std::shared_ptr<Value>& got) {
          if (got->data != value(i)) return true;
          if (*found == 0) *found = now();
          return !stops;
        },
        [done](bool, const std::vector<std::shared_ptr<Node>>&) { done->set_value(now()); });
    bool over = future.wait_for(patience) == std::future_status::ready;
    bool right = over && *found > 0;
    meter.note(right, stops ? *found - begun : future.get() - begun);
  }
  meter.end();
  return meter;
}

int main(int argc, char** argv) {
  int count = argc > 1 ? atoi(argv[1]) : 100, operations = argc > 2 ? atoi(argv[2]) : 200;
  double settle = argc > 3 ? atof(argv[3]) : 10;
  long before = kilobytes("VmRSS"), anonymous_before = kilobytes("RssAnon");
  double begun = now(), spent = processor(), sent = datagrams();
  start(count);
  while (connected() < count && now() - begun < 40) wait(0.1);
  double joined = now() - begun;
  wait(settle);
  double join_cpu = (processor() - spent) / count, join_datagrams = (datagrams() - sent) / count;
  for (auto& node : nodes) ids.push_back(node->getNodeId());
  long idle = kilobytes("VmRSS"), anonymous = kilobytes("RssAnon") - anonymous_before;
  spent = processor();
  sent = datagrams();
  wait(5);
  double idle_cpu = (processor() - spent) / 5 / count, idle_datagrams = (datagrams() - sent) / 5 / count;
  std::mt19937_64 random(1);
  std::vector<int> first_publishers, closest_publishers;
  auto put_meter = put("first", operations, first_publishers, random);
  put("closest", operations, closest_publishers, random);
  wait(1);
  auto first = get("first", operations, true, first_publishers, random);
  wait(0.5);
  auto closest = get("closest", operations, false, closest_publishers, random);
  printf("{\"rival\":\"OpenDHT\",\"version\":\"%s\",\"nodes\":%d,\"connected\":%d,\"k\":8,\"alpha\":4,"
         "\"encrypted\":false,\"joinMilliseconds\":%.1f,\"joinCPUMillisecondsPerNode\":%.3f,"
         "\"joinDatagramsPerNode\":%.1f,\"idleCPUPercentPerNode\":%.4f,\"idleDatagramsPerSecondPerNode\":%.3f,"
         "\"rssBytesPerIdleNode\":%ld,\"anonymousBytesPerIdleNode\":%ld,\"rssBytesPerNode\":%ld,\"put\":%s,\"getFirst\":%s,\"getClosest\":%s}\n",
         version(), count, connected(), joined * 1e3, join_cpu * 1e3, join_datagrams, idle_cpu * 100, idle_datagrams,
         (idle - before) * 1024 / count, anonymous * 1024 / count, (kilobytes("VmRSS") - before) * 1024 / count, put_meter.json().c_str(),
         first.json().c_str(), closest.json().c_str());
  fflush(stdout);
  _exit(0);  // Stopping a hundred threads in order takes longer than all of the above.
}
