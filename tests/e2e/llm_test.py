#!/usr/bin/env python3
"""classify with an LLM over a real socket: forms in batches, each asked once ever; only forms leave; no endpoint stops
the rest; what is not waited for is settled later; a kill loses no answer."""
import collections
import json
import random
import signal
import sqlite3
import subprocess
import urllib.request

from fake_endpoint import WithFakeLlm
from harness import PROGRAM, main, objects_of, rows_of

ROUTE = "routes:\n  LegacyCRM: [llm]\n"
DATA = "source,log_message\n" + "".join(
    f"LegacyCRM,ticket T-{8000 + i} of user jane{i}x9 at 10.1.2.{i} was not handed over\n" for i in range(30)) + \
    'Other,"10.0.0.1 - - [12/Mar/2025:10:00:00 +0000] ""GET / HTTP/1.1"" 200 12"\n'


SYLLABLES = ["bar", "dol", "fen", "gim", "hub", "jat", "kos"]
FORMS = [f"{a}{b} unit {c}{a} {b}{c} gave up" for a in SYLLABLES for b in SYLLABLES for c in SYLLABLES][:300]


def many_lines(count: int, forms: list[str], seed: int = 1) -> str:
    """CSV in which each form comes at least once, with a number that differs from line to line."""
    chance = random.Random(seed)
    rows = forms + [chance.choice(forms) for _ in range(count - len(forms))]
    chance.shuffle(rows)
    return "source,log_message\n" + "".join(f"LegacyCRM,{form} after {i} tries\n" for i, form in enumerate(rows))


class LlmTest(WithFakeLlm):
    def requests(self, url: str) -> int:
        return json.load(urllib.request.urlopen(url.removesuffix("/v1") + "/stats"))["requests"]

    def asked_forms(self) -> list[str]:
        """Every form of every request so far, in order."""
        forms = []
        for part in self.log.read_bytes().decode().split("\r\n\r\n")[1:] if self.log.exists() else []:
            body = json.JSONDecoder().raw_decode(part)[0]
            text = body["messages"][-1]["content"]
            fenced = text[text.index("<<<LOG ") :].split("\n")[1:]
            forms += [json.loads(line)["form"] for line in fenced if line.startswith('{"id"')]
        return forms

    # A server that gives one label for everything would be doubted and asked again: the checks have tests of their own
    # (privacy_test, llm.Agreement).
    def configure(self, llm: str = "", agreement: str = "false") -> None:
        self.write("logsieve.yaml", ROUTE + "llm:\n  connect_timeout_ms: 300\n  total_timeout_ms: 3000\n  max_retries: 0\n"
                   f"  agreement: {agreement}\n" + llm)

    def ask(self, data: str, url: str, *args: str, **env: str):
        done = self.run_program("classify", data, "--llm-base-url", url, *args, **env)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done

    def ledger(self, *args: str) -> dict:
        done = self.run_program("llm", "ledger", "--json", *args)
        self.assertEqual(done.returncode, 0, done.stderr)
        return json.loads(done.stdout)


