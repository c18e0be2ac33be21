// Whether a form reads as if it spoke to the model that labels it, rather than of a machine.
#ifndef LOGSIEVE_LLM_INSTRUCTIONS_H_
#define LOGSIEVE_LLM_INSTRUCTIONS_H_

#include <string_view>

#include "record/label_set.h"

namespace logsieve {

// A hint, not a wall: such a form is asked alone, so that it has no neighbours to move, and its answer needs support
// (agreement.h). Looks for the names of labels together with words about labels, lines and orders, and for the
// markup of chats. Whoever avoids these words is not seen. O(form * words).
bool speaks_to_model(std::string_view form, const LabelSet& labels);

}  // namespace logsieve

#endif  // LOGSIEVE_LLM_INSTRUCTIONS_H_
