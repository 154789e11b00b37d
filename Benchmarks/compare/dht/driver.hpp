// What the drivers of the C++ rivals share: clocks, counters of the kernel, percentiles, and the result as JSON.
#pragma once
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <map>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

inline double now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

inline void wait(double seconds) { std::this_thread::sleep_for(std::chrono::duration<double>(seconds)); }

/// Seconds of processor of all threads of this process.
inline double processor() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  auto seconds = [](timeval time) { return time.tv_sec + time.tv_usec * 1e-6; };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

/// Resident kilobytes by their name in /proc: VmRSS, or RssAnon for what is heap and stacks.
inline long kilobytes(const std::string& name) {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);)
    if (line.rfind(name + ":", 0) == 0) return std::atol(line.c_str() + name.size() + 1);
  return 0;
}

/// Datagrams that left any socket of this network namespace.
inline double datagrams() {
  std::ifstream counters("/proc/net/snmp");
  std::vector<std::string> names;
  for (std::string line; std::getline(counters, line);) {
    if (line.rfind("Udp:", 0) != 0) continue;
    std::istringstream words(line);
    std::vector<std::string> row{std::istream_iterator<std::string>(words), {}};
    if (names.empty()) {
      names = row;
      continue;
    }
    auto column = std::find(names.begin(), names.end(), "OutDatagrams") - names.begin();
    return std::stod(row.at(column));
  }
  return 0;
}

/// One kind of operation: how long, how many datagrams, how much processor, how many right answers.
class Meter {
 public:
  void begin() {
    processor_ = processor();
    datagrams_ = datagrams();
  }

  void note(bool right, double seconds) {
    count_++;
    if (!right) return;
    right_++;
    times_.push_back(seconds * 1e3);
  }

  void end() {
    processor_ = processor() - processor_;
    datagrams_ = datagrams() - datagrams_;
  }

  std::string json() const {
    char text[400];
    std::snprintf(text, sizeof text,
                  "{\"count\":%d,\"success\":%.4f,\"milliseconds\":{\"p50\":%.3f,\"p99\":%.3f},\"datagrams\":%.2f,"
                  "\"rpcs\":%.2f,\"cpuMicroseconds\":%.1f,\"cpuMicrosecondsPerRPC\":%.2f}",
                  count_, double(right_) / std::max(1, count_), quantile(0.5), quantile(0.99), datagrams_ / count_,
                  datagrams_ / 2 / count_, processor_ / count_ * 1e6, processor_ / (datagrams_ / 2) * 1e6);
    return text;
  }

 private:
  double quantile(double fraction) const {
    if (times_.empty()) return 0;
    auto sorted = times_;
    std::sort(sorted.begin(), sorted.end());
    auto rank = size_t(fraction * sorted.size() + 0.999999);
    return sorted[std::min(sorted.size(), std::max<size_t>(rank, 1)) - 1];
  }

  double processor_ = 0, datagrams_ = 0;
  int count_ = 0, right_ = 0;
  std::vector<double> times_;
};

/// The nodes that may be asked for a key: neither its publisher nor among the `excluded` closest, who hold it.
template <typename Id, typename Distance>
std::vector<int> strangers(const std::vector<Id>& ids, int publisher, size_t excluded, Distance distance) {
  std::vector<int> order(ids.size());
  for (size_t i = 0; i < order.size(); i++) order[i] = int(i);
  std::sort(order.begin(), order.end(), [&](int a, int b) { return distance(ids[a]) < distance(ids[b]); });
  order.erase(order.begin(), order.begin() + std::min(excluded, order.size() - 1));
  if (order.size() > 1) order.erase(std::remove(order.begin(), order.end(), publisher), order.end());
  return order;
}