class WithAnEndpoint(LlmTest):
    def run_with(self, url: str, **env: str):
        self.write("logsieve.yaml", ROUTE + "llm: {connect_timeout_ms: 300, total_timeout_ms: 600, max_retries: 0, agreement: false}\n")
        done = self.run_program("classify", self.write("d.csv", DATA), "--llm-base-url", url, LOGSIEVE_LLM_API_KEY="sk-canary-1", **env)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertNotIn(b"sk-canary", done.stdout + done.stderr)
        return rows_of(done.stdout), done

    def test_one_call_for_all_forms_and_only_forms_leave(self):
        url = self.start("--answer", "Workflow Error")
        rows, _ = self.run_with(url)
        forms = {row["template"] for row in rows if row["source"] == "LegacyCRM"}
        self.assertEqual({(row["target_label"], row["tier"]) for row in rows if row["source"] == "LegacyCRM"}, {("Workflow Error", "llm")})
        self.assertEqual(rows[-1]["tier"], "rule")
        self.assertEqual(self.requests(url), 1)
        self.assertEqual(sorted(self.asked_forms()), sorted(forms))
        sent = self.log.read_bytes()
        self.assertTrue(sent)
        for secret in (b"10.1.2.", b"T-8000"):
            self.assertNotIn(secret, sent)

    def test_an_answer_outside_the_labels_counts_for_nothing(self):
        rows, _ = self.run_with(self.start("--answer", "Nonsense"))
        self.assertEqual({row["target_label"] for row in rows if row["source"] == "LegacyCRM"}, {"Unclassified"})

    def test_a_dead_and_a_hanging_endpoint_cost_only_their_own_lines(self):
        for url in ("http://127.0.0.1:9/v1", self.start("--hang")):
            rows, _ = self.run_with(url)
            self.assertEqual(len(rows), 31)
            self.assertEqual((rows[-1]["target_label"], rows[-1]["tier"]), ("HTTP Status", "rule"))
            self.assertLessEqual({row["tier"] for row in rows[:-1]}, {"prototype", "none"})

    def test_plain_http_to_another_machine_is_refused(self):
        done = self.run_program("classify", self.write("d.csv", DATA), "--llm-base-url", "http://192.0.2.1/v1", LOGSIEVE_LLM_API_KEY="k")
        self.assertEqual(done.returncode, 78)
        self.assertIn(b"https", done.stderr)


class Economy(LlmTest):
    def test_ten_thousand_lines_of_300_forms_cost_ten_calls_and_then_none(self):
        url = self.start("--answer", "Workflow Error")
        self.configure()
        data = self.write("many.csv", many_lines(10_000, FORMS))
        first = self.ask(data, url)
        self.assertEqual(collections.Counter(row["target_label"] for row in rows_of(first.stdout)), {"Workflow Error": 10_000})
        self.assertLessEqual(self.requests(url), 10)
        self.assertEqual(len(self.asked_forms()), 300)
        made = self.requests(url)
        second = self.ask(data, url)
        self.assertEqual(second.stdout, first.stdout)
        self.assertEqual(self.requests(url), made, "a second run asks nothing")
        ledger = self.ledger()
        self.assertEqual(ledger["total"]["calls"], made)
        self.assertEqual((ledger["answers"], ledger["cache_hits"], ledger["lines_answered"]), (300, 300, 20_000))
        self.assertEqual(ledger["total"]["input_tokens"], 300 * made)
        self.assertEqual(ledger["today"], ledger["total"])
        forms = self.ledger("--rows", "1000")["forms"]
        self.assertEqual(len({form["form"] for form in forms}), 300)
        self.assertEqual(sum(form["lines"] for form in forms), 20_000)
        self.assertEqual({(form["label"], form["cache_hits"]) for form in forms}, {("Workflow Error", 1)})
        self.assertAlmostEqual(sum(form["usd"] for form in forms), ledger["total"]["usd"], places=6)
        self.assertGreater(ledger["total"]["usd"], 0)

    def test_with_the_agreement_check_too(self):
        # 38 forms and 2 control lines a batch: 8 first questions, 2 second ones at most.
        url = self.start("--answer", "Workflow Error", "--honest")
        self.configure(agreement="true")
        data = self.write("many.csv", many_lines(10_000, FORMS))
        first = self.ask(data, url)
        self.assertEqual(collections.Counter(row["target_label"] for row in rows_of(first.stdout)), {"Workflow Error": 10_000})
        made = self.requests(url)
        self.assertLessEqual(made, 10)
        self.assertGreaterEqual(made, 8)
        second = self.ask(data, url)
        self.assertEqual(second.stdout, first.stdout)
        self.assertEqual(self.requests(url), made, "a second run asks nothing")

    def test_a_model_that_cannot_repeat_a_shown_label_is_asked_for_that_once(self):
        url = self.start("--answer", "Workflow Error")  # for the control lines as well
        self.configure(agreement="true")
        data = self.write("many.csv", many_lines(10_000, FORMS))
        first = self.ask(data, url)
        made = self.requests(url)
        self.assertLessEqual(made, 10)
        for _ in range(2):
            again = self.ask(data, url)
            self.assertEqual(again.stdout, first.stdout)
            self.assertEqual(self.requests(url), made, "a further run asks nothing")

    def test_a_budget_of_requests_is_kept_and_the_rest_goes_on(self):
        url = self.start("--answer", "Workflow Error")
        self.configure("  budget: {requests_per_day: 3}\n")
        done = self.ask(self.write("many.csv", many_lines(2_000, FORMS)), url)
        rows = rows_of(done.stdout)
        self.assertEqual(len(rows), 2_000)
        self.assertEqual(self.requests(url), 3)
        self.assertEqual(len({row["template"] for row in rows if row["tier"] == "llm"}), 120)
        self.assertIn(b"budget of requests", done.stderr)

    def test_a_budget_of_money_needs_a_price(self):
        self.configure("  models: [mine]\n  budget: {usd_per_day: 1}\n")
        done = self.run_program("classify", self.write("d.csv", DATA), "--llm-base-url", "http://127.0.0.1:9/v1")
        self.assertEqual(done.returncode, 78)
        self.assertIn(b"price", done.stderr)

    def test_every_answer_style_of_a_server_gives_the_same_output(self):
        outputs = set()
        for style in ("json_schema", "object_schema", "json_object", "plain"):
            url = self.start("--answer", "Workflow Error", "--style", style)
            self.configure()
            outputs.add(self.ask(self.write("many.csv", many_lines(500, FORMS)), url, "--state", str(self.state / style)).stdout)
        self.assertEqual(len(outputs), 1)


