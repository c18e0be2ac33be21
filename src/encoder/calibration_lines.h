// Lines of the kind that logs have, raw and masked, and odd ones: what fast mode is calibrated on. Changing them changes vectors of
// fast mode in their last digits, and needs another kVersion in fast_file.cc.
#ifndef LOGSIEVE_ENCODER_CALIBRATION_LINES_H_
#define LOGSIEVE_ENCODER_CALIBRATION_LINES_H_

#include <array>
#include <string_view>

namespace logsieve {

inline constexpr std::array<std::string_view, 20> kCalibrationLines = {
    "2024-03-11T08:15:42.118Z ERROR [worker-7] payment-api: POST /v2/orders/8841 returned 503 after 30021 ms",
    "kernel: [81234.556677] sd 2:0:0:1: [sdb] Unhandled error code, Result: hostbyte=DID_NO_CONNECT",
    "Failed password for invalid user oracle from 203.0.113.77 port 50412 ssh2",
    "user number logged in from address",
    "Backup of volume path completed successfully in number seconds",
    "java.lang.IllegalStateException: pool exhausted (active=64, idle=0, max=64) at "
    "com.example.db.Pool.take(Pool.java:212)",
    "disk quota exceeded",
    "GC (Allocation Failure) 512M->118M(1024M), 0.0321450 secs",
    "",
    "WARN TaskSetManager: Lost task 3.0 in stage 12.0 (TID 377, node-04): ExecutorLostFailure",
    "Certificate for *.example.org expires in 6 days; renew it with the new key id",
    "CPU temperature above threshold, cpu clock throttled (total events = 1187)",
    "{\"level\":\"info\",\"msg\":\"cache miss\",\"key\":\"session:9f8e7d6c5b4a\",\"ttl\":3600,\"ok\":false}",
    "Benutzer abgemeldet: \xC3\x9C"
    "bertragung wegen Zeit\xC3\xBC"
    "berschreitung abgebrochen",
    "dhcpd: DHCPREQUEST for 10.20.30.40 from 00:1b:44:11:3a:b7 via eth1: lease 10.20.30.40 unavailable.",
    "................................",
    "===== ----- ***** _____ ~~~~~",
    "[PAD] [UNK] [MASK] [SEP] [CLS]",
    "a",
    "0x00007ffd3c2a 0x0000000000401136 #### ---- @@@@ ???? ==== >>>> trap: invalid opcode rip:401136 error:0",
};

}  // namespace logsieve

#endif  // LOGSIEVE_ENCODER_CALIBRATION_LINES_H_
