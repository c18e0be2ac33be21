// The writers behind the slots: each appends one value of the type that its name says.
// Only the ones of `n`, `float`, `ms` and `pid` look at the range.
#ifndef LOGSIEVE_TRAINING_DATA_SLOT_VALUES_H_
#define LOGSIEVE_TRAINING_DATA_SLOT_VALUES_H_

#include <string>

#include "base/random.h"
#include "training/data/slots.h"

namespace logsieve::values {

// number_values.cc: numbers, amounts, moments, identifiers.
void append_plain(const SlotRange& range, Random& random, std::string& out);
void append_float(const SlotRange& range, Random& random, std::string& out);
void append_percent(const SlotRange& range, Random& random, std::string& out);
void append_size(const SlotRange& range, Random& random, std::string& out);
void append_hex_word(const SlotRange& range, Random& random, std::string& out);
void append_address(const SlotRange& range, Random& random, std::string& out);
void append_uuid(const SlotRange& range, Random& random, std::string& out);
void append_date_value(const SlotRange& range, Random& random, std::string& out);
void append_time_value(const SlotRange& range, Random& random, std::string& out);
void append_timestamp(const SlotRange& range, Random& random, std::string& out);
void append_duration(const SlotRange& range, Random& random, std::string& out);
void append_id(const SlotRange& range, Random& random, std::string& out);
void append_version(const SlotRange& range, Random& random, std::string& out);
void append_amount(const SlotRange& range, Random& random, std::string& out);
void append_code(const SlotRange& range, Random& random, std::string& out);

// network_values.cc: addresses and what HTTP speaks of.
void append_ip(const SlotRange& range, Random& random, std::string& out);
void append_port(const SlotRange& range, Random& random, std::string& out);
void append_ip_port(const SlotRange& range, Random& random, std::string& out);
void append_ip6(const SlotRange& range, Random& random, std::string& out);
void append_mac(const SlotRange& range, Random& random, std::string& out);
void append_email(const SlotRange& range, Random& random, std::string& out);
void append_http_path(const SlotRange& range, Random& random, std::string& out);
void append_url(const SlotRange& range, Random& random, std::string& out);
void append_interface(const SlotRange& range, Random& random, std::string& out);
void append_method(const SlotRange& range, Random& random, std::string& out);
void append_user_agent(const SlotRange& range, Random& random, std::string& out);
void append_status2(const SlotRange& range, Random& random, std::string& out);
void append_status3(const SlotRange& range, Random& random, std::string& out);
void append_status4(const SlotRange& range, Random& random, std::string& out);
void append_status5(const SlotRange& range, Random& random, std::string& out);

// name_values.cc: names of people, machines, files, tables, code.
void append_user(const SlotRange& range, Random& random, std::string& out);
void append_host(const SlotRange& range, Random& random, std::string& out);
void append_directory(const SlotRange& range, Random& random, std::string& out);
void append_file(const SlotRange& range, Random& random, std::string& out);
void append_path(const SlotRange& range, Random& random, std::string& out);
void append_windows_path(const SlotRange& range, Random& random, std::string& out);
void append_word(const SlotRange& range, Random& random, std::string& out);
void append_service(const SlotRange& range, Random& random, std::string& out);
void append_database(const SlotRange& range, Random& random, std::string& out);
void append_table(const SlotRange& range, Random& random, std::string& out);
void append_device(const SlotRange& range, Random& random, std::string& out);
void append_country(const SlotRange& range, Random& random, std::string& out);
void append_currency(const SlotRange& range, Random& random, std::string& out);
void append_thread(const SlotRange& range, Random& random, std::string& out);
void append_class(const SlotRange& range, Random& random, std::string& out);
void append_signal(const SlotRange& range, Random& random, std::string& out);
void append_errno(const SlotRange& range, Random& random, std::string& out);

}  // namespace logsieve::values

#endif  // LOGSIEVE_TRAINING_DATA_SLOT_VALUES_H_
