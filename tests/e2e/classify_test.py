#!/usr/bin/env python3
"""classify, end to end: what goes in comes out, in order, with our fields after it."""
import os
import shutil
import signal
import subprocess
import time

from harness import ENCODER_DIR, MODEL, PROGRAM, ROOT, EndToEnd, environment, main, objects_of, rows_of

OURS = ["target_label", "confidence", "tier", "rule", "template"]
TIERS = {"rule", "model", "llm", "prototype", "none"}
SAMPLE = (ROOT / "resources/test.csv").read_bytes()


class Outputs(EndToEnd):
    def test_csv_keeps_every_column_and_appends_ours(self):
        source = rows_of(SAMPLE)
        got = rows_of(self.classify(str(ROOT / "resources/test.csv")).stdout)
        self.assertEqual(len(got), len(source))
        for before, after in zip(source, got):
            self.assertEqual(list(after), list(before) + OURS)
            self.assertEqual({k: after[k] for k in before}, before)
            self.assertIn(after["tier"], TIERS)
            self.assertEqual(after["target_label"] == "Unclassified", after["tier"] == "none")
            self.assertEqual(bool(after["rule"]), after["tier"] == "rule")
            self.assertTrue(0 <= float(after["confidence"]) <= 1)

    def test_input_bytes_stay_as_they_stood(self):
        quoted = b'log_message,note\n"disk ""sda"" is full\nsecond line",x\nplain  ,"y, z"\n'
        out = self.classify(self.write("q.csv", quoted)).stdout
        self.assertIn(b'"disk ""sda"" is full\nsecond line",x,', out)
        self.assertIn(b'\nplain  ,"y, z",', out)

    def test_a_column_of_our_name_is_not_overwritten(self):
        out = rows_of(self.classify(self.write("c.csv", "log_message,target_label,tier\nfan failed,Mine,7\n")).stdout)
        self.assertEqual(list(out[0]), ["log_message", "target_label", "tier", "logsieve_target_label", "confidence",
                                        "logsieve_tier", "rule", "template"])
        self.assertEqual((out[0]["target_label"], out[0]["tier"]), ("Mine", "7"))

    def test_jsonl_keeps_its_fields_and_text_gets_line_and_message(self):
        out = objects_of(self.classify("--from", "jsonl", self.write("a.jsonl", '{"message":"fan \\u00e9 failed","n":[1,{"x":null}]}\n')).stdout)
        self.assertEqual(out[0]["n"], [1, {"x": None}])
        self.assertEqual(out[0]["message"], "fan é failed")
        self.assertEqual(list(out[0])[-5:], OURS)
        out = objects_of(self.classify("--from", "text", self.write("a.log", "one\n\nthree\n")).stdout)
        self.assertEqual([(o["line"], o["message"]) for o in out], [(1, "one"), (2, ""), (3, "three")])

    def test_what_is_no_log_line_is_refused_and_explained(self):
        texts = {"dGhlIHF1aWNrIGJyb3duIGZveCBqdW1wcyBvdmVyIHRoZSBsYXp5IGRvZw==": b"hardly a known word",
                 "\u0001\u00d8\u0017\u00ac\u009f(\u00e2;\u0081\u00f0K": b"hardly a known word",
                 "8f1c0a77-52d1-4e1b-9f0e-1a2b3c4d5e6f": b"hardly a known word",
                 "for (size_t i = 0; i < names.size(); ++i) total += names[i].length();": b"beyond a limit",
                 "The gardener closed the gate and walked slowly home through the rain.": None,
                 "Die Kinder spielten bis zum Abend im Garten hinter dem Haus.": None}
        got = objects_of(self.classify("--from", "text", "-", stdin="\n".join(texts).encode()).stdout)
        self.assertEqual([o["target_label"] for o in got], ["Unclassified"] * len(texts))
        for text, reason in texts.items():
            if reason:
                self.assertIn(reason, self.run_program("explain", "--model", MODEL, "--encoder-dir", ENCODER_DIR, text).stdout)

    def test_formats_agree_on_the_verdicts(self):
        messages = [row["log_message"] for row in rows_of(SAMPLE) if "\n" not in row["log_message"]][:20]
        as_text = objects_of(self.classify("--from", "text", "-", stdin="\n".join(messages).encode()).stdout)
        as_tsv = self.classify("--from", "text", "--to", "tsv", "-", stdin="\n".join(messages).encode()).stdout.decode()
        self.assertEqual([o["target_label"] for o in as_text],
                         [line.split("\t")[-5] for line in as_tsv.splitlines()[1:]])

    def test_same_bytes_whatever_the_threads_and_the_neighbours(self):
        one = self.classify("--threads", "1", str(ROOT / "resources/test.csv")).stdout
        self.assertEqual(one, self.classify("--threads", "3", str(ROOT / "resources/test.csv")).stdout)
        header, *lines = one.splitlines(keepends=True)
        for row in rows_of(SAMPLE)[::8]:
            if "\n" in row["log_message"]:
                continue
            alone = objects_of(self.classify("--from", "text", "-", stdin=row["log_message"].encode()).stdout)[0]
            together = next(r for r in rows_of(one) if r["log_message"] == row["log_message"])
            if not row.get("source", "").startswith("Legacy"):
                self.assertEqual((alone["target_label"], f'{alone["confidence"]:.4f}'),
                                 (together["target_label"], together["confidence"]))

    def test_out_writes_a_file_and_nothing_on_stdout(self):
        out = self.folder / "out.csv"
        done = self.classify(str(ROOT / "resources/test.csv"), "--out", str(out))
        self.assertEqual(done.stdout, b"")
        self.assertEqual(out.read_bytes(), self.classify(str(ROOT / "resources/test.csv")).stdout)
        self.assertEqual([p.name for p in self.folder.iterdir()], ["out.csv"])

    def test_table_is_readable_and_escapes_control_bytes(self):
        out = self.classify("--to", "table", "--from", "text", "-", stdin=b"\x1b[31mred\x07 disk failure\n").stdout
        self.assertNotIn(b"\x1b", out)
        self.assertIn(b"line", out.splitlines()[0])


