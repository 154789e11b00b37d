// A network of libtorrent sessions in one process on loopback: put, get to the first value, get to the closest set.
//
//   libtorrent_driver NODES OPERATIONS SETTLE_SECONDS
//
// Rate and address limits are off: all nodes share one machine. k is 8. An immutable item (BEP 44) is given out at its
// first copy; a mutable one is authoritative when the closest set was asked, which costs one signature check. Values
// have 200 bytes and are compared. Whoever asks is neither the publisher nor near the key.
#include <libtorrent/alert_types.hpp>
#include <libtorrent/bencode.hpp>
#include <libtorrent/hasher.hpp>
#include <libtorrent/kademlia/ed25519.hpp>
#include <libtorrent/kademlia/item.hpp>
#include <libtorrent/session.hpp>
#include <libtorrent/session_params.hpp>
#include <libtorrent/settings_pack.hpp>
#include <libtorrent/version.hpp>

#include <memory>
#include <random>

#include "driver.hpp"

namespace lt = libtorrent;

static std::vector<std::unique_ptr<lt::session>> nodes;
static std::vector<lt::sha1_hash> ids;
static const int port = 28000;

static std::string host(int i) {
  return "127.0." + std::to_string(i / 200) + "." + std::to_string(i % 200 + 1);
}

static lt::settings_pack settings(int i) {
  lt::settings_pack pack;
  pack.set_str(pack.listen_interfaces, host(i) + ":" + std::to_string(port));
  pack.set_str(pack.dht_bootstrap_nodes, "");
  for (int off : {int(pack.enable_lsd), int(pack.enable_upnp), int(pack.enable_natpmp),
                  int(pack.dht_restrict_routing_ips), int(pack.dht_restrict_search_ips),
                  int(pack.dht_enforce_node_id), int(pack.dht_prefer_verified_node_ids),
                  int(pack.dht_ignore_dark_internet), int(pack.enable_incoming_utp), int(pack.enable_outgoing_utp),
                  int(pack.enable_incoming_tcp), int(pack.enable_outgoing_tcp)})
    pack.set_bool(off, false);
  pack.set_bool(pack.enable_dht, true);
  pack.set_int(pack.dht_upload_rate_limit, 100000000);
  pack.set_int(pack.dht_block_ratelimit, 100000);
  pack.set_int(pack.dht_block_timeout, 1);
  pack.set_int(pack.dht_max_dht_items, 100000);
  pack.set_int(pack.alert_queue_size, 20000);
  pack.set_int(pack.alert_mask, lt::alert_category::dht);
  pack.set_int(pack.aio_threads, 1);
  return pack;
}

static void start(int count) {
  std::mt19937 random(1);
  for (int i = 0; i < count; i++) nodes.push_back(std::make_unique<lt::session>(lt::session_params(settings(i))));
  for (int i = 1; i < count; i++)
    for (int n = 0; n < 7; n++) nodes[i]->add_dht_node({host(n ? random() % i : 0), port});
}

static lt::sha1_hash node_id(lt::session& node) {
  auto state = node.session_state(lt::session::save_dht_state).dht_state;
  return state.nids.empty() ? lt::sha1_hash() : state.nids.front().second;
}

/// Waits for the first alert of the kind that `accepts` takes.
template <typename Alert, typename Accepts>
static bool await(lt::session& node, Accepts accepts) {
  for (double end = now() + 10; now() < end;) {
    if (!node.wait_for_alert(lt::milliseconds(100))) continue;
    std::vector<lt::alert*> alerts;
    node.pop_alerts(&alerts);
    for (auto alert : alerts)
      if (auto match = lt::alert_cast<Alert>(alert); match && accepts(*match)) return true;
  }
  return false;
}

static void drain() {
  std::vector<lt::alert*> alerts;
  for (auto& node : nodes) node->pop_alerts(&alerts);
}

static std::string value(int number) {
  auto text = std::to_string(1000000 + number);
  return text + std::string(200 - text.size(), 'x');
}

static auto distance_to(const lt::sha1_hash& key) {
  return [key](const lt::sha1_hash& id) { return id ^ key; };
}

static Meter put_immutable(int operations, std::vector<lt::sha1_hash>& keys, std::vector<int>& publishers,
                           std::mt19937_64& random) {
  Meter meter;
  drain();
  meter.begin();
  for (int i = 0; i < operations; i++) {
    publishers.push_back(int(random() % nodes.size()));
    double begun = now();
    keys.push_back(nodes[publishers.back()]->dht_put_item(lt::entry(value(i))));
    bool ok = await<lt::dht_put_alert>(*nodes[publishers.back()],
                                       [](auto& alert) { return alert.num_success > 0; });
    meter.note(ok, now() - begun);
  }
  meter.end();
  return meter;
}

