#include "tests/fake_llm/tls_front.h"

#include <arpa/inet.h>
#include <array>
#include <atomic>
#include <csignal>
#include <netinet/in.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <stdexcept>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>
#include <vector>

namespace logsieve::fake {
namespace {

template <auto Free>
struct Freer {
  template <typename T>
  void operator()(T* object) const {
    Free(object);
  }
};
using Key = std::unique_ptr<EVP_PKEY, Freer<EVP_PKEY_free>>;
using Cert = std::unique_ptr<X509, Freer<X509_free>>;
using Context = std::unique_ptr<SSL_CTX, Freer<SSL_CTX_free>>;
using Session = std::unique_ptr<SSL, Freer<SSL_free>>;

constexpr int kPollMs = 20;  // how soon a thread sees that the front ends

void must(bool is_right, const char* what) {
  if (!is_right) throw std::runtime_error(std::string("TLS front: ") + what);
}

void add_extension(X509* cert, int nid, const std::string& value) {
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, nullptr, nid, value.c_str());
  must(extension != nullptr, "certificate extension");
  X509_add_ext(cert, extension, -1);
  X509_EXTENSION_free(extension);
}

// Without `issuer` it signs itself.
Cert make_cert(const std::string& name, const Certificate& wanted, EVP_PKEY* key, X509* issuer,
               EVP_PKEY* issuer_key) {
  Cert cert(X509_new());
  X509_set_version(cert.get(), 2);
  ASN1_INTEGER_set(X509_get_serialNumber(cert.get()), issuer == nullptr ? 1 : 2);
  X509_gmtime_adj(X509_getm_notBefore(cert.get()), wanted.valid_from_s);
  X509_gmtime_adj(X509_getm_notAfter(cert.get()), wanted.valid_to_s);
  X509_set_pubkey(cert.get(), key);
  X509_NAME_add_entry_by_txt(X509_get_subject_name(cert.get()), "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1, 0);
  X509_set_issuer_name(cert.get(), X509_get_subject_name(issuer == nullptr ? cert.get() : issuer));
  if (issuer == nullptr) {
    add_extension(cert.get(), NID_basic_constraints, "critical,CA:TRUE");
  } else {
    add_extension(cert.get(), NID_subject_alt_name, wanted.names);
  }
  must(X509_sign(cert.get(), issuer_key, EVP_sha256()) != 0, "signature");
  return cert;
}

std::string pem_of(X509* cert) {
  BIO* memory = BIO_new(BIO_s_mem());
  PEM_write_bio_X509(memory, cert);
  char* data = nullptr;
  const long size = BIO_get_mem_data(memory, &data);
  std::string text(data, static_cast<std::size_t>(size));
  BIO_free(memory);
  return text;
}

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  return address;
}

bool wait_readable(int fd, int timeout_ms) {
  pollfd wait{fd, POLLIN, 0};
  return ::poll(&wait, 1, timeout_ms) > 0;
}

// One step of each direction. False: one side has ended.
bool pump(SSL* session, int client, int backend) {
  std::array<char, 16384> buffer{};
  if (SSL_pending(session) > 0 || wait_readable(client, kPollMs)) {
    const int got = SSL_read(session, buffer.data(), static_cast<int>(buffer.size()));
    if (got <= 0 || ::send(backend, buffer.data(), static_cast<std::size_t>(got), MSG_NOSIGNAL) != got)
      return false;
  }
  if (wait_readable(backend, 0)) {
    const ssize_t got = ::recv(backend, buffer.data(), buffer.size(), 0);
    if (got <= 0 || SSL_write(session, buffer.data(), static_cast<int>(got)) <= 0) return false;
  }
  return true;
}

}  // namespace

struct TlsFront::Impl {
  void make_context(const Certificate& certificate);
  void listen_on_loopback();
  void accept_loop();
  void serve(int client) const;

  std::uint16_t backend_port = 0;
  std::uint16_t port = 0;
  std::string authority_pem;
  Context context;
  int listener = -1;
  std::atomic<bool> is_stopping{false};
  std::thread acceptor;
  std::vector<std::thread> workers;  // of the acceptor's thread until that has ended
};

void TlsFront::Impl::make_context(const Certificate& certificate) {
  const Key authority_key(EVP_EC_gen("P-256"));
  const Key key(EVP_EC_gen("P-256"));
  const Cert authority = make_cert("Test authority", {}, authority_key.get(), nullptr, authority_key.get());
  const Cert leaf = make_cert("Test server", certificate, key.get(), authority.get(), authority_key.get());
  authority_pem = pem_of(authority.get());
  context.reset(SSL_CTX_new(TLS_server_method()));
  must(context && SSL_CTX_use_certificate(context.get(), leaf.get()) == 1 &&
           SSL_CTX_use_PrivateKey(context.get(), key.get()) == 1,
       "context");
}

void TlsFront::Impl::listen_on_loopback() {
  listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = loopback(0);
  socklen_t size = sizeof address;
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  must(::bind(listener, generic, size) == 0 && ::listen(listener, 16) == 0 &&
           ::getsockname(listener, generic, &size) == 0,
       "listening");
  port = ntohs(address.sin_port);
}

void TlsFront::Impl::accept_loop() {
  while (!is_stopping) {
    if (!wait_readable(listener, kPollMs)) continue;
    const int client = ::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
    if (client >= 0) workers.emplace_back([this, client] { serve(client); });
  }
}

void TlsFront::Impl::serve(int client) const {
  const timeval limit{2, 0};  // a client that goes away in mid-handshake must not hold the test up
  ::setsockopt(client, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  const Session session(SSL_new(context.get()));
  SSL_set_fd(session.get(), client);
  const int backend = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const sockaddr_in address = loopback(backend_port);
  if (SSL_accept(session.get()) == 1 &&
      ::connect(backend, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) {
    while (!is_stopping && pump(session.get(), client, backend)) {
    }
  }
  ::close(backend);
  ::close(client);
}

TlsFront::TlsFront(std::uint16_t backend_port, const Certificate& certificate)
    : impl_(std::make_unique<Impl>()) {
  std::signal(SIGPIPE, SIG_IGN);  // SSL_write has no MSG_NOSIGNAL
  impl_->backend_port = backend_port;
  impl_->make_context(certificate);
  impl_->listen_on_loopback();
  impl_->acceptor = std::thread([this] { impl_->accept_loop(); });
}

TlsFront::~TlsFront() {
  impl_->is_stopping = true;
  impl_->acceptor.join();
  for (std::thread& worker : impl_->workers) worker.join();
  ::close(impl_->listener);
}

std::uint16_t TlsFront::port() const {
  return impl_->port;
}
const std::string& TlsFront::authority_pem() const {
  return impl_->authority_pem;
}

}  // namespace logsieve::fake
