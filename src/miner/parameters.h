// The values of a line, by its template.
#ifndef LOGSIEVE_MINER_PARAMETERS_H_
#define LOGSIEVE_MINER_PARAMETERS_H_

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace logsieve {

// What stands in `line` for each `<*>` of a plain template (MinedTemplate::plain), from left to right; each is as
// short as the constants behind it allow. Runs of blanks count as one. nullopt if the line does not read like the
// template: another template's line, or one whose list or size was made one value (form_tokens.h). O(line).
std::optional<std::vector<std::string>> parameters_of(std::string_view plain, std::string_view line);

}  // namespace logsieve

#endif  // LOGSIEVE_MINER_PARAMETERS_H_