class Streams(EndToEnd):
    def test_answers_come_while_stdin_stays_open(self):
        child = subprocess.Popen([PROGRAM, "classify", "--llm", "off", "--from", "text", "-"], stdin=subprocess.PIPE,
                                 stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment())
        child.stdin.write(b"service started\n")
        child.stdin.flush()
        self.assertIn(b"service started", child.stdout.readline())
        child.stdin.close()
        self.assertEqual(child.wait(60), 0)
        child.stdout.close()
        child.stderr.close()

    def test_blank_lines_that_come_first_do_not_tell_the_format(self):
        child = subprocess.Popen([PROGRAM, "classify", "-", "--llm", "off"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                 stderr=subprocess.PIPE, env=self.environment())
        for piece in (b"\n", b" \r\n\n", b'{"message":"disk sda1 failed"}\n'):
            child.stdin.write(piece)
            child.stdin.flush()
            time.sleep(0.2)
        out, told = child.communicate(timeout=60)
        self.assertIn(b"reading stdin as jsonl", told)
        self.assertEqual([answer["message"] for answer in objects_of(out)], ["disk sda1 failed"])

    def test_a_closed_pipe_is_quiet(self):
        big = self.write("big.log", b"connection from 10.0.0.1 closed\n" * 300_000)
        done = subprocess.run(["sh", "-c", f'"{PROGRAM}" classify --llm off --from text {big} | head -n 1'],
                              capture_output=True, env=environment(), timeout=120, check=False)
        self.assertEqual(done.stdout.count(b"\n"), 1)
        self.assertEqual(done.stderr, b"")

    def test_a_signal_ends_a_run_that_waits_for_an_idle_pipe(self):
        for sent in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            child = subprocess.Popen([PROGRAM, "classify", "--llm", "off", "--from", "text", "-"], stdin=subprocess.PIPE,
                                     stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment())
            child.stdin.write(b"service started\n")
            child.stdin.flush()
            self.assertIn(b"service started", child.stdout.readline())
            child.send_signal(sent)
            self.assertEqual(child.wait(60), 130, "nothing more came on stdin")
            self.assertIn(b"interrupted after 1 record\n", child.stderr.read())
            for stream in (child.stdin, child.stdout, child.stderr):
                stream.close()

    def test_a_signal_while_the_format_is_still_unknown_is_no_fault_of_the_input(self):
        child = subprocess.Popen([PROGRAM, "classify", "--llm", "off", "-"], stdin=subprocess.PIPE,
                                 stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment())
        self.wait_until_up(child)
        child.send_signal(signal.SIGTERM)
        self.assertEqual(child.wait(60), 130)
        said = child.stderr.read()
        self.assertIn(b"interrupted after 0 records", said)
        self.assertNotIn(b"error", said)
        for stream in (child.stdin, child.stdout, child.stderr):
            stream.close()

    def test_an_interrupted_run_leaves_the_older_output_as_it_was(self):
        out = self.folder / "out.jsonl"
        out.write_text("old\n")
        child = subprocess.Popen([PROGRAM, "classify", "--llm", "off", "--from", "text", "-", "--out", str(out)],
                                 stdin=subprocess.PIPE, stderr=subprocess.PIPE, env=environment())
        child.stdin.write(b"service started\n" * 5000)
        child.stdin.flush()
        child.send_signal(signal.SIGTERM)
        # Before the handler is installed a signal ends the program as ever: also then nothing may be left.
        self.assertIn(child.wait(60), (130, -signal.SIGTERM))
        self.assertEqual(out.read_text(), "old\n")
        self.assertEqual([p.name for p in self.folder.iterdir()], ["out.jsonl"])
        child.stdin.close()
        child.stderr.close()


class Routes(EndToEnd):
    def test_a_route_names_the_tiers_of_a_source(self):
        self.write("logsieve.yaml", "routes:\n  LegacyCRM: [llm]\n")
        data = self.write("r.csv", 'source,log_message\nLegacyCRM,"10.0.0.1 - - [12/Mar/2025:10:00:00 +0000] ""GET / HTTP/1.1"" 200 12"\n'
                                   'Other,"10.0.0.1 - - [12/Mar/2025:10:00:00 +0000] ""GET / HTTP/1.1"" 200 12"\n')
        legacy, other = rows_of(self.classify(data).stdout)
        self.assertIn(legacy["tier"], {"prototype", "none"})
        self.assertEqual((other["tier"], other["target_label"]), ("rule", "HTTP Status"))

    def test_fast_mode_gives_the_same_labels_and_another_word_is_refused(self):
        labels = {}
        for mode in ("exact", "fast"):
            out = self.classify("--encoder-mode", mode, str(ROOT / "resources/test.csv")).stdout
            labels[mode] = [row["target_label"] for row in rows_of(out)]
        self.assertEqual(labels["fast"], labels["exact"])
        done = self.run_program("classify", "--encoder-mode", "slow", "--from", "text", "-", stdin=b"x\n")
        self.assertEqual(done.returncode, 2)
        self.assertIn(b"exact or fast", done.stderr)

    def test_processes_that_start_together_on_a_fresh_encoder_folder_give_the_same_vectors(self):
        texts = self.write("texts.log", "".join(f"disk {i} failed on node {i * 7}\n" for i in range(20)))
        fresh = self.folder / "encoder"
        shutil.copytree(ENCODER_DIR, fresh, ignore=shutil.ignore_patterns("*.fast.safetensors", "*.stamp"), copy_function=os.symlink)
        for turn in range(2):  # the second finds what the first has kept
            started = [subprocess.Popen([PROGRAM, "embed", "--encoder-dir", str(fresh), "--encoder-mode", "fast", "--threads", "1",
                                         "--out", str(self.folder / f"{turn}{i}.npy"), texts], env=self.environment(),
                                        stderr=subprocess.PIPE) for i in range(4)]
            for process in started:
                self.assertEqual(process.wait(120), 0, process.stderr.read())
                process.stderr.close()
        self.assertEqual(len({(self.folder / f"{turn}{i}.npy").read_bytes() for turn in range(2) for i in range(4)}), 1)
        self.assertTrue((fresh / "model.fast.safetensors").exists())
        self.assertEqual([f.name for f in fresh.iterdir() if f.name.startswith(".") and f.name != ".verified"], [], "nothing half done is left")

    def test_flag_beats_environment_beats_file(self):
        self.write("logsieve.yaml", "model: /from/file\n")
        line = b"x\n"
        done = self.run_program("classify", "--from", "text", "-", stdin=line, LOGSIEVE_MODEL="")
        self.assertIn(b"/from/file", done.stderr)
        done = self.run_program("classify", "--from", "text", "-", stdin=line, LOGSIEVE_MODEL="/from/environment")
        self.assertIn(b"/from/environment", done.stderr)
        done = self.run_program("classify", "--from", "text", "--model", "/from/flag", "-", stdin=line, LOGSIEVE_MODEL="/from/environment")
        self.assertIn(b"/from/flag", done.stderr)
        self.assertEqual(done.returncode, 78)

    def test_without_a_key_one_line_says_so(self):
        done = self.run_program("classify", "--from", "text", "-", stdin=b"service started\n")
        self.assertEqual(done.returncode, 0)
        notes = [line for line in done.stderr.splitlines() if b"LLM" in line]
        self.assertEqual(len(notes), 1, done.stderr)


class Explain(EndToEnd):
    def test_shows_form_rule_probabilities_and_neighbours(self):
        out = self.run_program("explain", "Failed to open /etc/app.conf: permission denied for User881").stdout.decode()
        for word in ("form", "nearest", "verdict", "why", "model"):
            self.assertIn(word, out)
        self.assertNotIn("881", out.split("form", 1)[1].splitlines()[0])

    def test_doctor_finds_nothing_wrong_here(self):
        done = self.run_program("doctor", "--llm", "off")
        self.assertEqual(done.returncode, 0, done.stdout)
        self.assertNotIn(b"WRONG", done.stdout)

    def test_doctor_names_what_is_wrong(self):
        done = self.run_program("doctor", "--llm", "off", "--model", "/nowhere", "--encoder-dir", ENCODER_DIR)
        self.assertEqual(done.returncode, 74)
        self.assertIn(b"WRONG", done.stdout)
        self.assertIn(b"logsieve train", done.stdout)


if __name__ == "__main__":
    assert os.path.exists(MODEL), "train models/default first: ./dev train"
    main()
