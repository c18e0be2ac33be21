#!/usr/bin/env python3
"""The LLM tier's fault matrix, rows 1 to 24, through the whole program and over real sockets: each row asserts every
verdict, the number of requests and the time. (Row 23, minutes of outage, and rows 25 to 27 run against the client with
a clock and certificates of their own: llm_client_batch_test, llm_tls_test, llm_client_fault_test, agreement_test; row
28 is privacy_test.)"""
import gzip
import json
import os
import socket
import subprocess
import time
from email.utils import formatdate

from harness import PROGRAM, EndToEnd, main, rows_of
from scripted_endpoint import Connection, Request, ScriptedEndpoint, completion

WORDS = ["abel", "borin", "cedra", "dolun", "ertag", "fimor"]
LINES = [f"ticket of kind {word} was left open" for word in WORDS]
RULE_LINE = '10.0.0.1 - - [12/Mar/2025:10:00:00 +0000] "GET / HTTP/1.1" 200 12'
MIB = 1 << 20


def label_of(form: str) -> str:
    """What the model rightly says: another label from line to line, so that swapped answers show."""
    return ["Error", "User Action", "Workflow Error"][sum(map(ord, form)) % 3]


def right(request: Request) -> list[tuple[str, str]]:
    return [(line["id"], label_of(line["form"])) for line in request.lines()]


def answer(connection: Connection, request: Request) -> None:
    connection.answers(right(request))


def first(count: int, fault, then=answer):
    """`fault` for so many requests, then another behaviour."""
    return lambda connection, request: (fault if request.number < count else then)(connection, request)


class Row(EndToEnd):
    @classmethod
    def setUpClass(cls):
        """How long the program takes, and how much memory, where there is no LLM."""
        test = cls("without_llm")
        test.setUp()
        test.without_llm()
        cls.base_seconds, cls.base_kib = test.seconds, test.peak_kib
        test.doCleanups()

    def without_llm(self) -> None:
        for _ in range(2):  # the first run reads files for the first time
            self.run_rows("http://127.0.0.1:9/v1", "--llm", "off")

    def configure(self, **llm) -> None:
        settings = {"connect_timeout_ms": 300, "total_timeout_ms": 5_000, "agreement": False} | llm
        self.write("logsieve.yaml", json.dumps({"routes": {"LegacyCRM": ["llm"]}, "llm": settings}))

    def run_rows(self, url: str, *args: str, lines: list[str] | None = None, key: str = "sk-canary-1") -> list[dict]:
        """Classifies the lines and one that a rule decides. Nothing is lost or out of order, and the key is nowhere."""
        lines = LINES if lines is None else lines
        data = "source,log_message\n" + "".join(f"LegacyCRM,{line}\n" for line in lines) + 'Web,"' + RULE_LINE.replace('"', '""') + '"\n'
        if not (self.folder / "logsieve.yaml").exists():
            self.configure()
        out, err = self.folder / "out.csv", self.folder / "err"
        with open(err, "wb") as stderr:
            start = time.monotonic()
            process = subprocess.Popen([PROGRAM, "classify", self.write("d.csv", data), "--llm-base-url", url, "--out", str(out), *args],
                                       cwd=self.folder, stderr=stderr, env=self.environment(LOGSIEVE_LLM_API_KEY=key))
            _, status, usage = os.wait4(process.pid, 0)
            self.seconds, self.peak_kib = time.monotonic() - start, usage.ru_maxrss
        process.returncode = os.waitstatus_to_exitcode(status)
        self.stderr = err.read_text("utf-8", "replace")
        self.assertEqual(process.returncode, 0, self.stderr)
        self.assertNotIn(key, self.stderr + out.read_text())
        rows = rows_of(out.read_bytes())
        self.assertEqual([row["log_message"] for row in rows], [*lines, RULE_LINE])
        self.assertEqual((rows[-1]["target_label"], rows[-1]["tier"]), ("HTTP Status", "rule"))
        return rows[:-1]

    def endpoint(self, behave) -> ScriptedEndpoint:
        endpoint = ScriptedEndpoint(behave)
        self.addCleanup(endpoint.close)
        return endpoint

    def play(self, behave, requests: int, silent=(), within: float = 1.5, at_least: float = 0, **llm) -> ScriptedEndpoint:
        """One run against `behave`, without the answers of earlier ones. Lines whose number is in `silent` get no label ("all": none gets one), the others
        get the right one from the LLM; so many requests, and a time, besides that of a run without an LLM."""
        self.forget()
        self.configure(**llm)
        endpoint = self.endpoint(behave)
        self.check(self.run_rows(endpoint.url), silent)
        self.assertEqual(len(endpoint.requests), requests)
        self.took(within, at_least)
        return endpoint

    def check(self, rows: list[dict], silent=()) -> None:
        for i, row in enumerate(rows):
            if silent == "all" or i in silent:
                self.assertIn(row["tier"], ("none", "prototype"), (i, row))
            else:
                self.assertEqual((row["target_label"], row["tier"]), (label_of(row["template"]), "llm"), (i, self.stderr))

    def took(self, within: float, at_least: float = 0) -> None:
        """A sanitizer and a busy machine slow all down alike, but not by more than three times the whole run."""
        self.assertGreaterEqual(self.seconds, at_least)
        self.assertLess(self.seconds - self.base_seconds, within + 2 * self.base_seconds)

    def forget(self) -> None:
        for file in self.state.glob("llm.sqlite3*"):
            file.unlink()

    def notices(self) -> list[str]:
        return [line for line in self.stderr.splitlines() if "LLM" in line]

    def ledger(self) -> dict:
        return json.loads(self.run_program("llm", "ledger", "--json").stdout)


