// Pieces of JSON text (RFC 8259): strings unescaped, numbers checked, the keys of an object found.
#ifndef LOGSIEVE_IO_JSON_TEXT_H_
#define LOGSIEVE_IO_JSON_TEXT_H_

#include <string>
#include <string_view>

namespace logsieve {

// Undoes the escapes of a string's inside (no quotes around it); appends to `out`. A surrogate without its pair
// becomes U+FFFD. False if an escape is none.
bool unescape_json(std::string_view inside, std::string& out);

// Whether every escape of a string's inside is one.
bool has_valid_escapes(std::string_view inside);

// An object's text as it is, except for what strict readers refuse although this one took it: ill-formed UTF-8
// becomes U+FFFD, the escape of a surrogate without its pair becomes \ufffd. `object` must else be valid.
void append_repaired_json(std::string_view object, std::string& out);

bool is_json_number(std::string_view text);

// Steps through the keys of an object's top level. The text must be a valid object.
class TopLevelKeys {
 public:
  explicit TopLevelKeys(std::string_view object) : object_(object) {}
  // The next key as it is written, without its quotes; false after the last one.
  bool next(std::string_view& key);

 private:
  std::string_view object_;
  std::size_t at_ = 0;
  std::size_t depth_ = 0;
  bool is_key_next_ = false;
};

}  // namespace logsieve

#endif  // LOGSIEVE_IO_JSON_TEXT_H_
