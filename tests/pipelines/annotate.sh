#!/usr/bin/env bash
# caption-gen against a server on this machine: annotations of pictures in folders and tar archives, killed at 20 moments
# and gone on with, to the same file as an undisturbed run, and no question asked again whose answer was stored.
source "$(dirname "$0")/common.sh.inc"
servers=$source_folder/tests/http
rule=(--rule "file:$servers/captions.py")
asked=(--annotator endpoint --model m --styles paraphrases,tags,step_by_step --concurrency 4)
annotate() { caption-gen "${asked[@]}" --endpoint "$url" "$@"; }

shapes-world scenes --count 240 --seed 3 --out scenes --quiet > /dev/null
mkdir loose && ls scenes/*.png | sed -n 1,80p | xargs -I{} mv {} loose/
ls scenes/*.png | sed -n 1,80p | sort -r > first.txt
tar -cf first.tar -C scenes $(sed 's|scenes/||' first.txt) && xargs rm < first.txt
tar -czf second.tar.gz -C scenes $(cd scenes && ls *.png) && rm -r scenes

serve calm "${rule[@]}"
annotate --got --draw-boxes boxes --out whole.jsonl loose first.tar second.tar.gz --quiet
stop
equal "calm: all, in order" "$(jq -r .id whole.jsonl | sed -n 81p)" "first/$(sed -n 1p first.txt | sed 's|scenes/||; s|.png||')"
equal "calm: records" "$(wc -l < whole.jsonl)" 240
# A few scenes are drawn alike, and what was answered is not asked again.
alike=$((240 - $(jq -r .brief_caption whole.jsonl | sort -u | wc -l)))
equal "calm: two questions a picture" "$(jq ".calls <= 480 and .calls >= 480 - 2 * $alike and $alike < 10" calm.log)" true
equal "calm: fields" "$(jq -sc 'map(keys - ["id"]) | unique' whole.jsonl)" \
  '[["annotator","augmented_cots","augmented_prompts","brief_caption","detailed_caption","got","image"]]'
equal "calm: boxes are drawn" "$(ls boxes/*.png | wc -l)" 240
equal "calm: and it is said how" "$(jq -c '[.program, .counts.pictures]' boxes/manifest.json)" '["caption-gen",240]'
validate-jsonl --schema annotation < whole.jsonl > /dev/null
checks=$((checks + 1))
# The server has gone: nobody is asked when all is done, but boxes that were not drawn are.
annotate --got --resume --draw-boxes late --out whole.jsonl loose first.tar second.tar.gz --quiet
equal "drawn later: boxes" "$(ls late/*.png | wc -l), $(jq .counts.pictures late/manifest.json)" "240, 240"
same "drawn later: a picture" "boxes/$(ls boxes | grep png | head -n 1)" "late/$(ls late | grep png | head -n 1)"

# As models answer: with brackets and a draft before the captions, which are a list of one, and a plan that is cut the
# first time and then comes in a fence. The records are those of plain answers.
cat > habits.py <<END
exec(open("$servers/captions.py").read())
plain, times = answer, {}
def answer(request):
    text, question = plain(request), json.dumps(request["messages"][-1]["content"])
    times[question] = times.get(question, 0) + 1
    if not text.startswith("A plan"):
        draft = '{"brief_caption": "a thing"}'
        return f"The fields [1] and [2], not {draft}:\\n[" + text.split("\\n", 1)[1] + "]"
    if times[question] == 1:
        return {"content": text.rsplit(" on grey", 1)[0], "finish_reason": "length"}
    return "\`\`\`text\\n" + text + "\\n\`\`\`"
END
ls loose/*.png | sed -n 1,10p > few.txt
head -n 10 whole.jsonl > few.jsonl
serve habits --rule file:habits.py
annotate --got --out habits.jsonl - --quiet < few.txt
stop
same "habits" few.jsonl habits.jsonl

# What is no plan is asked for three times, and then said.
no_plan() {  # NAME PYTHON REASON: the answer that is no plan
  printf '%s\n' "exec(open('$servers/captions.py').read())" "plain = answer" "def answer(request):" \
    "    text = plain(request)" "    return $2 if text.startswith('A plan') else text" > "$1.py"
  serve "$1" --rule "file:$1.py"
  if sed -n 1p few.txt | annotate --got --out "$1.jsonl" - 2> "$1.txt"; then fail "$1: a record"; fi
  stop
  grep -qF "$3" "$1.txt" || fail "$1: $(cat "$1.txt")"
  equal "$1: asked" "$(jq .calls "$1.log")" 4
}
# A model that will not answer has answered: asked three times, and what that cost is counted.
echo 'answer = lambda request: {"content": None, "refusal": "I cannot look at it."}' > unwilling.py
serve unwilling --rule file:unwilling.py
if sed -n 1p few.txt | annotate --out unwilling.jsonl - 2> unwilling.txt; then fail "unwilling: a record"; fi
stop
grep -qF 'the model refuses: "I cannot look at it."' unwilling.txt || fail "unwilling: $(cat unwilling.txt)"
grep -qF '3 calls, 2 of them again, 1 question unanswered, 300 + 15 tokens' unwilling.txt || fail "unwilling: $(cat unwilling.txt)"
checks=$((checks + 2))
no_plan boxless '"There is a thing, and no place for it."' 'it plans no object'
no_plan cut '{"content": text, "finish_reason": "length"}' 'the plan is not whole (it was cut at max_tokens)'

# A list's records keep their fields, in a killed run and one that goes on with it as well.
jq -c '{image, id: ("own-" + .id), source: "here", brief_caption: "old"}' few.jsonl > list.jsonl
serve listed "${rule[@]}" --delay 0.4  # 2 s in all, of which the kill takes 1
annotate --got --out listed.jsonl - --quiet < list.jsonl
equal "listed: fields" "$(jq -sc 'map(keys_unsorted) | unique' listed.jsonl)" \
  '[["image","id","source","brief_caption","detailed_caption","augmented_prompts","augmented_cots","got","annotator"]]'
equal "listed: captions" "$(jq -c '[.brief_caption, .got]' listed.jsonl)" "$(jq -c '[.brief_caption, .got]' few.jsonl)"
caption-gen "${asked[@]}" --endpoint "$url" --got --out stopped.jsonl - --quiet < list.jsonl & pid=$!
sleep 1
kill -KILL "$pid" || fail "the run was over before it was killed"
wait "$pid" 2> /dev/null || true  # its status is that of a killed process
kept=$(find stopped.jsonl.answers -type f | wc -l)
if annotate --got --out stopped.jsonl - --quiet < list.jsonl 2> stopped.txt; then fail "a stopped run was begun anew"; fi
grep -q -- "--resume" stopped.txt || fail "no way out: $(cat stopped.txt)"
equal "listed: answers are still kept" "$(find stopped.jsonl.answers -type f | wc -l)" "$kept"
annotate --got --resume --out stopped.jsonl - --quiet < list.jsonl
stop
same "listed, killed" listed.jsonl stopped.jsonl

# Killed at 20 moments; what was written stays, and what was answered and kept is not asked again.
serve killed "${rule[@]}" --delay 0.1  # 12 s in all, of which kills take 4
run=(caption-gen "${asked[@]}" --endpoint "$url" --got --resume --out killed.jsonl loose first.tar second.tar.gz --quiet)
for ((kills = 0; kills < 20; ++kills)); do
  "${run[@]}" & pid=$!
  sleep "0.$((RANDOM % 3))$((RANDOM % 9 + 1))"
  kill -KILL "$pid" || fail "the run was over before it was killed"
  wait "$pid" 2> /dev/null || true  # its status is that of a killed process
done
"${run[@]}"
stop
same "killed 20 times" whole.jsonl killed.jsonl
equal "nothing is left beside it" "$(echo killed.jsonl*)" killed.jsonl
# Of four calls at work the server may have answered some that the killed run had not kept yet.
equal "asked again" "$(jq '.answered_more <= 4 * 20' killed.log)" true
echo "asked again after 20 kills: $(jq .answered_more killed.log) of 480"

# The policy reads pictures out of archives too.
janus-init --preset nano --seed 1 --out policy --quiet
vq-encode --policy policy --out tokens --quiet < whole.jsonl > encoded.jsonl
equal "encoded out of archives" "$(wc -l < encoded.jsonl)" 240

# A model that gives no plan: a bad record each, and the rest goes on where that is allowed.
serve plain --rule echo
if annotate --out none.jsonl loose 2> error.txt; then fail "no annotation, and no error"; fi
grep -q 'loose/.*.png: the answer' error.txt || fail "no reason: $(cat error.txt)"
stop
done_with annotate