class Unreachable(Row):
    def test_row_1_a_closed_port_opens_the_circuit_after_five_tries(self):
        with socket.socket() as bound:  # bound and not listening: nobody else takes the port
            bound.bind(("127.0.0.1", 0))
            self.configure(batch_forms=1, parallel_requests=1)
            self.check(self.run_rows(f"http://127.0.0.1:{bound.getsockname()[1]}/v1"), "all")
        self.took(within=0.5)
        self.assertEqual(self.ledger()["total"]["calls"], 5)
        self.assertEqual(self.ledger()["total"]["usd"], 0)
        self.assertEqual(len(self.notices()), 1, self.stderr)
        self.assertIn("no connection", self.notices()[0])

    def test_row_2_a_name_that_nobody_knows(self):
        self.configure(total_timeout_ms=600, max_retries=0)
        self.check(self.run_rows("https://llm.invalid/v1"), "all")
        self.took(within=1.5)
        self.assertEqual(self.ledger()["total"]["calls"], 1)
        self.assertEqual(self.ledger()["total"]["usd"], 0)
        self.assertEqual(len(self.notices()), 1, self.stderr)

    def test_row_3_silence_meets_the_deadline(self):
        self.play(lambda connection, _: connection.wait(3600), requests=1, silent="all", total_timeout_ms=700, at_least=0.7, within=1.2)
        self.assertEqual(len(self.notices()), 1, self.stderr)

    def test_row_3_the_first_lost_batch_is_told_while_the_run_goes_on(self):
        endpoint = self.endpoint(lambda connection, _: connection.wait(3600))
        self.configure(total_timeout_ms=300, max_retries=0, batch_forms=1)
        process = subprocess.Popen([PROGRAM, "classify", "--from", "csv", "-", "--llm-base-url", endpoint.url], cwd=self.folder,
                                   env=self.environment(LOGSIEVE_LLM_API_KEY="k"), stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
                                   stderr=subprocess.PIPE)
        process.stdin.write(f"source,log_message\nLegacyCRM,{LINES[0]}\n".encode())
        process.stdin.flush()
        said = process.stderr.readline()  # the input is still open
        self.assertIn(b"got no answer", said)
        process.stdin.close()
        rest = process.stderr.read()
        self.assertEqual(process.wait(timeout=60), 0)
        process.stderr.close()
        self.assertNotIn(b"LLM", rest)

    def test_row_4_a_byte_at_a_time_meets_the_total_deadline(self):
        def drip(connection: Connection, request: Request) -> None:
            connection.send(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 4000\r\n\r\n")
            while True:
                connection.send(b" ")
                connection.wait(0.05)
        self.play(drip, requests=1, silent="all", total_timeout_ms=700, at_least=0.7, within=1.2)

    def test_row_5_a_reset_in_the_middle_of_a_reply(self):
        def reset(connection: Connection, request: Request) -> None:
            body = completion(json.dumps({"answers": [{"id": id_, "label": "Security Alert"} for id_, _ in right(request)]}))
            connection.reply(body[: len(body) // 2], promised=len(body) - len(body) // 2)
            connection.wait(0.05)
            connection.reset()
        self.play(first(2, reset), requests=3, within=3)
        self.play(reset, requests=3, silent="all", within=3)

    def test_row_6_a_body_that_is_one_byte_short(self):
        def short(connection: Connection, request: Request) -> None:
            connection.reply(completion('{"answers": []}'), promised=1)
            connection.end()
        self.play(first(1, short), requests=2, within=2.5)
        self.play(short, requests=3, silent="all", within=3)

    def test_row_7_a_gibibyte_and_a_bomb_end_at_four_mebibytes(self):
        def endless(connection: Connection, request: Request) -> None:
            connection.send(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 1073741824\r\n\r\n")
            for _ in range(1024):
                connection.send(b" " * MIB)
        endpoint = self.play(endless, requests=1, silent="all")
        self.assertLess(self.peak_kib - self.base_kib, 48 * 1024)
        bomb = gzip.compress(bytes(256 * MIB))
        self.play(lambda connection, _: connection.reply(bomb, Content_Encoding="gzip"), requests=1, silent="all")
        self.assertLess(self.peak_kib - self.base_kib, 48 * 1024)
        self.assertLess(endpoint.bytes_sent, 64 * MIB)


class Odd(Row):
    def test_row_8_html_is_no_answer_whatever_its_status(self):
        def html(status: int):
            return lambda connection, _: connection.reply('<html>{"label": "Security Alert"}</html>', status, content_type="text/html; charset=utf-8")
        self.play(first(1, html(502), first(2, html(200))), requests=3, within=3)

    def test_rows_9_and_10_replies_without_an_answer_are_asked_for_once_more_in_halves(self):
        contents = {"empty": "", "prose": "I think that it is an Error.", "deep": "[" * 100_000 + "]" * 100_000,
                    "a key twice": '{"answers": [], "answers": []}', "number": "7"}
        for name, content in contents.items():
            with self.subTest(name):
                self.play(lambda connection, _, text=content: connection.content(text), requests=3, silent="all", within=1)
        with self.subTest("null"):
            self.play(lambda connection, _: connection.content(None), requests=3, silent="all", within=1)
        with self.subTest("refusal"):
            self.play(lambda connection, _: connection.content(None, refusal="I cannot"), requests=3, silent="all", within=1)

    def test_row_11_labels_that_are_not_letter_by_letter_of_the_set(self):
        odd = ["error", "ERROR", "\u0415rror", "Error\u200b", "Meteorology", "User  Action"]

        def spoil(connection: Connection, request: Request) -> None:
            connection.answers([(line["id"], odd[WORDS.index(line["form"].split()[3])] if "dolun" not in line["form"] else label)
                                for line, (_, label) in zip(request.lines(), right(request))])
        self.play(spoil, requests=2, silent=(0, 1, 2, 4, 5), within=1)

    def test_row_12_answers_are_matched_by_id(self):
        spoiled = {
            "swapped": (lambda answers: answers[::-1], 1), "missing": (lambda answers: answers[:2], 2),
            "extra": (lambda answers: [("zzzz", "Security Alert"), *answers, ("", "Error")], 1),
            "twice the same": (lambda answers: answers + answers, 1),
            "twice, not the same": (lambda answers: [*answers, (answers[0][0], "Security Alert")], 2),
            "one id for all": (lambda answers: [(answers[0][0], label) for _, label in answers], 2),
            "none": (lambda answers: [], 2),
        }
        for name, (spoil, requests) in spoiled.items():
            with self.subTest(name):
                endpoint = self.play(first(1, lambda connection, request, change=spoil: connection.answers(change(right(request)))),
                                     requests=requests, within=1)
                asked = sum(len(request.lines()) for request in endpoint.requests)
                self.assertLessEqual(asked, 2 * len(LINES))

    def test_row_13_an_answer_cut_short_is_asked_for_in_smaller_batches(self):
        def cut(connection: Connection, request: Request) -> None:
            if len(request.lines()) > 2:
                return connection.content('{"answers": [{"id": "', "length")
            return answer(connection, request)
        self.play(cut, requests=7, within=1)

    def test_row_14_a_failed_generation_is_asked_for_once_in_halves(self):
        def fail(connection: Connection, _: Request) -> None:
            connection.error(400, "Failed to validate JSON. See 'failed_generation'.", "json_validate_failed")
        self.play(first(1, fail), requests=3, within=1)


class Refused(Row):
    def test_row_15_a_refused_key_stops_the_tier_and_the_next_run_starts_afresh(self):
        def guard(connection: Connection, request: Request) -> None:
            if request.headers["authorization"] != "Bearer good-key-1":
                return connection.error(401, "Invalid API Key", "invalid_api_key")
            return answer(connection, request)
        self.configure(batch_forms=1, parallel_requests=1)
        endpoint = self.endpoint(guard)
        self.check(self.run_rows(endpoint.url), "all")
        self.took(within=0.5)
        self.assertEqual(len(endpoint.requests), 1)
        self.assertEqual(len(self.notices()), 1, self.stderr)
        self.assertIn("refused the key", self.notices()[0])
        self.configure()
        self.check(self.run_rows(endpoint.url, key="good-key-1"))
        self.assertEqual(len(endpoint.requests), 2)

    def test_row_16_a_model_that_is_gone_is_told_once_and_the_next_is_asked(self):
        def gone(connection: Connection, request: Request) -> None:
            if json.loads(request.body)["model"] == "old":
                return connection.error(404, "The model `old` has been decommissioned", "model_not_found")
            return answer(connection, request)
        self.play(gone, requests=4, models=["old", "new"], batch_forms=2, parallel_requests=1, within=1)
        self.assertEqual(len(self.notices()), 1, self.stderr)
        self.assertIn("using new", self.notices()[0])

    def test_row_17_what_is_too_large_is_never_sent_again_unchanged(self):
        def narrow(connection: Connection, request: Request) -> None:
            if len(request.lines()) > 2:
                return connection.error(413, "Request too large for model: tokens per minute (TPM)", "rate_limit_exceeded")
            return answer(connection, request)
        endpoint = self.play(narrow, requests=7, within=1)
        self.assertEqual(len({request.body for request in endpoint.requests}), 7)

    def test_row_18_each_status_is_asked_again_as_often_as_it_is_worth(self):
        for status, requests, within in ((422, 2, 1), (424, 1, 1), (499, 3, 3)):
            with self.subTest(status):
                endpoint = self.play(lambda connection, _, code=status: connection.error(code, "no"), requests=requests, silent="all", within=within)
                self.assertEqual(len({request.body for request in endpoint.requests}), requests, "never the same bytes twice")
                self.assertTrue(self.notices(), "that lines go on without an answer is told")

    def test_row_17_a_line_that_is_too_large_even_alone_is_told(self):
        self.play(lambda connection, _: connection.error(413, "Request too large"), requests=11, silent="all", within=3, batch_forms=8)
        self.assertTrue(any("too large" in notice for notice in self.notices()), self.stderr)


class Limited(Row):
    def test_row_19_nothing_is_sent_before_the_server_allows_it(self):
        endpoint = self.play(first(1, lambda connection, _: connection.error(429, "slow down", "rate_limit_exceeded", Retry_After="2")),
                             requests=4, at_least=2, within=5, batch_forms=2, parallel_requests=1)
        self.assertGreaterEqual(endpoint.requests[1].arrived - endpoint.requests[0].arrived, 2)

    def test_row_20_a_day_that_is_used_up_costs_one_request_and_no_time(self):
        lines = [f"{a}{b} unit gave up its {c} work" for a in "abcdefgh" for b in ("bar", "dol", "fen") for c in ("red", "blue", "green")]
        self.configure(parallel_requests=1)
        endpoint = self.endpoint(lambda connection, _: connection.error(
            429, "Rate limit reached on requests per day. Please try again in 9m38.016s", "rate_limit_exceeded", Retry_After="578",
            x_ratelimit_remaining_requests="0", x_ratelimit_reset_requests="9m38.016s"))
        self.check(self.run_rows(endpoint.url, lines=lines), "all")
        self.took(within=0.7)
        self.assertEqual(len(endpoint.requests), 1)
        self.assertEqual(len(self.notices()), 1, self.stderr)

    def test_row_21_an_odd_retry_after_is_ignored_or_clamped(self):
        for value, seconds in (("-1", 0), ("garbage", 0), ("nan", 0), (formatdate(time.time() - 60, usegmt=True), 0), ("1.5", 1.5)):
            with self.subTest(value):
                endpoint = self.play(first(1, lambda connection, _, text=value: connection.error(429, "busy", Retry_After=text)), requests=2,
                                     at_least=seconds, within=2 + seconds)
                self.assertGreaterEqual(endpoint.requests[1].arrived - endpoint.requests[0].arrived, seconds)
        for value in ("1e309", "301", formatdate(time.time() + 86_400, usegmt=True)):
            with self.subTest(value):
                self.play(lambda connection, _, text=value: connection.error(429, "busy", Retry_After=text), requests=1, silent="all", within=0.7)

    def test_row_22_half_of_the_replies_failing_costs_a_tenth_of_retries(self):
        lines = [f"{a}{b} unit gave up its {c} work" for a in "abcdefgh" for b in ("bar", "dol", "fen") for c in ("red", "blue", "green")]

        def coin(connection: Connection, request: Request) -> None:
            if request.number % 2 == 0:
                return answer(connection, request)
            return connection.error(498 if request.number % 4 == 1 else 503, "busy")
        self.configure(batch_forms=1, parallel_requests=4)
        endpoint = self.endpoint(coin)
        rows = self.run_rows(endpoint.url, lines=lines)
        self.took(within=8)
        answered = [row for row in rows if row["tier"] == "llm"]
        self.check(answered)
        self.assertGreaterEqual(len(answered), len(lines) // 3)
        retries = len(endpoint.requests) - len(lines)
        self.assertLessEqual(retries, max(2, len(endpoint.requests) // 10))

    def test_row_24_a_budget_is_never_passed(self):
        price = {"m": {"input": 1_000, "cached_input": 1_000, "output": 1_000}}  # 0.31 dollars a reply of the script
        for budget, most in (({"requests_per_day": 2}, 2), ({"tokens_per_day": 2_000}, 6), ({"usd_per_day": 2}, 6)):
            with self.subTest(budget):
                self.forget()
                self.configure(batch_forms=1, parallel_requests=1, models=["m"], prices=price, budget=budget)
                endpoint = self.endpoint(answer)
                rows = self.run_rows(endpoint.url)
                self.took(within=1)
                self.assertLessEqual(len(endpoint.requests), most)
                self.assertEqual(sum(row["tier"] == "llm" for row in rows), len(endpoint.requests))
                total = self.ledger()["total"]
                self.assertLessEqual(total["calls"], budget.get("requests_per_day", 9))
                self.assertLessEqual(total["input_tokens"] + total["output_tokens"], budget.get("tokens_per_day", 9_999))
                self.assertLessEqual(total["usd"], budget.get("usd_per_day", 9))
                self.assertGreaterEqual(len(endpoint.requests), 1)
                self.assertEqual(len(self.notices()), 1, self.stderr)
                self.assertIn("today", self.notices()[0])


if __name__ == "__main__":
    main()
