#!/usr/bin/env bash
# score-reward against a real server on this machine that fails in every way a server fails: nothing is lost, doubled or
# scored by a failure, a rerun costs nothing, and the key shows up nowhere.
source "$(dirname "$0")/common.sh.inc"
servers=$source_folder/tests/http
# JSON may have every character of it escaped but those in the middle.
middle=xyzzy
export EASEL_TEST_KEY="sk/\"$middle\"+4711"
seconds() { date +%s.%N; }

# 10,000 rollouts of one picture; number N is judged (N + 0.5) / 10007.
count=${EASEL_JUDGED:-10000}
shapes-world scenes --count 1 --seed 1 --out scenes --quiet > /dev/null
cp scenes/*.png p.png
rollouts() {  # COUNT
  jq -nc --argjson n "$1" 'range($n) | {id: "r\(.)", group_id: "g\(. / 8 | floor)", group_size: 8, index: (. % 8),
    prompt: "number \(.) of many", cot: "", image: "p.png", finish: "stop"}'
}
right='. as $r | ($r.id[1:] | tonumber) as $n | ($r.reward - ($n + 0.5) / 10007 | fabs) < 1e-9'
judge() { score-reward --expert orm --endpoint "$url" --judge-model m --key-env EASEL_TEST_KEY "$@"; }

# No faults: 256 at once on one thread, and what the answers take is what the run takes.
serve calm --delay 0.1 --key "$EASEL_TEST_KEY"
rollouts "$count" > all.jsonl
start=$(seconds)
judge --concurrency 256 --cache kept < all.jsonl > scored.jsonl 2> calm.txt &
running=$!
until [[ -s scored.jsonl ]] || ! kill -0 $running 2> /dev/null; do sleep 0.1; done
# What others on this machine can read of it: its arguments. (Its environment only its owner can.)
tr '\0' ' ' < "/proc/$(pgrep -P $running -x score-reward)/cmdline" > arguments.txt
grep -q -- "--key-env EASEL_TEST_KEY" arguments.txt || fail "not its arguments: $(< arguments.txt)"
wait $running
took=$(jq -n "$(seconds) - $start")
stop
equal "calm: all are scored, in order" "$(jq -c .id scored.jsonl | cmp - <(jq -c .id all.jsonl) && jq -s "map($right) | all" scored.jsonl)" true
equal "calm: one call a question" "$(jq -c '[.calls, .answered_once]' calm.log)" "[$count,$count]"
equal "calm: 256 at once" "$(jq '.most_at_work >= 200 and .most_at_work <= 256 and .connections <= 256' calm.log)" true
echo "calm: $took s where the delays alone take $(jq -n "($count / 256 | ceil) * 0.1") s"

# From the cache: nobody is asked.
url=http://127.0.0.1:9/v1
judge --cache kept < all.jsonl > again.jsonl 2> again.txt
same "from the cache" scored.jsonl again.jsonl
grep -q "score-reward: 0 calls, $count answers from the cache" again.txt || fail "no word of the cache: $(cat again.txt)"

# A fifth of the calls fail.
serve wild --faults 0.2 --key "$EASEL_TEST_KEY"
/usr/bin/time -f '%M' -o wild.memory score-reward --expert orm --endpoint "$url" --judge-model m --key-env EASEL_TEST_KEY \
  --concurrency 256 --timeout 3 --batch 10000 < all.jsonl > wild.jsonl 2> wild.txt
stop
same "wild: as without faults" scored.jsonl wild.jsonl
equal "wild: every question was answered once" "$(jq -c '[.questions, .answered_once, .answered_more]' wild.log)" "[$count,$count,0]"
equal "wild: every kind of fault" "$(jq '.faults | length' wild.log)" 14
equal "wild: calls are questions and faults" "$(jq '.calls == .questions + .failed' wild.log)" true
equal "wild: memory is bounded" "$(($(< wild.memory) < 200000))" 1
echo "wild: $(jq -c '{calls, failed}' wild.log), $(< wild.memory) KiB"

# Two servers that fail and one that is not there share the work.
serve one --faults 0.2 --key "$EASEL_TEST_KEY"
first=$server first_url=$url
serve two --faults 0.2 --key "$EASEL_TEST_KEY"
judge --batch 10000 --endpoint "$first_url" --endpoint http://127.0.0.1:9/v1 --concurrency 64 --timeout 3 < all.jsonl > shared.jsonl 2> shared.txt
stop
server=$first
stop
same "shared: as without faults" scored.jsonl shared.jsonl
equal "shared: every question was answered once" "$(jq -sc '[(map(.answered_once) | add), (map(.answered_more) | add)]' one.log two.log)" "[$count,0]"
equal "shared: both had their part" "$(jq -s "map(.answered_once > $count / 5) | all" one.log two.log)" true

# A server that never answers: unscored, not zero; and a run that gets nothing at all ends with one line.
serve dead --faults 1 --key "$EASEL_TEST_KEY"
rollouts 3 | judge --retries 1 --concurrency 2 > dead.jsonl 2> dead.txt
stop
equal "dead: unscored, not zero" "$(jq -s 'map(.reward == null) | all' dead.jsonl)" true
rollouts 40 > some.jsonl
url=http://127.0.0.1:9/v1
if judge --retries 0 < some.jsonl > none.jsonl 2> none.txt; then fail "a run without answers went well"; fi
equal "no server: nothing comes out" "$(wc -c < none.jsonl)" 0
grep -qE 'http://127.0.0.1:9/v1/chat/completions: [0-9]+ questions in a row were not answered' none.txt || fail "no reason: $(cat none.txt)"

# A wrong key is said at once.
serve keyed --key other-key-4712
if judge < some.jsonl > none.jsonl 2> wrong.txt; then fail "a wrong key went well"; fi
grep -qF 'status 401: "incorrect key: Bearer [key]"' wrong.txt || fail "no reason, or a key in it: $(cat wrong.txt)"
stop

# A server that repeats the key in its answers.
serve telling --key "$EASEL_TEST_KEY" --repeat-key
judge --cache told < some.jsonl > told.jsonl 2> told.txt
stop
equal "telling: all are scored" "$(jq -s "map($right) | all" told.jsonl)" true
equal "telling: what was said" "$(jq -rs 'map(.judge.orm)[:2] | join(",")' told.jsonl)" "0 [key],1 [key]"
told_token='[has("[key]"), .choices[0].logprobs.content[0].top_logprobs[3].token]'
equal "telling: what was kept" "$(find told -name '*.json' -exec jq -c "$told_token" {} + | sort -u)" '[true,"[key]"]'
judge --cache told < some.jsonl > told.again.jsonl 2> told.again.txt
same "telling: from the cache" told.jsonl told.again.jsonl

# The key goes to this machine unencrypted, so not by way of the proxy that the environment names.
serve near --key "$EASEL_TEST_KEY"
env -u no_proxy -u NO_PROXY http_proxy=http://127.0.0.1:9 all_proxy=http://127.0.0.1:9 \
  score-reward --expert orm --endpoint "$url" --judge-model m --key-env EASEL_TEST_KEY --retries 0 --quiet < some.jsonl > near.jsonl
stop
equal "near: no proxy" "$(jq -s "map($right) | all" near.jsonl)" true

# A server without schemas is asked without.
for way in named unnamed invalid fails; do
  serve plain --no-schemas $way --rule "file:$servers/grades.py"
  jq -c '.cot = "<|obj_start|>a star<|obj_end|> <|box_start|>(10,10),(500,500)<|box_end|>"' some.jsonl |
    score-reward --expert got-sem --expert got-spa --expert got-pi --endpoint "$url" --judge-model m --concurrency 64 --quiet > graded.jsonl
  stop
  equal "plain, $way: graded" "$(jq -sc 'map(.rewards) | unique' graded.jsonl)" '[{"got-sem":0.4,"got-spa":0.8,"got-pi":0.6}]'
done

# A model that takes no temperature is asked without, and that is said.
serve reasoner --reasoner --rule "file:$servers/grades.py"
jq -c '.sampling.mode = "direct"' some.jsonl |
  score-reward --expert got-pi --endpoint "$url" --judge-model m --concurrency 1 > reasoned.jsonl 2> reasoned.txt
stop
equal "reasoner: graded" "$(jq -sc 'map(.rewards) | unique' reasoned.jsonl)" '[{"got-pi":0.6}]'
equal "reasoner: asked in vain" "$(($(jq .calls reasoner.log) - $(wc -l < some.jsonl)))" 2
equal "reasoner: it is said once" "$(grep -c 'no temperature' reasoned.txt)" 1

# One that never answers beside one that does: whatever it says, nothing is lost, and little is asked in vain.
for status in 503 429 200 404; do
  serve broken --always $status
  broken=$server broken_url=$url
  serve whole --delay 0.02
  rollouts 400 | judge --endpoint "$broken_url" --concurrency 16 --retries 2 > beside.jsonl 2> beside.txt
  stop
  server=$broken
  stop
  equal "beside $status: all are scored" "$(jq -s "map($right) | all" beside.jsonl)" true
  equal "beside $status: asked in vain" "$(jq '.calls < 40' broken.log)" true
done
equal "beside 404: it is said once" "$(grep -c 'status 404.*not asked again' beside.txt)" 1

# One that will not look at some pictures answers for the others; one that takes no more calls is left to another.
serve picky --turn-away 0.1
rollouts 400 | judge --concurrency 16 > picky.jsonl 2> picky.txt
stop
equal "picky: the others are scored" "$(jq -s "map(select(.reward != null) | $right) | all and length > 320 and length < 400" picky.jsonl)" true
equal "picky: nobody is asked twice" "$(jq .calls picky.log)" 400
serve closing --close-after 100
closing=$server closing_url=$url
serve open --delay 0.02
rollouts 400 | judge --endpoint "$closing_url" --concurrency 16 > closed.jsonl 2> closed.txt
stop
server=$closing
stop
equal "closed: all are scored" "$(jq -s "map($right) | all" closed.jsonl)" true
equal "closed: it is said once" "$(grep -c 'status 403.*not asked again' closed.txt)" 1
equal "closed: asked in vain" "$(jq '.calls < 160' closing.log)" true

# A server that takes so many calls a second: all are scored, in about the time that takes, and few calls are in vain.
limited() {  # NAME QUESTIONS CONCURRENCY, options of the server
  serve "$1" "${@:4}"
  local begin=$SECONDS
  rollouts "$2" | judge --concurrency "$3" > "$1.jsonl" 2> "$1.txt"
  stop
  equal "$1: all are scored" "$(jq -s "length == $2 and (map($right) | all)" "$1.jsonl")" true
  equal "$1: calls in vain" "$(jq ".limited < 2 * $2" "$1.log")" true
  local took=$((SECONDS - begin)) rate=$5
  equal "$1: in time" "$((took <= 4 * $2 / rate + 10))" 1
  echo "$1: $took s, $(jq -c '{calls, limited}' "$1.log")"
}
limited slow 60 16 --rate 8 --retry-after 1
limited narrow 200 64 --rate 20 --retry-after 1
limited unsaid 60 16 --rate 8
# Beside one that is not there, which gets none of the questions while the other wants time.
serve aside --rate 12 --retry-after 5
rollouts 30 | judge --retries 3 --endpoint http://127.0.0.1:9/v1 > aside.jsonl 2> aside.txt
stop
equal "aside: all are scored" "$(jq -s "length == 30 and (map($right) | all)" aside.jsonl)" true
# One question that is more than the limit lets through is left, and no other with it; why nothing is asked meanwhile is said.
serve large --never "number 3 of"
rollouts 40 | judge --retries 3 > large.jsonl 2> large.txt
stop
equal "large: the others are scored" "$(jq -sc 'map(select(.reward == null) | .id)' large.jsonl)" '["r3"]'
grep -qE 'asking nothing for [0-9]+ s; .*too large' large.txt || fail "large: no word of the wait: $(cat large.txt)"
checks=$((checks + 1))

# A judge that can score nothing, of a server without log-probs, ends the run; what it cost is said.
serve wordy --rule echo
if judge < some.jsonl > none.jsonl 2> wordy.txt; then fail "a run without a score went well"; fi
stop
grep -qE 'none of 16 questions had an answer of use; the last: the answer has no logprobs' wordy.txt || fail "no reason: $(cat wordy.txt)"
grep -qE '^score-reward: [0-9]+ calls, .* 16 questions unanswered, [0-9]+ \+ [0-9]+ tokens' wordy.txt || fail "no costs: $(cat wordy.txt)"
equal "wordy: nothing comes out" "$(wc -c < none.jsonl)" 0

# The key: in no output, no log, no cache, no message.
if grep -rlF -e "$EASEL_TEST_KEY" -e "$middle" .; then fail "a key shows up"; fi
checks=$((checks + 1))
if judge --endpoint http://judge.example/v1 < some.jsonl > none.jsonl 2> unsafe.txt; then fail "the key went out in plain text"; fi
grep -q 'the key would go over the network in plain text' unsafe.txt || fail "no reason: $(cat unsafe.txt)"
done_with judges
