#include "tests/fake_llm/fake_llm_server.h"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <cctype>
#include <cstdlib>
#include <deque>
#include <list>
#include <mutex>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdexcept>
#include <string_view>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>

namespace logsieve::fake {
namespace {

using std::chrono::milliseconds;

bool send_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

void close_with_reset(int fd) {
  const linger now{1, 0};
  ::setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
}

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return std::tolower(c); });
  return text;
}

// Fills everything but the body from the bytes before the empty line.
ReceivedRequest parse_head(std::string_view head) {
  ReceivedRequest request;
  std::size_t line_end = head.find("\r\n");
  const std::string_view first = head.substr(0, line_end);
  const std::size_t space = first.find(' ');
  const std::size_t second_space = first.find(' ', space + 1);
  request.method = first.substr(0, space);
  request.path = first.substr(space + 1, second_space - space - 1);
  while (line_end != std::string_view::npos && line_end + 2 < head.size()) {
    const std::size_t start = line_end + 2;
    line_end = head.find("\r\n", start);
    const std::string_view line = head.substr(start, line_end - start);
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) continue;
    std::string_view value = line.substr(colon + 1);
    value.remove_prefix(std::min(value.find_first_not_of(' '), value.size()));
    request.headers[lower(std::string(line.substr(0, colon)))] = value;
  }
  return request;
}

std::string response_head(const Behaviour& behaviour, bool has_length) {
  std::string head = "HTTP/1.1 " + std::to_string(behaviour.status) + " Scripted\r\n";
  if (!behaviour.content_type.empty()) head += "Content-Type: " + behaviour.content_type + "\r\n";
  for (const auto& [name, value] : behaviour.headers)
    head.append(name).append(": ").append(value).append("\r\n");
  if (has_length) {
    head += "Content-Length: " + std::to_string(behaviour.body.size()) + "\r\n";
  } else {
    head += "Connection: close\r\n";
  }
  return head + "\r\n";
}

}  // namespace

struct FakeLlmServer::Impl {
  explicit Impl(Responder given);
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;
  ~Impl();

  void listen_on_loopback();
  void accept_loop();
  void serve(int fd);
  bool read_request(int fd, std::string& buffer, ReceivedRequest& request);
  bool read_more(int fd, std::string& buffer);
  Behaviour next_behaviour(const ReceivedRequest& request);
  // False: the connection ends.
  bool perform(int fd, const Behaviour& behaviour);
  bool drip(int fd, const Behaviour& behaviour);
  void stream_spaces(int fd, std::uint64_t bytes);
  // False: the server ends.
  bool sleep(milliseconds time) const;

  Responder responder;
  int listener = -1;
  int stop_event = -1;
  std::uint16_t port = 0;
  mutable std::mutex mutex;  // guards what follows
  std::deque<Behaviour> script;
  std::vector<ReceivedRequest> received;
  std::size_t open_requests = 0;
  std::size_t peak_open = 0;
  std::list<int> connections;
  std::size_t connection_count = 0;
  bool is_stopping = false;
  std::vector<std::thread> workers;
  std::thread acceptor;
};

FakeLlmServer::Impl::Impl(Responder given) : responder(std::move(given)) {
  stop_event = ::eventfd(0, EFD_CLOEXEC);
  listen_on_loopback();
  acceptor = std::thread([this] { accept_loop(); });
}

FakeLlmServer::Impl::~Impl() {
  {
    const std::lock_guard lock(mutex);
    is_stopping = true;
    for (const int fd : connections) ::shutdown(fd, SHUT_RDWR);
  }
  const std::uint64_t one = 1;
  if (::write(stop_event, &one, sizeof one) != sizeof one) std::abort();
  acceptor.join();
  for (std::thread& worker : workers) worker.join();
  ::close(listener);
  ::close(stop_event);
}

void FakeLlmServer::Impl::listen_on_loopback() {
  listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  socklen_t size = sizeof address;
  if (listener < 0 || ::bind(listener, generic, size) != 0 || ::listen(listener, 64) != 0 ||
      ::getsockname(listener, generic, &size) != 0) {
    throw std::runtime_error("the fake server cannot listen on 127.0.0.1");
  }
  port = ntohs(address.sin_port);
}

void FakeLlmServer::Impl::accept_loop() {
  while (true) {
    std::array<pollfd, 2> wait = {{{listener, POLLIN, 0}, {stop_event, POLLIN, 0}}};
    if (::poll(wait.data(), wait.size(), -1) < 0) continue;
    if (wait[1].revents != 0) return;
    const int fd = ::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
    if (fd < 0) continue;
    const int one = 1;
    ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    const std::lock_guard lock(mutex);
    ++connection_count;
    if (is_stopping) {
      ::close(fd);
      return;
    }
    connections.push_back(fd);
    workers.emplace_back([this, fd] { serve(fd); });
  }
}

void FakeLlmServer::Impl::serve(int fd) {
  std::string buffer;
  ReceivedRequest request;
  bool is_open = true;
  while (is_open && read_request(fd, buffer, request)) {
    const Behaviour behaviour = next_behaviour(request);
    is_open = perform(fd, behaviour);
    const std::lock_guard lock(mutex);
    --open_requests;
  }
  const std::lock_guard lock(mutex);
  connections.remove(fd);
  ::close(fd);
}

