// What forms of one event have in common where masking leaves values in them: codes that may mean something, hashes
// that are all digits by chance. For counting only; what is new is decided by the form itself.
#ifndef LOGSIEVE_ANOMALY_FORM_SHAPE_H_
#define LOGSIEVE_ANOMALY_FORM_SHAPE_H_

#include <string>
#include <string_view>

namespace logsieve {

// `form` with "#" for each word that holds a digit or stands for a number, id or hex; "# # #" is one "#". Into `shape`,
// which is cleared. O(form).
void shape_of(std::string_view form, std::string& shape);

}  // namespace logsieve

#endif  // LOGSIEVE_ANOMALY_FORM_SHAPE_H_
