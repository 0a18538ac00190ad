# nano-judge.mk: a Janus policy that judges pictures of the nano world: the base, fine-tuned to answer yes or no to whether a
# picture is what a prompt asks for. It errs, as vision-language judges do: `table` measures how often, against the detector.
#
#   make -f pipelines/nano-judge.mk table     -> $(RUN)/judge, for score-reward --expert orm:janus:$(RUN)/judge
#   make -f pipelines/nano-judge.mk table NAME=weak STEPS=300     another, of the same data, that errs more
#
# The base has never looked at a picture: its vision tower has random weights. So it first learns to describe scenes, which
# says far more about a picture than a yes or no; then to judge, without forgetting to describe: pictures that the base draws,
# by the prompt they were drawn for and by another one of the same task, and scenes, by a prompt that is true of them and by one
# that is nearly (another color, count, shape or place): the base seldom draws a relation that is right, and hardly ever two
# colors. Its tokenizer gets " yes" and " no".
# Measured on an Intel Xeon (Sapphire Rapids class), one thread beside other work, 35 minutes: of 4,800 questions 0.819 right of
# those whose picture is what was asked for, 0.771 of the others; with STEPS=300 0.069 and 0.953: it nearly always says no.
include $(dir $(lastword $(MAKEFILE_LIST)))head.mk.inc

RUN ?= run/nano-judge

BASE ?= share/nano/base
SCENES ?= 32000
PROMPTS ?= 6000
IMAGES ?= 4
LOOK_STEPS ?= 1500
STEPS ?= 1500
NAME ?= judge
BATCH ?= 64
LR ?= 2e-3
TEST_PROMPTS ?= 600
# In the place of share/judges/orm.txt, in words that the nano tokenizer has: a third of the tokens.
ASK = share/nano/judge.txt

.PHONY: judge table
judge: $(RUN)/$(NAME).done

$(RUN)/scenes.jsonl:
	mkdir -p $(RUN)
	shapes-world scenes --count $(SCENES) --seed $(SEED)4 --out $(RUN)/scenes --output $@
$(RUN)/annotations.jsonl: $(RUN)/scenes.jsonl
	caption-gen --annotator shapes --seed $(SEED) --out $@ $(RUN)/scenes

define others
group_by(.tag)[] | . as $$all | range(length) | $$all[.] as $$one | $$all[(. + $$images) % ($$all | length)] as $$other |
$$other + {id: ("other-" + $$one.id), image: $$one.image} | del(.reward, .rewards)
endef
# A scene's prompt with one word changed, most often into one that is not true of it; which is told by its number.
define changed
{"left of": "right of", "right of": "left of", "above": "below", "below": "above"} as $$relations |
{two: "three", three: "four", four: "two"} as $$numbers |
{red: "blue", blue: "green", green: "red", yellow: "purple", purple: "orange", orange: "yellow", pink: "brown", brown: "black",
 black: "white", white: "pink"} as $$colors |
({circle: "square", square: "triangle", triangle: "star", star: "heart", heart: "cross", cross: "ring", ring: "diamond", diamond: "circle"} |
  . + with_entries(map_values(. + (if . == "cross" then "es" else "s" end)))) as $$shapes |
def change($$words; $$n): . as $$p | [$$words | to_entries[] | . as $$w | ($$p | match("\\b" + $$w.key + "\\b"; "g") | {at: .offset, $$w})] |
  if . == [] then $$p else sort_by(.at)[$$n % length] as {$$at, $$w} | $$p[:$$at] + $$w.value + $$p[$$at + ($$w.key | length):] end |
  gsub("\\ban (?=[^oi])"; "a ") | gsub("\\ba (?=orange)"; "an ");
. as $$scene | (.id | split("-")[1] | tonumber) as $$n | ($$n % 4) as $$k |
([$$relations, $$numbers, $$colors, $$shapes] | .[$$k:] + .[:$$k]) as $$kinds |
first($$kinds[] as $$words | .prompt | change($$words; $$n / 4 | floor) | select(. != $$scene.prompt)) as $$prompt |
(., .prompt = $$prompt) | del(.objects) | .id = (if .prompt == $$scene.prompt then "scene-" else "changed-" end) + .id
endef
define questions
.prompt as $$prompt | {id, image, question: ($$ask | rtrimstr("\n") | gsub("\\{prompt\\}"; $$prompt)),
  answer: (if .reward == 1 then "yes" else "no" end)}