class Deferral(LlmTest):
    def test_what_is_not_waited_for_is_settled_by_drain(self):
        url = self.start("--answer", "Workflow Error")
        self.configure()
        data = self.write("many.csv", many_lines(400, FORMS[:50]) + 'Other,"10.0.0.1 - - [12/Mar/2025:10:00:00 +0000] ""GET / HTTP/1.1"" 200 12"\n')
        provisional = rows_of(self.ask(data, url, "--llm-wait", "none").stdout)
        self.assertEqual(self.requests(url), 0)
        self.assertEqual([row["llm_deferred"] for row in provisional], ["true"] * 400 + ["false"])
        ids = [row["record_id"] for row in provisional[:400]]
        self.assertEqual(len(set(ids)), 400)
        self.assertEqual(provisional[400]["record_id"], "", "only what is provisional needs a name")
        drained = self.run_program("llm", "drain", "--llm-base-url", url)
        self.assertEqual(drained.returncode, 0, drained.stderr)
        settled = objects_of(drained.stdout)
        self.assertEqual({o["record_id"] for o in settled}, set(ids))
        self.assertEqual({(o["target_label"], o["tier"]) for o in settled}, {("Workflow Error", "llm")})
        self.assertEqual(self.requests(url), 2)
        queue = objects_of(self.run_program("review", "list", "--json", "--limit", "99").stdout)
        self.assertEqual((len(queue), sum(item["lines"] for item in queue)), (50, 400), "what was settled can be reviewed")
        again = rows_of(self.ask(data, url, "--llm-wait", "none").stdout)
        self.assertEqual({(row["llm_deferred"], row["record_id"]) for row in again}, {("false", "")})
        self.assertEqual({row["target_label"] for row in again[:400]}, {"Workflow Error"})
        self.assertEqual(self.requests(url), 2)
        self.assertEqual(self.run_program("llm", "drain", "--llm-base-url", url).stdout, b"")

    def test_a_later_classify_settles_too(self):
        url = self.start("--answer", "Workflow Error")
        self.configure()
        data = self.write("many.csv", many_lines(100, FORMS[:10]))
        self.ask(data, url, "--llm-wait", "none", "--to", "jsonl")
        done = self.ask(data, url, "--to", "jsonl")
        self.assertEqual({(o["target_label"], o["tier"]) for o in objects_of(done.stdout)}, {("Workflow Error", "llm")})
        self.assertNotIn(b"llm_deferred", done.stdout, "with all there is nothing to defer")
        self.assertEqual(self.run_program("llm", "drain", "--llm-base-url", url).stdout, b"")

    def test_what_the_budget_does_not_allow_is_deferred(self):
        url = self.start("--answer", "Workflow Error")
        self.configure("  budget: {requests_per_minute: 1}\n")
        rows = rows_of(self.ask(self.write("many.csv", many_lines(300, FORMS[:90])), url, "--llm-wait", "budget").stdout)
        self.assertEqual(self.requests(url), 1)
        answered = {row["template"] for row in rows if row["tier"] == "llm"}
        self.assertEqual(len(answered), 40)
        for row in rows:
            self.assertEqual(row["llm_deferred"], "false" if row["template"] in answered else "true")

    def test_a_dead_endpoint_keeps_them_deferred(self):
        self.configure()
        self.ask(self.write("many.csv", many_lines(100, FORMS[:10])), "http://127.0.0.1:9/v1", "--llm-wait", "none")
        for _ in range(2):
            done = self.run_program("llm", "drain", "--llm-base-url", "http://127.0.0.1:9/v1")
            self.assertEqual(done.returncode, 69)
            self.assertIn(b"0 records settled, 100 still deferred", done.stderr)


