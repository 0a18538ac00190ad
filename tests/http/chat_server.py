#!/usr/bin/env python3
"""A chat completions server for tests: it answers by rule, and fails as it is told to.

    chat_server.py --port-file FILE [--log FILE] [--faults P] [--delay S] [--rule RULE] [--key KEY] [--no-schemas]
                   [--always STATUS] [--repeat-key] [--turn-away P] [--close-after N] [--rate R [--retry-after S]]
                   [--never TEXT] [--reasoner]

It listens on 127.0.0.1 at a free port, which it writes into FILE. It answers POST .../chat/completions.

--rule says what the answers are, out of the last text of the question:
    number    "N" of the text "... number N ..."; with logprobs, P(yes) = N / 10007 and P(no) the rest
    echo      the text itself
    file:F    F is Python that defines answer(request) -> a text, or a whole message's dict
--faults P: a share P of calls fails, each in one of the ways of FAULTS, drawn by the question and by how often it was
    asked, so that a rerun fails alike; no question fails more than three times in a row.
--delay S: every good answer takes S seconds.
--key KEY: calls without it get 401. What a fault says repeats it, as servers do, with characters escaped that JSON may
    have escaped. --repeat-key: good answers repeat it too, in their text, in a token and in a name.
--turn-away P: a share P of questions always gets 403, as of pictures that a server will not look at.
--close-after N: after N calls all get 403.
--rate R: at most R calls a second, R at once; the others get 429, with --retry-after S seconds to wait, or without.
--never TEXT: questions with TEXT in them always get 429, as those do that are more than a limit lets through.
--reasoner: it takes neither max_tokens nor a temperature, as OpenAI's models that reason.
--log FILE: on SIGTERM, a JSON object: calls, the faults, how many questions were answered once and more often, the most
    calls at work at once, connections.
"""

import argparse
import asyncio
import gzip
import hashlib
import json
import math
import os
import re
import signal
import time

FAULTS = ("429", "429-after", "429-date", "500", "503", "reset", "drip", "short", "no-json", "wrong-schema",
          "no-choices", "html", "wrong-type", "null-content")

SCHEMA_REFUSALS = {
    "named": (400, json.dumps({"error": {"message": "response_format is not supported"}})),
    "unnamed": (400, json.dumps({"error": {"message": "structured output is not supported by this model"}})),
    "invalid": (422, json.dumps({"detail": [{"loc": ["body", "response_format"], "msg": "extra fields not permitted"}]})),
    "fails": (500, json.dumps({"error": {"message": "internal error"}})),
}

REASONER_REFUSALS = {
    "max_tokens": "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
    "temperature": "Unsupported value: 'temperature' does not support 0 with this model. Only the default (1) value is supported.",
}