static Meter get_immutable(const std::vector<lt::sha1_hash>& keys, const std::vector<int>& publishers,
                           std::mt19937_64& random) {
  Meter meter;
  drain();
  meter.begin();
  for (size_t i = 0; i < keys.size(); i++) {
    auto askers = strangers(ids, publishers[i], 16, distance_to(keys[i]));
    auto& asker = *nodes[askers[random() % askers.size()]];
    double begun = now();
    asker.dht_get_item(keys[i]);
    bool right = await<lt::dht_immutable_item_alert>(asker, [&](auto& alert) {
      return alert.target == keys[i] && alert.item.type() == lt::entry::string_t &&
             alert.item.string() == value(int(i));
    });
    meter.note(right, now() - begun);
  }
  meter.end();
  return meter;
}

static void put_mutable(int operations, const lt::dht::public_key& pk, const lt::dht::secret_key& sk,
                        std::vector<int>& publishers, std::mt19937_64& random) {
  for (int i = 0; i < operations; i++) {
    publishers.push_back(int(random() % nodes.size()));
    auto& node = *nodes[publishers.back()];
    node.dht_put_item(
        pk.bytes,
        [=](lt::entry& item, std::array<char, 64>& signature, std::int64_t& sequence, const std::string& salt) {
          item = value(i);
          std::vector<char> text;
          lt::bencode(std::back_inserter(text), item);
          sequence++;
          signature = lt::dht::sign_mutable_item(text, salt, lt::dht::sequence_number(sequence), pk, sk).bytes;
        },
        std::to_string(i));
    await<lt::dht_put_alert>(node, [](auto& alert) { return alert.num_success > 0; });
  }
}

static Meter get_mutable(int operations, const lt::dht::public_key& pk, const std::vector<int>& publishers,
                         std::mt19937_64& random) {
  Meter meter;
  drain();
  meter.begin();
  for (int i = 0; i < operations; i++) {
    auto salt = std::to_string(i);
    lt::hasher hasher(pk.bytes);
    hasher.update(salt);
    auto askers = strangers(ids, publishers[i], 16, distance_to(hasher.final()));
    auto& asker = *nodes[askers[random() % askers.size()]];
    double begun = now();
    asker.dht_get_item(pk.bytes, salt);
    bool right = await<lt::dht_mutable_item_alert>(asker, [&](auto& alert) {
      return alert.authoritative && alert.salt == salt && alert.item.type() == lt::entry::string_t &&
             alert.item.string() == value(i);
    });
    meter.note(right, now() - begun);
  }
  meter.end();
  return meter;
}

int main(int argc, char** argv) {
  int count = argc > 1 ? atoi(argv[1]) : 100, operations = argc > 2 ? atoi(argv[2]) : 200;
  double settle = argc > 3 ? atof(argv[3]) : 12;
  long before = kilobytes("VmRSS"), anonymous_before = kilobytes("RssAnon");
  double spent = processor(), sent = datagrams();
  start(count);
  wait(settle);
  double join_cpu = (processor() - spent) / count, join_datagrams = (datagrams() - sent) / count;
  for (auto& node : nodes) ids.push_back(node_id(*node));
  drain();
  long idle = kilobytes("VmRSS"), anonymous = kilobytes("RssAnon") - anonymous_before;
  spent = processor();
  sent = datagrams();
  wait(5);
  double idle_cpu = (processor() - spent) / 5 / count, idle_datagrams = (datagrams() - sent) / 5 / count;
  std::mt19937_64 random(1);
  std::vector<lt::sha1_hash> keys;
  std::vector<int> publishers, mutable_publishers;
  auto put = put_immutable(operations, keys, publishers, random);
  auto [pk, sk] = lt::dht::ed25519_create_keypair(lt::dht::ed25519_create_seed());
  put_mutable(operations, pk, sk, mutable_publishers, random);
  auto first = get_immutable(keys, publishers, random);
  auto closest = get_mutable(operations, pk, mutable_publishers, random);
  printf("{\"rival\":\"libtorrent\",\"version\":\"%s\",\"nodes\":%d,\"k\":8,\"alpha\":5,\"encrypted\":false,"
         "\"joinCPUMillisecondsPerNode\":%.3f,\"joinDatagramsPerNode\":%.1f,\"idleCPUPercentPerNode\":%.4f,"
         "\"idleDatagramsPerSecondPerNode\":%.3f,\"rssBytesPerIdleNode\":%ld,\"anonymousBytesPerIdleNode\":%ld,\"rssBytesPerNode\":%ld,\"put\":%s,"
         "\"getFirst\":%s,\"getClosest\":%s}\n",
         lt::version(), count, join_cpu * 1e3, join_datagrams, idle_cpu * 100, idle_datagrams,
         (idle - before) * 1024 / count, anonymous * 1024 / count, (kilobytes("VmRSS") - before) * 1024 / count, put.json().c_str(),
         first.json().c_str(), closest.json().c_str());
  fflush(stdout);
  _exit(0);  // Stopping a hundred sessions in order takes longer than all of the above.
}
