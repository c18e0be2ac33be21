#include "mask/masker.h"

#include <gtest/gtest.h>
#include <string>

namespace logsieve {
namespace {

std::string form_of(std::string_view line) {
  std::string form;
  mask(line, form);
  return form;
}

struct Example {
  const char* line;
  const char* form;
};

class MaskExamples : public testing::TestWithParam<Example> {};
TEST_P(MaskExamples, GiveTheExpectedForm) {
  EXPECT_EQ(form_of(GetParam().line), GetParam().form);
}

INSTANTIATE_TEST_SUITE_P(Numbers, MaskExamples,
                         testing::Values(Example{"took 15 ms", "took number ms"},
                                         Example{"took 15ms", "took number ms"},
                                         Example{"x=-3.25e-7,y=+4", "x=number,y=number"},
                                         Example{"paid 1,284,500.75 EUR", "paid number EUR"},
                                         Example{"disk 83% of 3.5TiB", "disk number% of number TiB"},
                                         Example{"up 3h12m", "up number h number m"},
                                         Example{"version 2.14.3 of v1.2", "version number of v number"},
                                         Example{"range 10-20", "range number-number"},
                                         Example{"#42", "#number"}));

INSTANTIATE_TEST_SUITE_P(
    Names, MaskExamples,
    testing::Values(Example{"User12345 logged in", "User number logged in"},
                    Example{"eth0 worker-3 sda1", "eth number worker-number sda number"},
                    Example{"Received block blk_-1608999687919862906", "Received block blk_number"},
                    Example{"order ord_9f31c TX-88213A", "order ord_id TX-id"},
                    Example{"sha256 over ipv6 with utf8 on x86", "sha256 over ipv6 with utf8 on x86"},
                    Example{"Http2Server started", "Http2Server started"}, Example{"5xx rate", "5xx rate"},
                    Example{"std::string and a::b", "std::string and a::b"},
                    Example{"no values here, none at all", "no values here, none at all"}));

INSTANTIATE_TEST_SUITE_P(Ids, MaskExamples,
                         testing::Values(Example{"req-b9718cd8-f65e-49cc-8349-6cf7122af137 done",
                                                 "req-id done"},
                                         Example{"{bf1a281b-ad7b-4476-ac95-f47682990ce7}", "{id}"},
                                         Example{"user 113d3a99c3da401fbd62cc2caa5b96d2", "user id"},
                                         Example{"iar 0244c21c", "iar id"}, Example{"at 0x7ffd3C", "at hex"},
                                         Example{"key dGhpcyBpcyBhIHRlc3Q1Mg== used", "key id used"}));

INSTANTIATE_TEST_SUITE_P(
    Addresses, MaskExamples,
    testing::Values(Example{"from 10.0.0.7:5543 to 10.0.0.0/8", "from address to address"},
                    Example{"src: /10.250.19.16:50122", "src: /address"}, Example{"[::1]:80", "address"},
                    Example{"on [2001:db8::1]:443, up", "on address, up"},
                    Example{"to /[::1]:50010", "to /address"},
                    Example{"[10.0.0.1]:22 [::1]", "address [address]"},
                    Example{"query 10.0.0.1#53 2001:db8::1#53", "query address address"},
                    Example{"x[3]:80 [cafe]:80 [::1]:123456",
                            "x[number]:number [cafe]:number [address]:number"},
                    Example{"via fe80::1%eth0 and 2001:db8::8a2e:370:7334/64", "via address and address"},
                    Example{"::ffff:10.0.0.1 up", "address up"},
                    Example{"mac 00:1A:2b:3c:4d:5e and 001a.2b3c.4d5e", "mac address and address"},
                    Example{"mail to a.b+c@example.co.uk.", "mail to email."},
                    Example{"GET https://example.com/a?b=c,d#e (cached)", "GET url (cached)"},
                    Example{"jdbc:postgresql://db-3:5432/app failed", "url failed"}));

INSTANTIATE_TEST_SUITE_P(
    Paths, MaskExamples,
    testing::Values(Example{"open /var/log/app-3.log: denied", "open path: denied"},
                    Example{"\"GET /v2/servers/detail?id=7,8 HTTP/1.1\"", "\"GET path HTTP/1.1\""},
                    Example{"in C:\\Windows\\System32\\x.dll.", "in path."},
                    Example{"\\\\host\\share\\f", "path"}, Example{"run ~/bin/x ../y.sh", "run path path"},
                    Example{"conf/app/site.yml changed", "path changed"},
                    Example{"read/write and/or I/O", "read/write and/or I/O"},
                    Example{"3/4 done", "number/number done"}));

INSTANTIATE_TEST_SUITE_P(
    WindowsPaths, MaskExamples,
    testing::Values(Example{R"("C:\Program Files\App\x.dll" missing)", R"("path" missing)"},
                    Example{R"('C:\Users\O'Brien\my file' read)", "'path' read"},
                    Example{R"("C:\x.exe -k netsvcs")", R"("path -k netsvcs")"},
                    Example{R"({"m":"\"C:\\Program Files\\x\" failed"})", R"({"m":"\"path\" failed"})"},
                    Example{R"(C:\Program Files (x86)\Some App\x.exe -k)", "path -k"},
                    Example{R"(C:/Program Files/Git/x.sh ran)", "path ran"},
                    Example{R"(C:\Users\John Smith\AppData\x.tmp gone)", "path gone"},
                    Example{R"(C:\Users\J.Doe, Jr\x locked)", "path locked"},
                    Example{R"(profile C:\Users\John Smith)", "profile path"},
                    Example{R"(profile C:\Users\john Loaded)", "profile path Loaded"},
                    Example{R"(\\host\share\dir x)", "path x"},
                    Example{R"(\\host\My Share\J.Doe Jr\x.doc opened)", "path opened"},
                    Example{R"(copied C:\a\b to D:\c)", "copied path to path"},
                    Example{R"(C:\a\x.log not in cache\y)", R"(path not in cache\y)"},
                    Example{R"(C:\\a\\b failed\n at x)", R"(path failed\n at x)"},
                    Example{R"(C:\data\db read/write error)", "path read/write error"},
                    Example{R"(C:\a;D:\b=c\d)", R"(path;path=c\d)"}));

INSTANTIATE_TEST_SUITE_P(
    Times, MaskExamples,
    testing::Values(
        Example{"2025-06-27 07:20:25,123 x", "time x"}, Example{"2025-06-27T07:20:25.123456Z x", "time x"},
        Example{"2025-06-27T07:20:25+02:00 x", "time x"}, Example{"1/14/2025 23:07 x", "time x"},
        Example{"[Sun Dec 04 04:47:44 2005] x", "[time] x"}, Example{"Jul  9 12:59:44 host x", "time host x"},
        Example{"2005-06-03-15.42.50.675872 x", "time x"}, Example{"17/06/09 20:10:40 INFO", "time INFO"},
        Example{"03-17 16:13:38.811 D", "time D"}, Example{"20171223-22:15:29:606|Step", "time|Step"},
        Example{"[12/Mar/2025:10:00:00 +0000] x", "[time] x"}, Example{"at 12:34:56 PM", "at time"},
        Example{"due 2025-03-01.", "due time."}, Example{"20250114T230711Z x", "time x"},
        Example{"Wed, 12 Mar 2025 10:00:00 GMT", "time"}, Example{"host:8080", "host:number"},
        Example{"may 5 fail", "may number fail"}, Example{"081109 203615 148 INFO", "time number INFO"},
        Example{"[081109 203615,123] x", "[time] x"}, Example{"app: 081109 203615 x", "app: time x"},
        Example{"081109  9:03:15 [Note] x", "time [Note] x"},
        Example{"read 081109 203615 of x", "read number number of x"},
        Example{"n=081109 203615", "n=number number"}, Example{"081309 203615 x", "number number x"},
        Example{"081109 243615 x", "number number x"}, Example{"081109 2036151 x", "number number x"}));

INSTANTIATE_TEST_SUITE_P(
    NumbersWithMeaning, MaskExamples,
    testing::Values(Example{"\"GET /x HTTP/1.1\" 404 1893", "\"GET path HTTP/1.1\" 404 number"},
                    Example{"status: 200 len: 1893", "status: 200 len: number"},
                    Example{"Status code=503 in 12 ms", "Status code=503 in number ms"},
                    Example{"HTTP status code - 500", "HTTP status code - 500"},
                    Example{"process 812 exited with code 137", "process number exited with code 137"},
                    Example{"exit status 1, rc=-2, errno=13", "exit status 1, rc=-2, errno=13"},
                    Example{"returned 0", "returned 0"}, Example{"status 123456", "status number"},
                    Example{"see /api/status 404", "see path number"}));

INSTANTIATE_TEST_SUITE_P(
    HttpStatus, MaskExamples,
    testing::Values(Example{"HTTP 429 Too Many Requests", "HTTP 429 Too Many Requests"},
                    Example{"HTTP error 500", "HTTP error 500"},
                    Example{"HTTP 500 errors", "HTTP 500 errors"},
                    Example{"response 500, response: 99", "response 500, response: number"},
                    Example{"responded with a 503", "responded with a 503"},
                    Example{"upstream answered 503 in 7 ms", "upstream answered 503 in number ms"},
                    Example{"responseStatus=500 bytes=500", "responseStatus=500 bytes=number"},
                    Example{R"({"statusCode":"404","n":404})", R"({"statusCode":"404","n":number})"},
                    Example{R"({\"status\": 500})", R"({\"status\": 500})"},
                    Example{"x-http-status: 503", "x-http-status: 503"},
                    Example{"status 200 bytes 512", "status 200 bytes number"},
                    Example{"GET /x -> 404 (7 ms)", "GET path -> 404 (number ms)"},
                    Example{"GET /x 350 bytes", "GET path number bytes"},
                    Example{"opened /x 404", "opened path number"}, Example{"returned 404", "returned 404"},
                    Example{"Internal server error 500", "Internal server error 500"},
                    Example{"error 13", "error number"}, Example{"response 600", "response number"}));

INSTANTIATE_TEST_SUITE_P(
    Codes, MaskExamples,
    testing::Values(Example{"exit code 1024", "exit code 1024"},
                    Example{"exited with code 3221225477", "exited with code 3221225477"},
                    Example{"exit code -1073741819", "exit code -1073741819"},
                    Example{"exit code 12345678901", "exit code number"},
                    Example{"process.exit.code=137", "process.exit.code=137"},
                    Example{"exitCode=1, lastExitStatus: 12", "exitCode=1, lastExitStatus: 12"},
                    Example{"errcode 2005 errno 10054", "errcode 2005 errno 10054"},
                    Example{"error code 0x80070005", "error code 0x80070005"},
                    Example{"[HRESULT = 0x80004005 - E_FAIL]", "[HRESULT = 0x80004005 - E_FAIL]"},
                    Example{"failed with 0xC0000005 at 0xC0000005", "failed with 0xC0000005 at hex"},
                    Example{"error code 0x7ffd12345678", "error code hex"},
                    Example{"killed by signal 9", "killed by signal 9"},
                    Example{"signal 70, signal -61 dBm", "signal number, signal number dBm"},
                    Example{"code 1024", "code number"}));

INSTANTIATE_TEST_SUITE_P(
    AmountsBehindCues, MaskExamples,
    testing::Values(Example{"response 350 bytes", "response number bytes"},
                    Example{"response time 200 ms", "response time number ms"},
                    Example{"status update 200 items", "status update number items"},
                    Example{"returned 404 rows", "returned number rows"},
                    Example{"returned 25 new entries", "returned number new entries"},
                    Example{"returned 12 errors", "returned number errors"},
                    Example{"status 50%, status 3 of 5", "status number%, status number of number"},
                    Example{"code 1 means failure", "code 1 means failure"},
                    Example{"verification code 482, zip code 123",
                            "verification code number, zip code number"},
                    Example{"unicode 12 encode 7 zipcode 123", "unicode number encode number zipcode number"},
                    Example{"finishExit:590 onError:512", "finishExit:number onError:number"}));

}  // namespace
}  // namespace logsieve