class Server:
    def __init__(self, options):
        self.options = options
        self.calls = 0
        self.faults = {}
        self.asked = {}
        self.failed = {}
        self.answered = {}
        self.at_work = self.most_at_work = self.connections = 0
        self.rule = self.load_rule(options.rule)
        self.tokens, self.filled_at, self.limited = options.rate, time.monotonic(), 0

    @staticmethod
    def load_rule(rule):
        if rule.startswith("file:"):
            names = {}
            exec(open(rule[5:], encoding="utf-8").read(), names)
            return names["answer"]
        return {"number": number, "echo": lambda request: last_text(request)}[rule]

    def too_many(self):
        now = time.monotonic()
        self.tokens = min(self.options.rate, self.tokens + (now - self.filled_at) * self.options.rate)
        self.filled_at = now
        if self.tokens < 1:
            self.limited += 1
            return True
        self.tokens -= 1
        return False

    def fault_of(self, question):
        times = self.asked[question] = self.asked.get(question, 0) + 1
        if self.failed.get(question, 0) >= 3:
            return None
        digest = hashlib.sha256(f"{question}|{times}".encode()).digest()
        if int.from_bytes(digest[:4], "big") / 2**32 >= self.options.faults:
            return None
        return FAULTS[digest[4] % len(FAULTS)]

    async def serve(self, reader, writer):
        self.connections += 1
        try:
            while await self.one(reader, writer):
                pass
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    async def one(self, reader, writer):
        head = await reader.readuntil(b"\r\n\r\n")
        fields = {}
        for line in head.decode("latin-1").split("\r\n")[1:]:
            name, _, value = line.partition(":")
            fields[name.strip().lower()] = value.strip()
        body = await reader.readexactly(int(fields.get("content-length", 0)))
        self.calls += 1
        self.at_work += 1
        self.most_at_work = max(self.most_at_work, self.at_work)
        try:
            return await self.answer(head.split(b" ", 2)[1].decode(), fields, body, writer)
        finally:
            self.at_work -= 1

    async def answer(self, path, fields, body, writer):
        def send(status, text, kind="application/json", more=()):
            data = text.encode() if isinstance(text, str) else text
            lines = [f"HTTP/1.1 {status} x", f"Content-Type: {kind}", f"Content-Length: {len(data)}", *more]
            writer.write("\r\n".join(lines).encode() + b"\r\n\r\n" + data)

        if not path.endswith("/chat/completions"):
            send(404, json.dumps({"error": {"message": f"nothing at {path}"}}))
            return True
        key = self.options.key
        if key and fields.get("authorization") != f"Bearer {key}":
            send(401, '{"error": {"message": "incorrect key: %s"}}' % escaped(fields.get("authorization", "")))
            return True
        if self.options.always:
            send(self.options.always, "<html><body>Not here</body></html>", "text/html")
            return True
        if self.options.rate and self.too_many():
            wait = self.options.retry_after
            send(429, '{"error": {"message": "too many calls"}}', more=(f"Retry-After: {wait}",) if wait else ())
            return True
        request = json.loads(body)
        if self.options.never and self.options.never in last_text(request):
            send(429, '{"error": {"message": "request too large"}}')
            return True
        asked = int.from_bytes(hashlib.sha256(b"turn away " + body).digest()[:4], "big") / 2**32
        if asked < self.options.turn_away or 0 < self.options.close_after < self.calls:
            send(403, '{"error": {"message": "not allowed"}}')
            return True
        if self.options.reasoner and (refused := [f for f in REASONER_REFUSALS if f in request]):
            send(400, json.dumps({"error": {"message": REASONER_REFUSALS[refused[0]], "param": refused[0]}}))
            return True
        if self.options.no_schemas and "response_format" in request:
            send(*SCHEMA_REFUSALS[self.options.no_schemas])
            return True
        question = hashlib.sha256(body).hexdigest()
        fault = self.fault_of(question)
        if fault is None:
            self.failed[question] = 0
            if self.options.delay:
                await asyncio.sleep(self.options.delay)
            self.answered[question] = self.answered.get(question, 0) + 1
            text = completion(self.rule(request))
            if self.options.repeat_key:
                text = repeating(text, key)
            if "gzip" in fields.get("accept-encoding", ""):
                send(200, gzip.compress(text.encode(), 1), more=("Content-Encoding: gzip",))
            else:
                send(200, text)
            await writer.drain()
            return True
        self.failed[question] = self.failed.get(question, 0) + 1
        self.faults[fault] = self.faults.get(fault, 0) + 1
        said = '{"error": {"message": "no luck with %s", "type": "%s"}}' % (escaped(key or "you"), fault)
        if fault == "429":
            send(429, said)
        elif fault == "429-after":
            send(429, said, more=("Retry-After: 1",))
        elif fault == "429-date":
            send(429, said, more=("Retry-After: Wed, 21 Oct 2015 07:28:00 GMT",))
        elif fault in ("500", "503"):
            send(int(fault), said)
        elif fault == "reset":
            writer.transport.abort()
            return False
        elif fault == "drip":  # slower than any time-out; the client hangs up
            writer.write(b"HTTP/1.1 200 x\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n")
            for _ in range(1000):
                writer.write(b" ")
                await writer.drain()
                await asyncio.sleep(0.2)
                if writer.transport.is_closing():
                    return False
            return False
        elif fault == "short":
            writer.write(b"HTTP/1.1 200 x\r\nContent-Type: application/json\r\nContent-Length: 900\r\n\r\n{\"choices\": [")
            await writer.drain()
            return False
        elif fault == "no-json":
            send(200, '{"choices": [{"message": {"content": "7"}')
        elif fault == "wrong-schema":
            send(200, json.dumps({"choices": {"message": {"content": "7"}}}))
        elif fault == "no-choices":
            send(200, json.dumps({"choices": []}))
        elif fault == "html":
            send(502, "<html><body>Bad gateway</body></html>", "text/html")
        elif fault == "wrong-type":
            send(200, "<html><body>Sign in</body></html>", "text/html")
        elif fault == "null-content":
            send(200, json.dumps({"choices": [{"message": {"role": "assistant", "content": None}}]}))
        await writer.drain()
        return True

    def log(self):
        return {"calls": self.calls, "faults": self.faults, "failed": sum(self.faults.values()), "questions": len(self.asked),
                "answered_once": sum(n == 1 for n in self.answered.values()),
                "answered_more": sum(n > 1 for n in self.answered.values()),
                "limited": self.limited, "most_at_work": self.most_at_work, "connections": self.connections}