bool FakeLlmServer::Impl::read_more(int fd, std::string& buffer) {
  std::array<char, 16384> chunk{};
  const ssize_t got = ::recv(fd, chunk.data(), chunk.size(), 0);
  if (got <= 0) return false;
  buffer.append(chunk.data(), static_cast<std::size_t>(got));
  return true;
}

bool FakeLlmServer::Impl::read_request(int fd, std::string& buffer, ReceivedRequest& request) {
  constexpr std::string_view kHeadEnd = "\r\n\r\n";
  while (buffer.find(kHeadEnd) == std::string::npos) {
    if (!read_more(fd, buffer)) return false;
  }
  const std::size_t head_size = buffer.find(kHeadEnd) + kHeadEnd.size();
  request = parse_head(std::string_view(buffer).substr(0, head_size));
  const auto length = request.headers.find("content-length");
  const std::size_t body_size =
      length == request.headers.end() ? 0 : std::strtoull(length->second.c_str(), nullptr, 10);
  while (buffer.size() < head_size + body_size) {
    if (!read_more(fd, buffer)) return false;
  }
  request.raw = buffer.substr(0, head_size + body_size);
  request.body = request.raw.substr(head_size);
  request.arrived = std::chrono::steady_clock::now();
  buffer.erase(0, head_size + body_size);
  return true;
}

Behaviour FakeLlmServer::Impl::next_behaviour(const ReceivedRequest& request) {
  {
    const std::lock_guard lock(mutex);
    received.push_back(request);
    peak_open = std::max(peak_open, ++open_requests);
    if (!script.empty()) {
      Behaviour behaviour = std::move(script.front());
      script.pop_front();
      return behaviour;
    }
  }
  if (responder) return responder(request);
  Behaviour over;
  over.status = 500;
  over.body = R"({"error":{"message":"the script is over","type":"fake_llm"}})";
  return over;
}

bool FakeLlmServer::Impl::perform(int fd, const Behaviour& behaviour) {
  if (behaviour.delay.count() > 0 && !sleep(behaviour.delay)) return false;
  const std::string& body = behaviour.body;
  switch (behaviour.kind) {
    case Behaviour::Kind::kReply:
      return send_all(fd, response_head(behaviour, true) + body);
    case Behaviour::Kind::kHang:
      sleep(std::chrono::hours(1));
      return false;
    case Behaviour::Kind::kMidReset:
      send_all(fd, response_head(behaviour, true) + body.substr(0, body.size() / 2));
      close_with_reset(fd);
      return false;
    case Behaviour::Kind::kReset:
      close_with_reset(fd);
      return false;
    case Behaviour::Kind::kShortBody:
      send_all(fd, response_head(behaviour, true) + body.substr(0, body.size() - 1));
      return false;
    case Behaviour::Kind::kDrip:
      return drip(fd, behaviour);
    case Behaviour::Kind::kEndless:
      if (send_all(fd, response_head(behaviour, false) + body)) stream_spaces(fd, behaviour.endless_bytes);
      return false;
    case Behaviour::Kind::kRaw:
      send_all(fd, body);
      return false;
  }
  return false;
}

bool FakeLlmServer::Impl::drip(int fd, const Behaviour& behaviour) {
  if (!send_all(fd, response_head(behaviour, true))) return false;
  for (const char& byte : behaviour.body) {
    if (!sleep(behaviour.gap) || !send_all(fd, {&byte, 1})) return false;
  }
  return true;
}

void FakeLlmServer::Impl::stream_spaces(int fd, std::uint64_t bytes) {
  const std::string chunk(1 << 16U, ' ');
  for (std::uint64_t sent = 0; sent < bytes; sent += chunk.size()) {
    if (!send_all(fd, chunk)) return;
  }
}

bool FakeLlmServer::Impl::sleep(milliseconds time) const {
  pollfd stop{stop_event, POLLIN, 0};
  return ::poll(&stop, 1, static_cast<int>(time.count())) == 0;
}

FakeLlmServer::FakeLlmServer(Responder responder) : impl_(std::make_unique<Impl>(std::move(responder))) {}
FakeLlmServer::~FakeLlmServer() = default;

void FakeLlmServer::push(Behaviour behaviour) {
  const std::lock_guard lock(impl_->mutex);
  impl_->script.push_back(std::move(behaviour));
}

std::uint16_t FakeLlmServer::port() const {
  return impl_->port;
}

std::string FakeLlmServer::base_url() const {
  return "http://127.0.0.1:" + std::to_string(impl_->port) + "/v1";
}

std::vector<ReceivedRequest> FakeLlmServer::requests() const {
  const std::lock_guard lock(impl_->mutex);
  return impl_->received;
}

std::size_t FakeLlmServer::request_count() const {
  const std::lock_guard lock(impl_->mutex);
  return impl_->received.size();
}

std::size_t FakeLlmServer::connection_count() const {
  const std::lock_guard lock(impl_->mutex);
  return impl_->connection_count;
}

std::size_t FakeLlmServer::peak_open_requests() const {
  const std::lock_guard lock(impl_->mutex);
  return impl_->peak_open;
}

}  // namespace logsieve::fake
