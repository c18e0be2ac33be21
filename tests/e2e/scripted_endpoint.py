"""An OpenAI-compatible endpoint on 127.0.0.1 that a test scripts, well-behaved or not: real sockets, one thread a
connection, every request kept with its time. What it does with a request is a function that gets the request and its
number, and sends bytes or does not."""
import json
import socket
import struct
import threading
import time
from dataclasses import dataclass


@dataclass
class Request:
    number: int  # from 0
    arrived: float  # time.monotonic()
    headers: dict[str, str]
    body: bytes

    def lines(self) -> list[dict]:
        """The forms that it asks about: id and form."""
        text = json.loads(self.body)["messages"][-1]["content"]
        return [json.loads(line) for line in text[text.index("<<<LOG "):].split("\n")[1:] if line.startswith('{"id"')]


class Connection:
    def __init__(self, endpoint: "ScriptedEndpoint", peer: socket.socket):
        self.endpoint = endpoint
        self.peer = peer
        self.sent = 0

    def send(self, data: bytes) -> None:
        self.peer.sendall(data)
        self.sent += len(data)

    def reply(self, body: bytes | str, status: int = 200, content_type: str = "application/json; charset=utf-8", promised: int = 0,
              **headers: str) -> None:
        """`promised` more bytes than there are stand in Content-Length. Underscores in header names are hyphens."""
        raw = body.encode() if isinstance(body, str) else body
        head = f"HTTP/1.1 {status} Scripted\r\nContent-Type: {content_type}\r\nContent-Length: {len(raw) + promised}\r\n"
        for name, value in headers.items():
            head += f"{name.replace('_', '-')}: {value}\r\n"
        self.send(head.encode() + b"\r\n" + raw)

    def error(self, status: int, message: str, code: str = "", **headers: str) -> None:
        self.reply(json.dumps({"error": {"message": message, "type": "scripted", "code": code}}), status, **headers)

    def content(self, content: str | None, finish_reason: str = "stop", **message: str) -> None:
        self.reply(completion(content, finish_reason, **message))

    def answers(self, answers: list[tuple[str, str]]) -> None:
        self.content(json.dumps({"answers": [{"id": id_, "label": label} for id_, label in answers]}))

    def reset(self) -> None:
        self.peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.end()

    def end(self) -> None:
        raise ConnectionAbortedError

    def wait(self, seconds: float) -> None:
        if self.endpoint.stopping.wait(seconds):
            self.end()


def completion(content: str | None, finish_reason: str = "stop", **message: str) -> str:
    return json.dumps({"choices": [{"index": 0, "message": {"role": "assistant", "content": content} | message, "finish_reason": finish_reason}],
                       "usage": {"prompt_tokens": 300, "completion_tokens": 10, "total_tokens": 310}})


class ScriptedEndpoint:
    def __init__(self, behave):
        """`behave(connection, request)` is called for each request, by the thread of its connection."""
        self.behave = behave
        self.requests: list[Request] = []
        self.stopping = threading.Event()
        self.lock = threading.Lock()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}/v1"
        self.bytes_sent = 0
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self.stopping.set()
        self.listener.close()

    def _accept(self) -> None:
        while True:
            try:
                peer, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(Connection(self, peer),), daemon=True).start()

    def _serve(self, connection: Connection) -> None:
        with connection.peer, connection.peer.makefile("rb") as stream:
            try:
                while (request := self._read(stream)) is not None:
                    self.behave(connection, request)
            except OSError:  # the client has gone, or the script ends the connection
                pass
        with self.lock:
            self.bytes_sent += connection.sent

    def _read(self, stream) -> Request | None:
        if not stream.readline():
            return None
        headers = {}
        while (line := stream.readline().strip()):
            name, _, value = line.decode("latin-1").partition(":")
            headers[name.lower()] = value.strip()
        body = stream.read(int(headers.get("content-length", 0)))
        with self.lock:
            self.requests.append(Request(len(self.requests), time.monotonic(), headers, body))
            return self.requests[-1]