endef
define accuracy
def share(f): if length == 0 then "-" else (map(select(f)) | length) / length * 1000 | round / 1000 end;
def right: (.reward > 0.5) == (.exact == 1);
(["task", "pictures", "right", "of those that are", "of those that are not"] | @tsv),
((group_by(.tag) | map([.[0].tag, .]))[], ["all", .] |
 [.[0], (.[1] | length), (.[1] | share(right)), (.[1] | map(select(.exact == 1)) | share(right)),
  (.[1] | map(select(.exact == 0)) | share(right))] | @tsv)
endef
export others changed questions accuracy

# Pictures of the base, scored by the detector; then each with the prompt of the next one of its task, scored again.
define drawn
	shapes-world prompts --split $(1) --count $(2) --seed $(SEED)5 | \
	  sample-group --policy $(BASE) --mode direct --group $(IMAGES) --max-prompt 40 --seed $(SEED) --threads $(THREADS) \
	    --out $(RUN)/drawn-$(1) | score-reward --expert shapes > $(RUN)/$(1)-drawn.new
	jq -sc --argjson images $(IMAGES) "$$others" $(RUN)/$(1)-drawn.new | \
	  score-reward --expert shapes > $(RUN)/$(1)-other.jsonl
	mv $(RUN)/$(1)-drawn.new $(RUN)/$(1)-drawn.jsonl
endef
$(RUN)/train-drawn.jsonl:
	mkdir -p $(RUN)
	$(call drawn,train,$(PROMPTS))
$(RUN)/test-drawn.jsonl:
	mkdir -p $(RUN)
	$(call drawn,test,$(TEST_PROMPTS))

# Scenes as the image tokenizer gives them back, as all pictures of the base are.
$(RUN)/scenes-judged.jsonl: $(RUN)/scenes.jsonl
	vq-encode --policy $(BASE) --out $(RUN)/scene-tokens --threads $(THREADS) --input $< | \
	  vq-decode --policy $(BASE) --out $(RUN)/decoded --threads $(THREADS) | jq -c "$$changed" | \
	  score-reward --expert shapes > $@.new
	mv $@.new $@

$(RUN)/descriptions.jsonl: $(RUN)/annotations.jsonl
	jq -c '{id, image, question: "what is here?", answer: .detailed_caption}' $< > $@.new
	mv $@.new $@
$(RUN)/questions.jsonl: $(RUN)/descriptions.jsonl $(RUN)/train-drawn.jsonl $(RUN)/scenes-judged.jsonl
	{ head -n $$(($$(wc -l < $<) / 2)) $<; \
	  jq -c --rawfile ask $(ASK) "$$questions" $(RUN)/train-drawn.jsonl $(RUN)/scenes-judged.jsonl \
	    <(awk 'NR % 2 == 0' $(RUN)/train-other.jsonl); } > $@.new
	mv $@.new $@

LEARN = --batch $(BATCH) --lr $(LR) --system '' --checkpoint-every 100 --seed $(SEED) --threads $(THREADS)
$(RUN)/start.done:
	mkdir -p $(RUN)
	janus-convert --policy $(BASE) --to transformers --add-token ' yes' --add-token ' no' --out $(RUN)/start
	touch $@
$(RUN)/looks.done: $(RUN)/descriptions.jsonl $(RUN)/start.done
	answer-sft --policy $(RUN)/start --out $(RUN)/looks --steps $(LOOK_STEPS) $(LEARN) --input $< --output $(RUN)/looks.jsonl
	touch $@
$(RUN)/$(NAME).done: $(RUN)/questions.jsonl $(RUN)/looks.done
	answer-sft --policy $(RUN)/looks --out $(RUN)/$(NAME) --steps $(STEPS) $(LEARN) --weights-dtype bfloat16 --input $< --output $(RUN)/$(NAME).jsonl
	touch $@

# On prompts held out, and by themselves those of each answer: a judge that always said no would be right about the one.
$(RUN)/$(NAME)-judged.jsonl: $(RUN)/$(NAME).done $(RUN)/test-drawn.jsonl
	cat $(RUN)/test-drawn.jsonl $(RUN)/test-other.jsonl | jq -c '.exact = .reward' | \
	  score-reward --expert orm:janus:$(RUN)/$(NAME) --judge-system '' --judge-prompt orm=$(ASK) --batch 512 --output $@
table: $(RUN)/$(NAME)-judged.jsonl
	@jq -rs "$$accuracy" $< | column -t -s $$'\t'
