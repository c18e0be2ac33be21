// TLS in front of a plain server on 127.0.0.1, with a certificate made for the test.
#ifndef LOGSIEVE_TESTS_FAKE_LLM_TLS_FRONT_H_
#define LOGSIEVE_TESTS_FAKE_LLM_TLS_FRONT_H_

#include <cstdint>
#include <memory>
#include <string>

namespace logsieve::fake {

struct Certificate {
  std::string names = "DNS:localhost,IP:127.0.0.1";  // subjectAltName
  long valid_from_s = -3'600;                        // seconds from now
  long valid_to_s = 3'600;
};

// Passes bytes between TLS clients and `backend_port`, one thread a connection, until destroyed.
class TlsFront {
 public:
  TlsFront(std::uint16_t backend_port, const Certificate& certificate);  // throws where it cannot start
  TlsFront(const TlsFront&) = delete;
  TlsFront& operator=(const TlsFront&) = delete;
  ~TlsFront();

  std::uint16_t port() const;
  // The authority that signed the certificate, PEM.
  const std::string& authority_pem() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace logsieve::fake

#endif  // LOGSIEVE_TESTS_FAKE_LLM_TLS_FRONT_H_
