// Secrets and names that a phrase around them gives away: headers, private key blocks, user:password@host,
// "for user …". RE2, so the time is linear whatever the text.
#ifndef LOGSIEVE_LLM_REDACT_PHRASES_H_
#define LOGSIEVE_LLM_REDACT_PHRASES_H_

#include <string>

namespace logsieve {

// Both work in place. Thread-safe.
// What has a head of its own: private keys, Authorization and Cookie headers, URLs.
void redact_secret_phrases(std::string& text);
// What is known by marks that a keyed secret may hold too, so for after those: user:password@host, hashes, names.
void redact_late_phrases(std::string& text);

}  // namespace logsieve

#endif  // LOGSIEVE_LLM_REDACT_PHRASES_H_
