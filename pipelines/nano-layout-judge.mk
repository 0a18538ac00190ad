# nano-layout-judge.mk: Janus policies that grade planned layouts of the nano world from 0 to 10, as GoT-R1's R_spa does: one
# that looks at the layout drawn, and one that reads its coordinates (the paper's ablation). Both are the judge of nano-judge.mk,
# fine-tuned on the same plans with the exact grades, for the same number of steps. The one that looks says what it sees before
# it grades, as ReasonGen-R1's judge does: without that it learned from the same grades next to nothing.
# Measured, one thread each beside other work (Sapphire Rapids class), on 2,390 held-out plans, mean error and correlation with the
# exact grade: the one that looks 0.052 and 0.952 (0.43 and 0.10 without saying what it sees), the one that reads 0.028 and 0.982;
# 18 and 15 minutes.
#
#   make -f pipelines/nano-layout-judge.mk table PLANS=DIR [JUDGES=DIR]
#   PLANS: a policy that writes chains with boxes; JUDGES: where nano-judge.mk runs
#     -> $(RUN)/shapes for score-reward --expert got-spa:janus:$(RUN)/shapes --spa-from shapes, and $(RUN)/text for --spa-from text
include $(dir $(lastword $(MAKEFILE_LIST)))head.mk.inc

RUN ?= run/nano-layout-judge

JUDGES ?= run/nano-judge
BASE ?= $(JUDGES)/judge
PLANS ?= run/got-r1-nano-1/plans
PROMPTS ?= 2000
CHAINS ?= 4
STEPS ?= 1500
BATCH ?= 64
LR ?= 2e-3
TEST_PROMPTS ?= 300

.PHONY: table
# Plans with the prompt they were made for, and with another of the task; of each prompt's chains, whose plans differ.
define others
group_by(.tag)[] | . as $$all | range(length) | $$all[.], ($$all[.] as $$one | $$all[(. + $$chains) % ($$all | length)] +
  {id: ("other-" + $$one.id), cot: $$one.cot})
endef
# What score-reward fills into its question.
define questions
.prompt as $$prompt | ([.cot | scan("<\\|obj_start\\|>(.*?)<\\|obj_end\\|>\\s*<\\|box_start\\|>\\((\\d+),(\\d+)\\),\\((\\d+),(\\d+)\\)<\\|box_end\\|>") |
  "\(.[0]): (\(.[1]),\(.[2])),(\(.[3]),\(.[4]))"] | join("\n")) as $$layout |
{id, image, question: ($$ask | rtrimstr("\n") | gsub("\\{layout\\}"; $$layout) | gsub("\\{prompt\\}"; $$prompt)), answer: (.exact * 10 | round | tostring)} |
if $$view == "text" then del(.image) else .answer = ($$seen[0][.id] // empty) + " score: " + .answer end
endef
define accuracy
def mean: add / length;
def round3: . * 1000 | round / 1000;
def correlation: map(.reward) as $$a | map(.exact) as $$b | ($$a | mean) as $$m | ($$b | mean) as $$n |
  ((([$$a[] | . - $$m | . * .] | add) * ([$$b[] | . - $$n | . * .] | add)) | sqrt) as $$spread |
  if $$spread == 0 then "-" else ([range(length) | ($$a[.] - $$m) * ($$b[.] - $$n)] | add) / $$spread | round3 end;
length as $$all | map(select(.reward != null)) | [$$view, $$all, $$all - length] +
  if length == 0 then ["-", "-"] else [(map(.reward - .exact | fabs) | mean | round3), correlation] end | @tsv
endef
export others questions accuracy

define planned
	shapes-world prompts --split $(1) --count $(2) --seed $(SEED)6 | \
	  sample-group --policy $(PLANS) --template got-r1 --group $(CHAINS) --max-prompt 160 --max-cot 200 --no-images --seed $(SEED) \
	    --threads $(THREADS) --out $(RUN)/drawn-$(1) | jq -c 'del(.image)' | \
	  jq -sc --argjson chains $(CHAINS) "$$others" | score-reward --expert got-spa:shapes | jq -c '.exact = .reward | del(.reward, .rewards)' | \
	  shapes-world layouts --out $(RUN)/layouts-$(1) --max-bad 1000000 > $(RUN)/plans-$(1).new 2> $(RUN)/malformed-$(1).txt || \
	  { tail -n 2 $(RUN)/malformed-$(1).txt >&2; exit 1; }
	mv $(RUN)/plans-$(1).new $(RUN)/plans-$(1).jsonl
endef
$(RUN)/plans-train.jsonl:
	mkdir -p $(RUN)
	$(call planned,train,$(PROMPTS))
$(RUN)/plans-test.jsonl:
	mkdir -p $(RUN)
	$(call planned,test,$(TEST_PROMPTS))

# What is seen on the drawn layouts; those without a shape are left out.
$(RUN)/seen.jsonl: $(RUN)/plans-train.jsonl
	caption-gen --annotator shapes --seed $(SEED) --max-bad 1000000 --resume --out $@ $(RUN)/layouts-train 2> $(RUN)/unseen.txt || \
	  { tail -n 2 $(RUN)/unseen.txt >&2; exit 1; }
$(RUN)/seen.json: $(RUN)/seen.jsonl
	jq -c '{(.id): .detailed_caption}' $< | jq -cs add > $@

ask = share/nano/judge-layout$(if $(filter text,$(1)),-text).txt
prompt_of = got-spa$(if $(filter text,$(1)),-text)=$(call ask,$(1))
$(JUDGES)/judge.done:
	$(MAKE) --no-print-directory -f $(dir $(lastword $(MAKEFILE_LIST)))nano-judge.mk $@ RUN=$(JUDGES)
$(RUN)/shapes.done: $(RUN)/seen.json
$(RUN)/%.done: $(RUN)/plans-train.jsonl $(if $(filter $(JUDGES)/%,$(BASE)),$(JUDGES)/judge.done)
	jq -c --arg view $* $(if $(filter shapes,$*),--slurpfile seen $(RUN)/seen.json,--argjson seen '[]') \
	  --rawfile ask $(call ask,$*) "$$questions" $< > $(RUN)/questions-$*.jsonl
	answer-sft --policy $(BASE) --out $(RUN)/$* --steps $(STEPS) --batch $(BATCH) --lr $(LR) --system '' --checkpoint-every 200 \
	  --weights-dtype bfloat16 --seed $(SEED) --threads $(THREADS) --input $(RUN)/questions-$*.jsonl --output $(RUN)/$*.jsonl
	touch $@
$(RUN)/judged-%.jsonl: $(RUN)/%.done $(RUN)/plans-test.jsonl
	score-reward --expert got-spa:janus:$(RUN)/$* --spa-from $* --judge-system '' --judge-prompt $(call prompt_of,$*) --batch 512 \
	  --input $(RUN)/plans-test.jsonl --output $@
table: $(RUN)/judged-shapes.jsonl $(RUN)/judged-text.jsonl
	@{ printf 'view\tplans\tunscored\tmean error\tcorrelation\n'; \
	  for view in shapes text; do jq -rs --arg view $$view "$$accuracy" $(RUN)/judged-$$view.jsonl; done; } | column -t -s $$'\t'