class Interrupt(LlmTest):
    def test_an_interrupt_does_not_wait_for_the_next_minute_of_a_budget(self):
        url = self.start("--answer", "Workflow Error")
        self.configure("  budget: {requests_per_minute: 1}\n")
        process = subprocess.Popen([PROGRAM, "classify", self.write("many.csv", many_lines(300, FORMS[:90])), "--llm-base-url", url],
                                   cwd=self.folder, env=self.environment(), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        while self.requests(url) == 0:
            self.assertIsNone(process.poll())
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=30)
        self.assertIn(process.returncode, (0, 130))
        self.assertEqual(self.requests(url), 1)


class Kills(LlmTest):
    """kill -9 at any moment: a stored answer is never asked for again, and in the end every form has one."""

    def stored_forms(self) -> set[str]:
        file = self.state / "llm.sqlite3"
        if not file.exists():
            return set()
        with sqlite3.connect(f"file:{file}?mode=ro", uri=True) as database:
            try:
                return {form for (form,) in database.execute("SELECT form FROM answers")}
            except sqlite3.OperationalError:  # killed before the tables were there
                return set()

    def test_kill_9_loses_no_stored_answer_and_pays_for_none_twice(self):
        url = self.start("--answer", "Workflow Error", "--delay-ms", "15")
        self.configure("  batch_forms: 5\n  parallel_requests: 2\n")
        data = self.write("many.csv", many_lines(600, FORMS))
        chance = random.Random(7)
        stored: set[str] = set()
        asked_before = 0
        for _ in range(25):
            process = subprocess.Popen([PROGRAM, "classify", data, "--llm-base-url", url, "--out", "out.csv"], cwd=self.folder,
                                       env=self.environment(), stderr=subprocess.DEVNULL)
            try:
                process.wait(timeout=chance.uniform(0.05, 0.9))
            except subprocess.TimeoutExpired:
                process.send_signal(signal.SIGKILL)
                process.wait()
            asked = self.asked_forms()
            self.assertFalse(stored & set(asked[asked_before:]), "paid twice for a stored answer")
            asked_before = len(asked)
            now = self.stored_forms()
            self.assertLessEqual(stored, now, "a stored answer was lost")
            stored = now
        done = self.ask(data, url)
        self.assertEqual({row["target_label"] for row in rows_of(done.stdout)}, {"Workflow Error"})
        self.assertFalse(stored & set(self.asked_forms()[asked_before:]))
        self.assertEqual(len(self.stored_forms()), 300)


if __name__ == "__main__":
    main()
