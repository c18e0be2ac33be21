// A small RFC 4180 reader for tests, apart from the product's own so that one can catch the other.
#ifndef LOGSIEVE_BASE_CSV_TEST_READER_H_
#define LOGSIEVE_BASE_CSV_TEST_READER_H_

#include <string>
#include <string_view>
#include <vector>

namespace logsieve::test_support {

// Records of fields, the header first. Well-formed input only.
inline std::vector<std::vector<std::string>> read_csv(std::string_view text) {
  std::vector<std::vector<std::string>> records;
  std::vector<std::string> record;
  std::string field;
  bool is_quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (is_quoted && c == '"' && i + 1 < text.size() && text[i + 1] == '"') {
      field += text[++i];
    } else if (c == '"') {
      is_quoted = !is_quoted;
    } else if (!is_quoted && (c == ',' || c == '\n')) {
      record.push_back(std::move(field));
      field.clear();
      if (c == '\n') {
        records.push_back(std::move(record));
        record.clear();
      }
    } else if (is_quoted || c != '\r') {
      field += c;
    }
  }
  return records;
}

}  // namespace logsieve::test_support

#endif  // LOGSIEVE_BASE_CSV_TEST_READER_H_
