// Texts that are no log lines: prose, sentences of many languages, technical documentation, source code. What a model must not answer is learned
// from them beside the training data, which by itself only says what logs are (Hendrycks, Mazeika, Dietterich, "Deep
// Anomaly Detection with Outlier Exposure", ICLR 2019).
#ifndef LOGSIEVE_TRAINING_FIT_BACKGROUND_TEXTS_H_
#define LOGSIEVE_TRAINING_FIT_BACKGROUND_TEXTS_H_

#include <string_view>

namespace logsieve {

// One text a line, the first line empty.
extern const std::string_view kBackgroundProse;
extern const std::string_view kBackgroundFiction;
extern const std::string_view kBackgroundLanguages;
extern const std::string_view kBackgroundManual;
extern const std::string_view kBackgroundReference;
extern const std::string_view kBackgroundTutorial;
extern const std::string_view kBackgroundCode;
extern const std::string_view kBackgroundLibraryCode;
extern const std::string_view kBackgroundFunctions;
extern const std::string_view kBackgroundTables;
extern const std::string_view kBackgroundConstants;
extern const std::string_view kBackgroundMoreCode;
extern const std::string_view kBackgroundMarkup;

}  // namespace logsieve

#endif  // LOGSIEVE_TRAINING_FIT_BACKGROUND_TEXTS_H_