def last_text(request):
    content = request["messages"][-1]["content"]
    return content if isinstance(content, str) else "".join(p.get("text", "") for p in content)


def number(request):
    n = int(re.search(r"number (\d+)", last_text(request)).group(1))
    message = {"content": str(n)}
    if request.get("logprobs"):
        yes = (n + 0.5) / 10007
        top = [{"token": "Yes", "logprob": math.log(yes) - 1}, {"token": " no", "logprob": math.log(1 - yes) - 1},
               {"token": "maybe", "logprob": -1.0}]
        message["logprobs"] = {"content": [{"token": "maybe", "logprob": -1.0, "top_logprobs": top}]}
    return message


def completion(answer):
    message = {"content": answer} if isinstance(answer, str) else answer
    choice = {"index": 0, "finish_reason": message.pop("finish_reason", "stop"), "logprobs": message.pop("logprobs", None),
              "message": {"role": "assistant", **message}}
    return json.dumps({"id": "x", "object": "chat.completion", "choices": [choice],
                       "usage": {"prompt_tokens": 100, "completion_tokens": 5}})


def escaped(text):
    """What stands for the text in a string of JSON: one of several spellings, and not the usual one."""
    return json.dumps(text)[1:-1].replace("/", "\\/").replace("+", "\\u002B").replace("s", "\\u0073")


def repeating(answer, key):
    answer = json.loads(answer)
    choice = answer["choices"][0]
    choice["message"]["content"] += " KEY"
    if choice["logprobs"]:
        choice["logprobs"]["content"][0]["top_logprobs"].append({"token": "KEY", "logprob": -9})
    answer["KEY"] = 1
    return json.dumps(answer).replace("KEY", escaped(key))


async def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--port-file", required=True)
    parser.add_argument("--log")
    parser.add_argument("--faults", type=float, default=0)
    parser.add_argument("--delay", type=float, default=0)
    parser.add_argument("--rule", default="number")
    parser.add_argument("--key", default="")
    parser.add_argument("--turn-away", type=float, default=0)
    parser.add_argument("--close-after", type=int, default=0)
    parser.add_argument("--rate", type=float, default=0)
    parser.add_argument("--retry-after", type=int, default=0)
    parser.add_argument("--never", default="")
    parser.add_argument("--reasoner", action="store_true")
    parser.add_argument("--repeat-key", action="store_true")
    parser.add_argument("--no-schemas", choices=SCHEMA_REFUSALS, help="refuse response_format, as servers do that have none")
    parser.add_argument("--always", type=int, help="a page of HTML with this status, whatever is asked")
    options = parser.parse_args()
    server = Server(options)
    listening = await asyncio.start_server(server.serve, "127.0.0.1", 0, backlog=1024)
    done = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, done.set)
    with open(options.port_file + ".new", "w", encoding="utf-8") as f:
        f.write(str(listening.sockets[0].getsockname()[1]))
    os.replace(options.port_file + ".new", options.port_file)
    await done.wait()
    if options.log:
        with open(options.log, "w", encoding="utf-8") as f:
            json.dump(server.log(), f)
    os._exit(0)  # connections that are still open are not waited for


if __name__ == "__main__":
    asyncio.run(main())
